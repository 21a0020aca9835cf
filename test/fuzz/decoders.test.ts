import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { PocketCortexError } from '../../src/model/errors.ts';
import { decodeOtlpJson } from '../../src/wire/otlp/decode-json.ts';
import { decodeOtlpProto } from '../../src/wire/otlp/decode-proto.ts';
import type { MetricsRequest } from '../../src/wire/otlp/metrics.ts';
import { translateMetrics } from '../../src/wire/otlp/translate.ts';
import { decodeReadRequest } from '../../src/wire/remote-read.ts';
import { decodeRemoteWrite } from '../../src/wire/remote-write.ts';
import { encodeRemoteWrite, STALE_VALUE } from '../../src/wire/remote-write-encode.ts';
import { decodeLabels } from '../../src/wire/remote-write-labels.ts';
import { decodeRemoteWriteV2 } from '../../src/wire/remote-write-v2.ts';
import { compressSnappy, decompressSnappy } from '../../src/wire/snappy.ts';
import { encodeOtlpProto } from '../support/otlp-encode.ts';
import { otlpPayloads } from '../support/otlp-payloads.ts';
import { encodeRemoteWriteV2 } from '../support/remote-write-v2.ts';
import { mutate, Random } from './mutate.ts';

/*
 * Real payloads, damaged: a decoder gives a value or refuses with an error of ours that has words. `FUZZ_RUNS` says how
 * many a decoder gets, `FUZZ_SEED` which.
 */

