import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TextError } from '../../../src/wire/text/text-error.ts';
import { NOW_MS, readAll } from '../../support/text-batches.ts';

const real = `# HELP http_requests Requests, "all" of them.\\nReally.
# TYPE http_requests counter
http_requests_total{code="200",path="a\\\\b\\"c\\nd"} 1027 1700000000.5 # {trace_id="abc"} 1 1700000000.1
http_requests_total{code="200",path="a\\\\b\\"c\\nd"} 1028 1700000015.5
http_requests_total{code="500",path="é"} 3 1700000000.5
# TYPE latency_seconds histogram
# UNIT latency_seconds seconds
latency_seconds_bucket{le="1"} 2 1700000000 # {} 0.3
latency_seconds_bucket{le="+Inf"} 3 1700000000
latency_seconds_sum 1e-9 1700000000
{"my.gauge","l.b"="v"} NaN 1700000001.001
up -Inf
# EOF
`;

test('reads OpenMetrics text', () => {
  const { content, error, takenLines } = readAll(real);
  expect(error).toBeUndefined();
  expect(content).toEqual({
    samples: [
      '{__name__="http_requests_total", code="200", path="a\\\\b\\"c\\nd"} 1027 @1700000000500',
      '{__name__="http_requests_total", code="200", path="a\\\\b\\"c\\nd"} 1028 @1700000015500',
      '{__name__="http_requests_total", code="500", path="é"} 3 @1700000000500',
      '{__name__="latency_seconds_bucket", le="1"} 2 @1700000000000',
      '{__name__="latency_seconds_bucket", le="+Inf"} 3 @1700000000000',
      '{__name__="latency_seconds_sum"} 1e-9 @1700000000000',
      '{__name__="my.gauge", "l.b"="v"} NaN @1700000001001',
      '{__name__="up"} -Infinity @1700000000000',
    ],
    exemplars: [
      {
        series: '{__name__="http_requests_total", code="200", path="a\\\\b\\"c\\nd"}',
        labels: [['trace_id', 'abc']],
        value: 1,
        timestampMs: 1_700_000_000_100,
      },
      // Without a time of its own it has that of its sample.
      { series: '{__name__="latency_seconds_bucket", le="1"}', labels: [], value: 0.3, timestampMs: NOW_MS },
    ],
    metadata: [
      { metric: 'http_requests', type: 'counter', help: 'Requests, "all" of them.\nReally.', unit: '' },
      { metric: 'latency_seconds', type: 'histogram', help: '', unit: 'seconds' },
    ],
    histograms: 0,
  });
  expect(takenLines).toBe(13);
});

test('reads the same however the bytes are cut', () => {
  const whole = readAll(real).content;
  for (let chunkBytes = 1; chunkBytes < 80; chunkBytes++) expect(readAll(real, {}, chunkBytes).content).toEqual(whole);
});

describe('samples', () => {
  test.for([
    ['prometheus', 'up 1 1700000000500', '{__name__="up"} 1 @1700000000500'],
    ['prometheus', 'up 1 -5', '{__name__="up"} 1 @-5'],
    ['prometheus', '  up\t{ a = "b" , }  1\t7 ', '{__name__="up", a="b"} 1 @7'],
    ['prometheus', 'a:b{} +Inf', '{__name__="a:b"} Infinity @1700000000000'],
    ['prometheus', '{__name__="up",a=""} 0x', undefined],
    ['prometheus', '{__name__="up",a=""} 1', '{__name__="up"} 1 @1700000000000'],
    ['prometheus', '{"a b", "c\\"d"="e\\x"} nan', '{__name__="a b", "c\\"d"="e\\\\x"} NaN @1700000000000'],
    ['prometheus', 'up 1\r', '{__name__="up"} 1 @1700000000000'],
    ['prometheus', 'up 123456789012345678901234567890', '{__name__="up"} 1.2345678901234568e+29 @1700000000000'],
    ['openmetrics', 'up 1 1.0015\n# EOF', '{__name__="up"} 1 @1002'],
    ['openmetrics', 'up 1 -1.001\n# EOF', '{__name__="up"} 1 @-1001'],
    ['openmetrics', 'up 1 1e3\n# EOF', '{__name__="up"} 1 @1000000'],
  ] as const)('reads as %s %j', ([format, text, expected]) => {
    expect(readAll(text, { format }).content.samples).toEqual(expected === undefined ? [] : [expected]);
  });

  test('keep every bit of what is printed', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.integer({ min: -4e12, max: 4e12 }), (value, timestampMs) => {
        const { samples } = readAll(`x ${Object.is(value, -0) ? '-0' : value} ${timestampMs / 1000}\n# EOF`).content;
        expect(samples).toEqual([`{__name__="x"} ${Object.is(value, -0) ? '-0' : value} @${timestampMs}`]);
      }),
    );
  });

  test('of a series whose name is the beginning of another one stay apart', () => {
    const text = 'up{a="1"} 1 1\nup{a="12"} 2 1\nup 3 1\nup {a="1"} 4 1\nup2 5 1\n';
    expect(readAll(text, { format: 'prometheus' }).content.samples).toEqual([
      '{__name__="up", a="1"} 1 @1',
      '{__name__="up", a="12"} 2 @1',
      '{__name__="up"} 3 @1',
      '{__name__="up", a="1"} 4 @1',
      '{__name__="up2"} 5 @1',
    ]);
  });

  test('come in batches of a bounded size, none lost', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `x{i="${i % 7 === 0 ? i : 'same'}"} ${i} ${i}\n`);
    const { content, batchCount, takenLines } = readAll(lines.join(''), { format: 'prometheus' }, 1000);
    expect(batchCount).toBe(3);
    expect(takenLines).toBe(20_000);
    expect(content.samples.map((text) => Number(text.split('@')[1]))).toEqual(lines.map((_, i) => i));
  });
});

