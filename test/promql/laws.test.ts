import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SeriesPoint } from '../../grammar/series-notation.ts';
import { ABSENT } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import type { QueryValue } from '../../src/model/query-result.ts';
import { FAKE_TENANT } from '../../src/model/tenant.ts';
import { MemorySource } from '../../src/pocket/promtest/memory-source.ts';
import { Engine } from '../../src/promql/engine.ts';

const tenant = FAKE_TENANT;
const STEP_MS = 10_000;
const POINT_COUNT = 12;
const grid = { startMs: 0, endMs: POINT_COUNT * STEP_MS, stepMs: STEP_MS };

const point: fc.Arbitrary<SeriesPoint> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 4 }).map((value) => ({ kind: 'float', value }) as const) },
  { weight: 2, arbitrary: fc.constant({ kind: 'absent' } as const) },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'stale' } as const, { kind: 'float', value: NaN } as const) },
);
const points = fc.array(point, { minLength: POINT_COUNT, maxLength: POINT_COUNT });

/** Two metrics over a few targets: some joins have partners, some have several, some none. */
const series = fc.record({
  __name__: fc.constantFrom('a_total', 'b'),
  x: fc.constantFrom('1', '2', ''),
  y: fc.constantFrom('p', 'q'),
});

/** A short lookback lets gaps show. Now and then samples lie between the steps. */
const engine = fc
  .uniqueArray(fc.tuple(series, points, fc.constantFrom(0, 3_000)), {
    minLength: 1,
    maxLength: 8,
    selector: ([labels]) => Labels.fromRecord(labels).key,
  })
  .map((loaded) => {
    const source = new MemorySource();
    for (const [labels, values, startMs] of loaded) {
      source.addPoints(Labels.fromRecord(labels), values, { startMs, stepMs: STEP_MS });
    }
    return new Engine({ source, lookbackMs: 25_000, defaultStepMs: STEP_MS, maxSamples: 1_000_000 });
  });

const { expr } = fc.letrec<{ expr: string }>((tie) => {
  const inner = tie('expr');
  const unary = (format: (text: string) => string): fc.Arbitrary<string> => inner.map(format);
  const binary = (...operators: string[]): fc.Arbitrary<string> =>
    fc.tuple(inner, fc.constantFrom(...operators), inner).map(([left, op, right]) => `(${left}) ${op} (${right})`);
  return {
    expr: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'expr' },
      fc.constantFrom('a_total', 'b', '{x="1"}', 'b{y="p"}', 'a_total offset 10s', 'b @ 50', 'vector(time())'),
      // Of equal values topk takes the first, and only selectors have their series in the same order at every step.
      fc.constantFrom('topk by (x) (1, b)', 'bottomk(2, {y="p"})', 'count_values by (y) ("v", a_total)'),
      fc.constantFrom('rate(a_total[30s])', 'max_over_time(b[20s])', 'last_over_time({x=""}[15s])', 'b offset -5s'),
      unary((text) => `sum by (x) (${text})`),
      unary((text) => `max without (y) (${text})`),
      unary((text) => `avg(${text})`),
      unary((text) => `quantile by (y) (0.3, ${text})`),
      unary((text) => `-(${text})`),
      unary((text) => `(${text}) > 1`),
      unary((text) => `2 <= bool (${text})`),
      unary((text) => `timestamp(${text})`),
      unary((text) => `absent(${text})`),
      unary((text) => `sum_over_time((${text})[30s:10s])`),
      unary((text) => `last_over_time((${text})[20s:5s] offset 10s)`),
      unary((text) => `sum_over_time((${text})[20s:10s] @ 60)`),
      unary((text) => `label_replace(${text}, "x", "z", "y", "p")`),
      unary((text) => `vector(scalar(${text}))`),
      binary('and', 'or', 'unless on (x)', '+', '> on (x, y)', '* on (x) group_left (y)', '== on (y) group_right'),
    ),
  };
});

type Column = ReadonlyMap<string, number>;
type Outcome = { readonly columns: readonly Column[] } | { readonly error: string };

/** The series at every step of the grid, by their labels. */
async function evaluateRange(over: Engine, query: string): Promise<Outcome> {
  try {
    const { value } = await over.range({ tenant, query, ...grid });
    return { columns: Array.from({ length: POINT_COUNT + 1 }, (_, step) => columnAt(value, step)) };
  } catch (error) {
    return { error: String(error) };
  }
}

function columnAt(value: QueryValue, step: number): Column {
  const column = new Map<string, number>();
  if (value.kind === 'vector')
    for (const [i, labels] of value.labels.entries()) column.set(`${labels}`, value.values[i]!);
  if (value.kind !== 'matrix') return column;
  for (const { labels, column: steps } of value.series) {
    if (steps.present[step] !== ABSENT) column.set(`${labels}`, steps.values[step]!);
  }
  return column;
}