const runs = Number(process.env['FUZZ_RUNS'] ?? 1000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

/** What payloads may decode or decompress to, so that a small body that claims more is seen. */
const LIMIT_BYTES = 1 << 20;
/** Payloads take a few KB: whoever believes the lengths in them would be above by far. */
const GROWTH_LIMIT_BYTES = 96 << 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const labels = [
  ['__name__', 'http_requests_total'],
  ['instance', 'host:9090'],
  ['job', 'é'],
] as const;
const timestampMs = 1_700_000_000_000;
const histograms = [
  {
    ...{ timestampMs, isInteger: true, schema: 3, zeroThreshold: 0.001, zeroCount: 2, count: 14, sum: 18.4 },
    positiveSpans: [
      { offset: -2, length: 2 },
      { offset: 3, length: 1 },
    ],
    positiveCounts: [1, 5, 3],
    negativeSpans: [{ offset: 0, length: 1 }],
    negativeCounts: [3],
  },
  {
    ...{ timestampMs, isInteger: false, schema: -53, count: 3.5, sum: 2, customBounds: [0.5, 2] },
    positiveSpans: [{ offset: 1, length: 1 }],
    positiveCounts: [3.5],
  },
];
const exemplars = [{ labels: [['trace_id', 'abc']] as const, value: 0.5, timestampMs }];
const samples = [
  [timestampMs, 1.5],
  [timestampMs + 1, STALE_VALUE],
] as const;

const v1Payloads = [
  encodeRemoteWrite({ series: [{ labels, samples, exemplars }] }),
  encodeRemoteWrite({
    series: [{ labels, histograms }, ...Array.from({ length: 20 }, () => ({ labels, samples }))],
    metadata: [{ metric: 'http_requests_total', type: 'counter', help: 'Help.', unit: 'requests' }],
  }),
];
const v2Payloads = [
  encodeRemoteWriteV2({ series: [{ labels, samples: [[timestampMs, 1, timestampMs - 1000]], exemplars }] }),
  encodeRemoteWriteV2({
    series: [
      { labels, histograms, metadata: { type: 'histogram', help: 'Help.', unit: 'seconds' }, createdMs: 5 },
      ...Array.from({ length: 20 }, (_, i) => ({ labels: [...labels, ['i', `${i}`] as const], samples })),
    ],
  }),
];

const { root } = protobuf.parse(`syntax = "proto3";
  message ReadRequest { repeated Query queries = 1; repeated int32 accepted_response_types = 2; }
  message Query { int64 start_timestamp_ms = 1; int64 end_timestamp_ms = 2; repeated LabelMatcher matchers = 3; Hints hints = 4; }
  message LabelMatcher { int32 type = 1; string name = 2; string value = 3; }
  message Hints { int64 step_ms = 1; string func = 2; int64 start_ms = 3; int64 end_ms = 4; repeated string grouping = 5; bool by = 6; }`);
const ReadRequest = root.lookupType('ReadRequest');
const readQuery = {
  startTimestampMs: timestampMs,
  endTimestampMs: timestampMs + 60_000,
  matchers: [
    { type: 0, name: '__name__', value: 'm' },
    { type: 2, name: 'job', value: '(a|b).*[c-e]{2,5}' },
    { type: 3, name: 'x', value: '^y+$' },
  ],
  hints: { stepMs: 15_000, func: 'rate', startMs: 1, endMs: 2, grouping: ['job'], by: true },
};
const readPayloads = [
  ReadRequest.encode(
    ReadRequest.fromObject({ queries: [readQuery, readQuery], acceptedResponseTypes: [1, 0] }),
  ).finish(),
];

const otlp = otlpPayloads(timestampMs);
const otlpJsonPayloads = otlp.map(({ request }) => Buffer.from(JSON.stringify(request)));
const otlpProtoPayloads = otlp.map(({ request }) => encodeOtlpProto(request));

const text = Buffer.from('http_requests_total{job="api",instance="a"} 5 '.repeat(30));
const snappyPayloads = [compressSnappy(text), compressSnappy(v1Payloads[1]!), compressSnappy(Buffer.alloc(5000))];

function translate(request: MetricsRequest): void {
  translateMetrics(request, {
    ...{ metricSuffixes: true, targetInfo: true, deltaTemporality: true, allAttributes: true },
    ...{ promotedAttributes: ['service.name'], typeAndUnitLabels: true },
  });
}

const decoders: readonly (readonly [
  name: string,
  payloads: readonly Uint8Array[],
  decode: (body: Uint8Array) => void,
])[] = [
  [
    'remote write 1.0',
    v1Payloads,
    (body) => {
      const batch = decodeRemoteWrite(body);
      for (let i = 0; i < batch.seriesCount; i++) decodeLabels(batch.body, batch.labelsStart[i]!, batch.labelsEnd[i]!);
    },
  ],
  [
    'remote write 2.0',
    v2Payloads,
    (body) => {
      const options = { labelsLimitBytes: LIMIT_BYTES, typeAndUnitLabels: body.length % 2 === 0 };
      const batch = decodeRemoteWriteV2(body, { ...options, startTimestamps: true, exemplarOnlySeries: true });
      for (let i = 0; i < batch.seriesCount; i++) decodeLabels(batch.body, batch.labelsStart[i]!, batch.labelsEnd[i]!);
    },
  ],
  ['snappy', snappyPayloads, (body) => void decompressSnappy(body, LIMIT_BYTES)],
  ['a remote read request', readPayloads, (body) => void decodeReadRequest(body)],
  ['OTLP in protobuf', otlpProtoPayloads, (body) => translate(decodeOtlpProto(body))],
  ['OTLP in JSON', otlpJsonPayloads, (body) => translate(decodeOtlpJson(body))],
];

test.for(decoders)(
  '%s, damaged, is decoded or refused with words, in little memory',
  { timeout: 600_000 },
  ([name, payloads, decode]) => {
    const random = new Random(seed * 7919 + name.length);
    const refusals = new Map<string, number>();
    let accepted = 0;
    collectGarbage();
    const before = usedBytes();
    let growth = 0;
    for (let run = 0; run < runs; run++) {
      const body = mutate(payloads, random);
      try {
        decode(body);
        accepted += 1;
      } catch (error) {
        if (!(error instanceof PocketCortexError) || error.message.trim() === '') {
          throw new Error(`run ${run}, body ${Buffer.from(body).toString('hex')}`, { cause: error });
        }
        const kind = error.message.replaceAll(/\d+/g, 'N').slice(0, 30);
        refusals.set(kind, (refusals.get(kind) ?? 0) + 1);
      }
      if (run % 128 === 0) growth = Math.max(growth, usedBytes() - before);
    }
    collectGarbage();
    // Buffers are freed beside the program; the next collection waits for those of the last.
    collectGarbage();
    const kept = usedBytes() - before;
    // Damage that everything survives, or nothing, would test little.
    expect(accepted).toBeGreaterThan(0);
    expect(refusals.size).toBeGreaterThan(1);
    expect(growth).toBeLessThan(GROWTH_LIMIT_BYTES);
    expect(kept).toBeLessThan(GROWTH_LIMIT_BYTES / 4);
    if (process.env['FUZZ_REPORT']) {
      const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
      process.stdout.write(
        `${name}: ${runs} runs, ${accepted} accepted, ${refusals.size} kinds of refusal, up ${megabytes(growth)}, kept ${megabytes(kept)}\n`,
      );
    }
  },
);

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
