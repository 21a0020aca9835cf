import { type SampleValue, type SeriesMessage, STALE_VALUE } from '../../../src/wire/remote-write-encode.ts';
import { createDice, type Dice } from './dice.ts';
import { nativeHistograms } from './histogram-data.ts';

/** All samples lie in `[DATA_START_MS, DATA_END_MS]`. The start is no round number: `@` and steps meet samples by chance only. */
export const DATA_START_MS = 1_700_000_003_000;
export const DATA_END_MS = DATA_START_MS + 50 * 60_000;

const scrapeMs = 15_000;

type Samples = (readonly [timestampMs: number, value: SampleValue])[];

/** Every kind of series that PromQL treats in its own way, sorted by labels: that is the order in which servers make them. */
export function generateData(seed: number): SeriesMessage[] {
  const dice = createDice(seed);
  const series = [
    ...counters(dice),
    ...gauges(dice),
    ...targets(dice),
    ...oddValues(dice),
    ...buckets(dice),
    ...brokenBuckets(dice),
    ...sparse(dice),
    ...dates(dice),
    ...distinct(dice),
    ...strangeLabels(dice),
    ...nativeHistograms(dice, (own) => scrapes(own, () => 0).map(([timestampMs]) => timestampMs)),
  ].filter(({ samples, histograms = [] }) => samples!.length + histograms.length > 0);
  const keyed = series.map((one) => ({ one, key: one.labels.flat().join('\u0000') }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ one }) => one);
}

function seriesOf(labels: Readonly<Record<string, string>>, samples: Samples): SeriesMessage {
  return { labels: Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)), samples };
}

const jobs = ['api', 'db', 'web'];
const instances = ['a:1', 'b:2', 'c:3'];

function eachTarget<Result>(visit: (job: string, instance: string) => Result[]): Result[] {
  return jobs.flatMap((job) => instances.flatMap((instance) => visit(job, instance)));
}

/** The times of scrapes: exactly every 15 s, or with jitter, with scrapes missed and longer gaps, some ended by a marker. */
function scrapes(dice: Dice, valueAt: (index: number) => SampleValue): Samples {
  const samples: Samples = [];
  const jitterMs = dice.pick([0, 0, 40, 6000]);
  const phaseMs = dice.pick([0, 0, 7000, 11_234]);
  const missed = dice.pick([0, 0, 0.1, 0.5]);
  let index = 0;
  let gapUntilMs = 0;
  for (let timeMs = DATA_START_MS + phaseMs; timeMs <= DATA_END_MS - jitterMs; timeMs += scrapeMs, index++) {
    const value = valueAt(index);
    if (timeMs < gapUntilMs || dice.chance(missed)) continue;
    const timestampMs = timeMs + dice.below(jitterMs + 1);
    if (dice.chance(0.02)) {
      gapUntilMs = timeMs + dice.pick([30_000, 150_000, 290_000, 310_000, 700_000]);
      if (dice.chance(0.6)) samples.push([timestampMs, STALE_VALUE]);
      continue;
    }
    samples.push([timestampMs, value]);
  }
  return samples;
}

function counterValues(dice: Dice): () => number {
  const growth = dice.pick([1, 3, 0.1, 1000, 1e12]);
  const reset = dice.pick([0, 0, 0.02, 0.1]);
  const isWhole = dice.chance(0.5);
  let value = dice.chance(0.5) ? 0 : growth * 1000 * dice.fraction();
  return () => {
    if (dice.chance(reset)) value = dice.chance(0.5) ? 0 : growth * dice.fraction();
    else if (dice.chance(0.8)) value += isWhole ? Math.floor(growth * 10 * dice.fraction()) : growth * dice.fraction();
    return value;
  };
}

function counters(dice: Dice): SeriesMessage[] {
  return eachTarget((job, instance) =>
    ['200', '404', '500'].flatMap((code) =>
      dice.chance(0.15)
        ? []
        : [seriesOf({ __name__: 'requests_total', job, instance, code }, scrapes(dice, counterValues(dice)))],
    ),
  );
}

