import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PocketCortexError } from '../../../src/model/errors.ts';
import { decodeOtlpJson } from '../../../src/wire/otlp/decode-json.ts';
import { decodeOtlpProto } from '../../../src/wire/otlp/decode-proto.ts';
import { failureOf } from '../../support/failure.ts';
import { encodeOtlpProto } from '../../support/otlp-encode.ts';
import { otlpPayloads } from '../../support/otlp-payloads.ts';

const payloads = otlpPayloads(1_700_000_000_123);
const json = (text: string) => Buffer.from(text);

test.for(payloads)('$name is the same in both forms', ({ request }) => {
  const fromProto = decodeOtlpProto(encodeOtlpProto(request));
  expect(comparable(fromProto)).toEqual(comparable(decodeOtlpJson(json(JSON.stringify(request)))));
  expect(fromProto.length).toBeGreaterThan(0);
});

test('times are cut off to milliseconds, however large they are', () => {
  const body = (time: string) =>
    json(
      `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"timeUnixNano":${time}}]}}]}]}]}`,
    );
  for (const [time, timestampMs] of [
    ['"1700000000123999999"', 1_700_000_000_123],
    ['1700000000123000000', 1_700_000_000_123],
    ['"0"', 0],
  ] as const) {
    expect(decodeOtlpJson(body(time))[0]!.metrics[0]!.data).toMatchObject({ points: [{ timestampMs }] });
  }
});

test('names of fields may be those of the protocol file, and unknown fields are passed over', () => {
  const body = json(
    '{"surprise":[{"a":"\\"}"},1e3,null,true],"resource_metrics":[{"scope_metrics":[{"metrics":[{"name":"m","to_string":1,"constructor":{}}]}]}]}',
  );
  expect(decodeOtlpJson(body)).toEqual([
    { attributes: [], metrics: [{ name: 'm', description: '', unit: '', data: { kind: 'empty' } }] },
  ]);
});

describe('refuses JSON', () => {
  test.for([
    [
      'of nothing',
      '',
      'ReadObject: expect { or , or } or n, but found \u0000, error found in #0 byte of ...||..., bigger context ...||...',
    ],
    [
      'that breaks off',
      '{"resourceMetrics":',
      'ReadArray: expect [ or , or ] or n, but found \u0000, error found in #10 byte of ...|eMetrics":|..., bigger context ...|{"resourceMetrics":|...',
    ],
    [
      'of another kind',
      '[1]',
      'ReadObject: expect { or , or } or n, but found [, error found in #1 byte of ...|[1]|..., bigger context ...|[1]|...',
    ],
    [
      'with a number for a text',
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":5}]}]}]}',
      expect.stringContaining('ReadString: expects " or n, but found 5'),
    ],
    [
      'with a text for an array',
      '{"resourceMetrics":"x"}',
      expect.stringContaining('ReadArray: expect [ or , or ] or n, but found "'),
    ],
    ['nested without end', `{"x":${'['.repeat(1000)}`, expect.stringContaining('exceeded max depth')],
    [
      'with an id that is none',
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{"exemplars":[{"traceId":"zz"}]}]}}]}]}]}',
      expect.stringContaining('parse TraceID'),
    ],
  ] as const)('%s', ([, text, message]) => {
    expect(failureOf(() => decodeOtlpJson(json(text)))).toEqual({ code: 'malformed-body', message });
  });
});

test('refuses attributes nested without end', () => {
  let value: Record<string, unknown> = { stringValue: 'x' };
  for (let depth = 0; depth < 200; depth++) value = { arrayValue: { values: [value] } };
  const body = encodeOtlpProto({ resourceMetrics: [{ resource: { attributes: [{ key: 'a', value }] } }] });
  expect(failureOf(() => decodeOtlpProto(body))).toMatchObject({ code: 'malformed-body' });
});

describe('a damaged body is decoded or refused, never more', () => {
  const damage = (length: number) =>
    fc.array(fc.tuple(fc.nat(Math.max(0, length - 1)), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const survives = (decode: (body: Uint8Array) => unknown, body: Uint8Array) =>
    fc.assert(
      fc.property(damage(body.length), (changes) => {
        const damaged = Uint8Array.from(body);
        for (const [at, byte] of changes) damaged[at] = byte;
        try {
          decode(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(PocketCortexError);
        }
      }),
      { numRuns: 200 },
    );

  test.for(payloads)('$name', ({ request }) => {
    survives(decodeOtlpProto, encodeOtlpProto(request));
    survives(decodeOtlpJson, json(JSON.stringify(request)));
  });
});

/** Bytes of both kinds compare alike. */
function comparable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}n` : one)));
}
