import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRun, SeriesRuns, withoutSeries } from '../../src/storage/series-runs.ts';

type Series = readonly [seriesRef: number, pairs: readonly number[]];

const pairNumber = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 40 }));
const pairsOfSeries = fc.array(pairNumber, { maxLength: 12 });

/** Series with numbers that mostly follow each other. */
const someSeries = fc
  .array(fc.tuple(fc.constantFrom(1, 1, 1, 1, 1, 3), pairsOfSeries), { maxLength: 40 })
  .map((steps) => {
    let seriesRef = 0;
    return steps.map(([step, pairs]): Series => {
      seriesRef += step;
      return [seriesRef, pairs];
    });
  });

function runsOf(series: readonly Series[]): { firstRef: number; count: number; run: Uint8Array }[] {
  const runs = new SeriesRuns();
  for (const [seriesRef, pairs] of series) {
    runs.series(seriesRef, pairs.length);
    for (const pair of pairs) runs.pair(pair);
  }
  const found: { firstRef: number; count: number; run: Uint8Array }[] = [];
  runs.forEach((firstRef, count, run) => {
    found.push({ firstRef, count, run: run.slice() });
  });
  return found;
}

function seriesIn(firstRef: number, run: Uint8Array): Series[] {
  const found: Series[] = [];
  readRun(firstRef, run, (seriesRef, pairs) => found.push([seriesRef, pairs.slice()]));
  return found;
}

test('runs give back the series that were put into them, those without labels too', () => {
  fc.assert(
    fc.property(someSeries, (series) => {
      const runs = runsOf(series);
      expect(runs.flatMap(({ firstRef, run }) => seriesIn(firstRef, run))).toEqual(series);
      expect(runs.reduce((sum, { count }) => sum + count, 0)).toBe(series.length);
    }),
  );
});

test('what is left of a run has its numbers still, and again when more goes', () => {
  fc.assert(
    fc.property(someSeries, fc.func(fc.constantFrom(0, 1, 2)), (series, roundOf) => {
      for (const { firstRef, count, run } of runsOf(series)) {
        let left: { readonly run: Uint8Array; readonly count: number } = { run, count };
        let expected = seriesIn(firstRef, run);
        for (const round of [1, 2]) {
          const gone = new Set(expected.map(([seriesRef]) => seriesRef).filter((ref) => roundOf(ref) === round));
          expected = expected.filter(([seriesRef]) => !gone.has(seriesRef));
          left = withoutSeries(firstRef, left.run, gone);
          expect(left.count).toBe(expected.length);
          if (left.count === 0) break;
          expect(seriesIn(firstRef, left.run)).toEqual(expected);
        }
      }
    }),
  );
});

test('series that follow each other take one row for some hundred', () => {
  const series = Array.from({ length: 1300 }, (_, i): Series => [i + 1, [1, i + 2]]);
  expect(runsOf(series).map(({ firstRef, count }) => [firstRef, count])).toEqual([
    [1, 512],
    [513, 512],
    [1025, 276],
  ]);
});