function gauges(dice: Dice): SeriesMessage[] {
  const walk = (scale: number) => {
    let value = scale * (dice.fraction() - 0.3);
    return () => {
      value += scale * 0.2 * (dice.fraction() - 0.5);
      return value;
    };
  };
  return eachTarget((job, instance) => [
    seriesOf({ __name__: 'temperature', job, instance, zone: dice.pick(['x', 'y']) }, scrapes(dice, walk(40))),
    ...(dice.chance(0.7)
      ? [
          seriesOf(
            { __name__: 'memory_bytes', job, instance },
            scrapes(dice, () => Math.floor(dice.fraction() * 2 ** 34)),
          ),
        ]
      : []),
    // Few values, so that they repeat and tie.
    seriesOf(
      { __name__: 'level', job, instance },
      scrapes(dice, () => dice.below(4) - 1),
    ),
  ]);
}

/** `up`, and the two kinds of series that carry labels for joins. */
function targets(dice: Dice): SeriesMessage[] {
  return eachTarget((job, instance) => [
    seriesOf(
      { __name__: 'up', job, instance },
      scrapes(dice, () => (dice.chance(0.9) ? 1 : 0)),
    ),
    seriesOf(
      { __name__: 'build_info', job, instance, version: dice.pick(['1.0', '2.0']), arch: 'arm' },
      everyScrape(1),
    ),
    ...(dice.chance(0.8)
      ? [
          seriesOf(
            { __name__: 'target_info', job, instance, cloud: dice.pick(['north', 'south']), rack: `r${dice.below(3)}` },
            everyScrape(1),
          ),
        ]
      : []),
  ]);
}

function everyScrape(value: number): Samples {
  const samples: Samples = [];
  for (let timeMs = DATA_START_MS; timeMs <= DATA_END_MS; timeMs += scrapeMs) samples.push([timeMs, value]);
  return samples;
}

function oddValues(dice: Dice): SeriesMessage[] {
  const kinds: Readonly<Record<string, readonly SampleValue[]>> = {
    nan: [NaN],
    'nan-sometimes': [NaN, 1, 2, 3],
    infinite: [Infinity],
    'infinite-sometimes': [Infinity, -Infinity, 1, 5],
    zeros: [0, -0],
    huge: [1.7e308, -1.7e308, 1e300],
    tiny: [5e-324, 1e-310, -1e-300],
    mixed: [1e16, 1, -1e16, 0.1],
    stale: [STALE_VALUE, 1, 2],
    everything: [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, 1e-7, 1e21, 123456789.125, STALE_VALUE],
    halves: [0.5, 1.5, -0.5, -1.5, 2.5, -2.5],
  };
  return Object.entries(kinds).map(([kind, values]) =>
    seriesOf(
      { __name__: 'odd', kind, job: dice.pick(jobs) },
      scrapes(dice, () => dice.pick(values)),
    ),
  );
}

const bounds = ['0.1', '0.5', '1', '2.5', '10', '+Inf'];

/** Classic histograms as clients write them, with their `_sum` and `_count`. */
function buckets(dice: Dice): SeriesMessage[] {
  return eachTarget((job, instance) => {
    if (instance === 'c:3') return [];
    const counts = bounds.map(() => 0);
    const history: number[][] = [];
    for (let scrape = 0; scrape <= (DATA_END_MS - DATA_START_MS) / scrapeMs; scrape++) {
      if (dice.chance(0.005)) counts.fill(0);
      const observed = dice.below(bounds.length + 2);
      for (let bound = observed; bound < bounds.length; bound++) counts[bound]! += 1 + dice.below(5);
      for (let bound = 1; bound < bounds.length; bound++) counts[bound] = Math.max(counts[bound]!, counts[bound - 1]!);
      history.push([...counts]);
    }
    const last = bounds.length - 1;
    return [
      ...bounds.map((le, bound) =>
        seriesOf(
          { __name__: 'latency_bucket', job, instance, le },
          scrapes(dice, (index) => history[index]?.[bound] ?? 0),
        ),
      ),
      seriesOf(
        { __name__: 'latency_count', job, instance },
        scrapes(dice, (index) => history[index]?.[last] ?? 0),
      ),
      seriesOf(
        { __name__: 'latency_sum', job, instance },
        scrapes(dice, (index) => (history[index]?.[last] ?? 0) * 0.7),
      ),
    ];
  });
}