async function evaluateInstant(over: Engine, query: string, timeMs: number): Promise<Column | undefined> {
  try {
    return columnAt((await over.instant({ tenant, query, timeMs })).value, 0);
  } catch {
    return undefined;
  }
}

test('a range query is an instant query at each of its steps', async () => {
  await fc.assert(
    fc.asyncProperty(engine, expr, async (over, query) => {
      const range = await evaluateRange(over, query);
      for (let step = 0; step <= POINT_COUNT; step++) {
        const instant = await evaluateInstant(over, query, step * STEP_MS);
        // What fails at a step fails the whole; ranges fail more often, over series that only meet in their labels.
        if ('columns' in range) expect(instant && rounded(instant)).toEqual(rounded(range.columns[step]!));
      }
    }),
    { numRuns: 300 },
  );
});

test.for([
  ['(a_total and b) or (a_total unless b)', 'a_total'],
  ['topk(100, b)', 'b'],
  ['a_total + on (x, y) b', 'b + on (x, y) a_total'],
  ['a_total * on (x) group_left b', 'b * on (x) group_right a_total'],
  ['count(b)', 'sum(count_values("v", b))'],
  ['sum(b)', 'sum(sum by (x) (b))'],
  ['max(b)', '-min(-b)'],
  ['quantile(1, b)', 'max(b)'],
  ['absent(b)', 'absent(count(b))'],
  ['b and a_total', 'b unless (b unless a_total)'],
  ['b > 2', 'b unless (b <= 2 or b != b)'],
  ['sum_over_time(a_total[30s:10s])', 'count_over_time(a_total[30s:10s]) * avg_over_time(a_total[30s:10s])'],
  ['b @ 40', 'last_over_time((b @ 40)[1s:1s])'],
  ['timestamp(b)', 'timestamp(last_over_time(b[25s])) - (timestamp(b + 0) - timestamp(b))'],
] as const)('%s is %s', async ([left, right]) => {
  await fc.assert(
    fc.asyncProperty(engine, async (over) => {
      const [a, b] = [await evaluateRange(over, left), await evaluateRange(over, right)];
      if ('error' in a || 'error' in b) expect('error' in a).toBe('error' in b);
      else expect(withoutNames(a.columns)).toEqual(withoutNames(b.columns));
    }),
    { numRuns: 60 },
  );
});

/** One side of a law often has the metric name, the other not. */
function withoutNames(columns: readonly Column[]): readonly (readonly [string, number][])[] {
  return columns.map((column) =>
    rounded(column)
      .map(([labels, value]): [string, number] => [labels.replace(/__name__="\w+"(, )?/, ''), value])
      .sort(),
  );
}

/** Sorted, and without the last digits: sums depend on the order of their terms. */
function rounded(column: Column): [string, number][] {
  return [...column].map(([labels, value]): [string, number] => [labels, Math.round(value * 1e9) / 1e9]).sort();
}

test.for(['b', 'rate(a_total[30s])', 'sum_over_time(b[20s])', 'timestamp(b)'])(
  '%s moved by an offset, or held by @, is what it is at that time',
  async (query) => {
    const moved = (suffix: string): string => query.replace(/(\[\d+s\]|b(?=\)|$))/, `$1 ${suffix}`);
    await fc.assert(
      fc.asyncProperty(engine, fc.integer({ min: -40, max: 40 }), async (over, offsetSeconds) => {
        const atMs = 60_000;
        const plain = await evaluateInstant(over, query, atMs - offsetSeconds * 1000);
        expect(await evaluateInstant(over, moved(`offset ${offsetSeconds}s`), atMs)).toEqual(plain);
        expect(await evaluateInstant(over, moved(`@ ${60 - offsetSeconds}`), atMs)).toEqual(plain);
        // Times of samples are read with the offset and looked up without it.
        const both = moved(`offset ${offsetSeconds}s @ 60`);
        if (!query.startsWith('timestamp(')) expect(await evaluateInstant(over, both, 5_000)).toEqual(plain);
      }),
      { numRuns: 60 },
    );
  },
);

test('a range function sees the samples that the range selector gives', async () => {
  await fc.assert(
    fc.asyncProperty(engine, fc.integer({ min: 1, max: 50 }), async (over, rangeSeconds) => {
      const range = await evaluateRange(over, `count_over_time(b[${rangeSeconds}s])`);
      for (let step = 0; step <= POINT_COUNT; step++) {
        const { value } = await over.instant({ tenant, query: `b[${rangeSeconds}s]`, timeMs: step * STEP_MS });
        const counted = new Map<string, number>();
        if (value.kind === 'raw-matrix') {
          for (const { labels, samples } of value.series) counted.set(`${labels.withoutMetricName()}`, samples.count);
        }
        expect('columns' in range && range.columns[step]).toEqual(counted);
      }
    }),
    { numRuns: 60 },
  );
});
