import type { CounterResetHint } from '../../../src/model/native-histogram.ts';
import type { HistogramMessage } from '../../../src/wire/histogram-encode.ts';
import type { SeriesMessage } from '../../../src/wire/remote-write-encode.ts';
import type { Dice } from './dice.ts';

type Point = Omit<HistogramMessage, 'timestampMs'>;

/** What a histogram that goes on looks like, until it changes its shape. */
interface Shape {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly customBounds: readonly number[];
}

const boundSets = [
  [0.1, 0.5, 1, 2.5, 10],
  [0.1, 0.5, 1, 2.5, 10],
  [0.5, 1, 5, 10],
  [-1, 0, 1],
];

/** Native histograms of all kinds: counters that grow and are reset, gauges, such as change their shape, floats between them. */
export function nativeHistograms(dice: Dice, timesMs: (dice: Dice) => readonly number[]): SeriesMessage[] {
  const series: SeriesMessage[] = [];
  for (const job of ['api', 'db', 'web']) {
    for (const instance of ['a:1', 'b:2', 'c:3']) {
      const labels = { job, instance };
      series.push(
        growing(dice, { __name__: 'duration_seconds', ...labels }, timesMs(dice), exponential(dice), 'unknown'),
        growing(dice, { __name__: 'inflight', ...labels }, timesMs(dice), exponential(dice), 'gauge'),
        growing(dice, { __name__: 'size_bytes', ...labels }, timesMs(dice), custom(boundSets[0]!), 'unknown'),
      );
    }
    series.push(
      growing(dice, { __name__: 'changing', job, kind: 'schema' }, timesMs(dice), exponential(dice), 'unknown', 0.05),
      growing(
        dice,
        { __name__: 'changing', job, kind: 'bounds' },
        timesMs(dice),
        custom(dice.pick(boundSets)),
        'unknown',
      ),
      ...withFloats(
        dice,
        growing(dice, { __name__: 'changing', job, kind: 'floats' }, timesMs(dice), exponential(dice), 'unknown'),
      ),
    );
  }
  // Beside a classic histogram of the same labels.
  series.push(
    growing(
      dice,
      { __name__: 'latency_bucket', instance: 'a:1', job: 'api' },
      timesMs(dice),
      exponential(dice),
      'unknown',
    ),
  );
  return series;
}

function exponential(dice: Dice): Shape {
  return { schema: dice.pick([0, 0, 1, 3, -1]), zeroThreshold: dice.pick([0, 0.001, 0.001, 0.5]), customBounds: [] };
}

function custom(customBounds: readonly number[]): Shape {
  return { schema: -53, zeroThreshold: 0, customBounds };
}

/** `changes` is how often it takes another shape, which only happens with a reset. */
function growing(
  dice: Dice,
  labels: Readonly<Record<string, string>>,
  timesMs: readonly number[],
  first: Shape,
  counterResetHint: CounterResetHint,
  changes = 0,
): SeriesMessage {
  const isInteger = dice.chance(0.6);
  const reset = dice.pick([0, 0.01, 0.05]);
  const hasNegative = first.schema !== -53 && dice.chance(0.3);
  const isFalling = counterResetHint === 'gauge';
  let shape = first;
  let counts = base(shape);
  let zeroCount = 0;
  let sum = 0;
  const histograms = timesMs.map((timestampMs): HistogramMessage => {
    if (dice.chance(0.01)) return { timestampMs, isInteger, isStale: true, schema: 0, count: 0, sum: 0 };
    const isChanging = dice.chance(changes);
    if (isChanging) shape = exponential(dice);
    if (isChanging || dice.chance(reset)) {
      counts = base(shape);
      zeroCount = 0;
      sum = 0;
    }
    // Always something new: whether two that are equal are a change depends on where a chunk of Prometheus ends.
    for (let observed = 1 + dice.below(5); observed > 0; observed--) {
      const amount = isInteger ? 1 + dice.below(20) : Math.round(dice.fraction() * 400) / 16;
      if (shape.schema !== -53 && dice.chance(0.1)) zeroCount += amount;
      else {
        const index =
          shape.schema === -53
            ? dice.below(shape.customBounds.length + 1)
            : (1 + dice.below(8)) * (hasNegative && dice.chance(0.4) ? -1 : 1);
        const before = counts.get(index) ?? 0;
        counts.set(index, isFalling && dice.chance(0.4) ? Math.max(0, before - amount) : before + amount);
      }
      sum += amount * (dice.fraction() - (hasNegative ? 0.5 : 0)) * 4;
    }
    return { timestampMs, ...pointOf(shape, counts, zeroCount), sum, isInteger, counterResetHint };
  });
  return { labels: pairsOf(labels), samples: [], histograms };
}

/**
 * What a counter has before anything is seen of it: so much that its zero point is far away, for there is a difference
 * between versions in what becomes of rates near to it.
 */
function base({ schema, customBounds }: Shape): Map<number, number> {
  const indexes = Array.from({ length: schema === -53 ? customBounds.length + 1 : 8 }, (_, index) => index);
  return new Map(indexes.map((index) => [schema === -53 ? index : index + 1, 2000]));
}

/** Positive indexes are of positive buckets (of custom ones from 0 on), negative ones of negative buckets. */
function pointOf(
  shape: Shape,
  counts: ReadonlyMap<number, number>,
  zeroCount: number,
): Omit<Point, 'sum' | 'isInteger'> {
  const sides = { positive: [] as [number, number][], negative: [] as [number, number][] };
  let count = zeroCount;
  for (const [index, bucketCount] of counts) {
    if (index < 0) sides.negative.push([-index, bucketCount]);
    else sides.positive.push([index, bucketCount]);
    count += bucketCount;
  }
  return {
    ...shape,
    zeroCount,
    count,
    ...sideOf('positive', sides.positive),
    ...sideOf('negative', sides.negative),
  };
}

function sideOf(side: 'positive' | 'negative', counts: [index: number, count: number][]): Partial<Point> {
  const sorted = counts.sort(([a], [b]) => a - b);
  let next = 0;
  const spans = sorted.map(([index]) => {
    const offset = index - next;
    next = index + 1;
    return { offset, length: 1 };
  });
  const values = sorted.map(([, count]) => count);
  return side === 'positive'
    ? { positiveSpans: spans, positiveCounts: values }
    : { negativeSpans: spans, negativeCounts: values };
}

/** Every now and then a run of floats instead of histograms: each run as a series of its own, to be sent in their order. */
function withFloats(dice: Dice, { labels, histograms = [] }: SeriesMessage): SeriesMessage[] {
  const runs: { labels: SeriesMessage['labels']; samples: [number, number][]; histograms: HistogramMessage[] }[] = [];
  let isFloat = true;
  for (const histogram of histograms) {
    if (runs.length === 0 || dice.chance(0.1)) {
      isFloat = !isFloat;
      runs.push({ labels, samples: [], histograms: [] });
    }
    const run = runs.at(-1)!;
    if (isFloat) run.samples.push([histogram.timestampMs, dice.below(1000)]);
    else run.histograms.push(histogram);
  }
  return runs;
}

function pairsOf(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}