/** Histograms that a server has to repair, to warn of, or to refuse. */
function brokenBuckets(dice: Dice): SeriesMessage[] {
  const shapes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
    falling: { '0.1': 5, '1': 3, '10': 9, '+Inf': 8 },
    'falling-slightly': { '0.1': 5, '1': 5 - 1e-13, '10': 9, '+Inf': 9 },
    unbounded: { '0.1': 1, '1': 2 },
    'only-infinite': { '+Inf': 4 },
    'not-a-number': { abc: 1, '1': 2, '+Inf': 3 },
    'same-twice': { '1': 2, '1.0': 3, '+Inf': 6 },
    empty: { '0.1': 0, '1': 0, '+Inf': 0 },
    negative: { '-10': 1, '-1': 4, '0': 6, '5': 8, '+Inf': 8 },
    'negative-only': { '-10': 2, '-1': 4, '+Inf': 4 },
    nan: { '0.1': NaN, '1': 2, '+Inf': NaN },
    'infinite-count': { '1': 2, '+Inf': Infinity },
  };
  return Object.entries(shapes).flatMap(([shape, counts]) =>
    Object.entries(counts).map(([le, count]) =>
      seriesOf(
        { __name__: 'broken_bucket', shape, le },
        scrapes(dice, () => count),
      ),
    ),
  );
}

/** Few samples, some further apart than the lookback. */
function sparse(dice: Dice): SeriesMessage[] {
  const timesMs: Readonly<Record<string, readonly number[]>> = {
    once: [1_200_000],
    twice: [1_000_000, 1_090_500],
    'lookback-apart': [0, 300_000, 600_000, 900_001, 1_200_000, 1_500_000],
    slowly: Array.from({ length: 12 }, (_, index) => index * 240_000 + dice.below(200_000)),
    'bursts-of-three': [0, 1, 2, 600_000, 600_001, 600_002, 1_800_000, 1_800_500, 1_801_000],
    'ends-stale': [300_000, 315_000, 330_000],
  };
  return Object.entries(timesMs).map(([kind, offsetsMs], index) => {
    const samples: Samples = offsetsMs.map((offsetMs) => [
      DATA_START_MS + offsetMs,
      Math.round(dice.fraction() * 100) / 4,
    ]);
    if (kind === 'ends-stale') samples.push([DATA_START_MS + 345_000, STALE_VALUE]);
    return seriesOf({ __name__: 'sparse', kind, job: jobs[index % jobs.length]! }, samples);
  });
}

/** Times in Unix seconds, years apart, around turns of months and leap days. */
function dates(dice: Dice): SeriesMessage[] {
  const moments = [0, 951_782_399, 951_782_400, 1_709_164_800, 1_709_251_199.5, 1_735_689_599, -86_401, 4_102_444_800];
  return ['one', 'two'].map((kind) =>
    seriesOf(
      { __name__: 'moment_seconds', kind },
      scrapes(dice, () => (dice.chance(0.5) ? dice.pick(moments) : Math.floor(dice.fraction() * 4e9))),
    ),
  );
}

/** No two values are ever the same: a ranking of them has one answer. */
function distinct(dice: Dice): SeriesMessage[] {
  const ranks = Array.from({ length: 8 }, (_, index) => index);
  return ranks.map((rank) =>
    seriesOf(
      { __name__: 'distinct', job: jobs[rank % jobs.length]!, rank: `${rank}` },
      scrapes(dice, () => (dice.below(1000) - 500) * ranks.length + rank + 0.25),
    ),
  );
}

function strangeLabels(dice: Dice): SeriesMessage[] {
  const values = ['', ' ', 'a.b', 'ünïcode', '"quoted"', 'back\\slash', 'two\nlines', '{}', 'A', 'a'];
  return values.map((text, index) =>
    seriesOf(
      { __name__: 'labelled', n: `${index % 4}`, text: text || 'none', _under: `u${index}` },
      scrapes(dice, counterValues(dice)),
    ),
  );
}