describe('metadata', () => {
  test('is put together by family, whatever the order of its comments, and remarks are passed over', () => {
    const text = `# A remark.
#
#HELP no comment of a family either
# TYPE a gauge
# HELP a
# HELP b About b.
# TYPE "c.d e" untyped
c 1
`;
    expect(readAll(text, { format: 'prometheus' }).content.metadata).toEqual([
      { metric: 'a', type: 'gauge', help: '', unit: '' },
      { metric: 'b', type: 'unknown', help: 'About b.', unit: '' },
      { metric: 'c.d e', type: 'unknown', help: '', unit: '' },
    ]);
  });
});

describe('a mistake is told with its place', () => {
  test.for([
    ['up', 'line 1, column 3: a value is missing'],
    ['up x', 'line 1, column 4: "x" is no number'],
    ['up 0x1p3', 'line 1, column 4: "0x1p3" is no number'],
    ['ok 1\n\né 1', 'line 3, column 1: a metric name is expected, not "é 1"'],
    ['up{a="é",b} 1', 'line 1, column 11: = is expected behind the name of a label'],
    ['up{a=b} 1', "line 1, column 6: a label's value stands in quotes"],
    ['up{a="b} 1', 'line 1, column 6: the quote is not closed'],
    ['up{a="b" c="d"} 1', 'line 1, column 10: a comma or a closing brace is expected'],
    ['up{a="b"', 'line 1, column 9: a closing brace is missing'],
    ['up{"down"} 1', 'line 1, column 5: the metric has a name already'],
    ['{a="b"} 1', 'line 1, column 1: a metric name is missing'],
    ['up{""="b"} 1', 'line 1, column 5: a label without a name'],
    ['up 1 1.5', 'line 1, column 6: "1.5" is no time in milliseconds'],
    ['up 1 1e300', 'line 1, column 6: "1e300" is no time in milliseconds'],
    ['up 1 5 6', 'line 1, column 8: unexpected "6"'],
    ['up 1 5 # {a="b"}', "line 1, column 17: an exemplar's value is missing or no number"],
    ['up 1 5 # a', 'line 1, column 10: an exemplar begins with its labels in braces'],
    ['up 1 5 # {a="b"} 1 2 3', 'line 1, column 22: unexpected "3"'],
    ['# TYPE up speed', 'line 1, column 1: "speed" is no type of metric'],
    ['# TYPE', 'line 1, column 1: a comment of a family names its metric'],
    [`up ${'1'.repeat(1 << 20)}`, 'line 1, column 1: the line is longer than 1048576 bytes'],
  ] as const)('in %j', ([text, message]) => {
    const { error } = readAll(text, { format: 'prometheus' });
    expect(error).toBeInstanceOf(TextError);
    expect((error as TextError).message).toBe(message);
  });

  test.for([
    ['up 1', 'line 2, column 1: OpenMetrics text has to end with # EOF'],
    ['up 1\n# EOF\n\nup 2', 'line 4, column 1: nothing may follow # EOF'],
    ['up 1 x', 'line 1, column 6: "x" is no time in seconds'],
  ] as const)('in OpenMetrics, in %j', ([text, message]) => {
    expect((readAll(text).error as TextError).message).toBe(message);
  });

  test('in bytes that are no UTF-8', () => {
    const text = Buffer.concat([Buffer.from('up{a="'), Uint8Array.of(0xff), Buffer.from('"} 1')]);
    expect((readAll(text, { format: 'prometheus' }).error as TextError).message).toBe(
      'line 1, column 6: no valid UTF-8',
    );
  });

  test('and what came before it was read', () => {
    const { content, takenLines } = readAll('# TYPE a gauge\na 1 5\na x\na 2\n', { format: 'prometheus' });
    expect(content).toEqual({
      samples: ['{__name__="a"} 1 @5'],
      exemplars: [],
      metadata: [{ metric: 'a', type: 'gauge', help: '', unit: '' }],
      histograms: 0,
    });
    expect(takenLines).toBe(2);
  });
});

test('goes on behind the lines that it is told to skip', () => {
  const text = `no sense at all {\n${'x'.repeat(3 << 20)}\na 1 5\na 2 6\n`;
  for (const chunkBytes of [7, 1000, Infinity]) {
    const { content, takenLines, error } = readAll(text, { format: 'prometheus', skipLines: 3 }, chunkBytes);
    expect({ error, takenLines, samples: content.samples }).toEqual({
      error: undefined,
      takenLines: 4,
      samples: ['{__name__="a"} 2 @6'],
    });
  }
});

test('whatever bytes come, it ends in a batch or in an error with a place', () => {
  const bytes = Buffer.from(real);
  const mutations = fc.array(
    fc.record({
      at: fc.nat({ max: bytes.length - 1 }),
      byte: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...Buffer.from('{}",=#\\\n 1e'))),
      cut: fc.nat({ max: 9 }),
    }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(mutations, fc.integer({ min: 1, max: 300 }), (changes, chunkBytes) => {
      let mutated: Uint8Array = Uint8Array.from(bytes);
      for (const { at, byte, cut } of changes) {
        if (at >= mutated.length) continue;
        mutated[at] = byte;
        if (cut > 5) mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(at + cut)]);
      }
      for (const format of ['openmetrics', 'prometheus'] as const) {
        const { error } = readAll(mutated, { format }, chunkBytes);
        if (error === undefined) continue;
        expect(error).toBeInstanceOf(TextError);
        expect((error as TextError).message).toMatch(/^line \d+, column \d+: ./);
      }
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 2000) },
  );
});
