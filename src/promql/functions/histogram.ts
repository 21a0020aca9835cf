import { ABSENT, createStepColumn, FLOAT, type StepColumn } from '../../model/columns.ts';
import { parseGoFloat } from '../../model/go-float.ts';
import { quoteGo } from '../../model/go-quote.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { type Buckets, bucketFraction, bucketQuantile, createBuckets, type Repair } from '../kernels/buckets.ts';
import { forEachSeries } from '../operators/label-work.ts';
import { dropMetricName } from '../operators/metric-name.ts';
import { forMetric, formatG, informAt, warnAt, warnOfBadQuantiles } from './annotate.ts';
import type { FunctionContext, MapFunction, MaterialisedVector, PromqlFunction, VectorFunctionInput } from './types.ts';

const BUCKET_LABEL = 'le';

/** Functions over classic histograms: series of cumulative buckets that differ in `le`. */
export const histogramFunctions = {
  histogram_quantile: {
    kind: 'vector',
    *apply(input, context) {
      const quantiles = input.scalars[0]!;
      warnOfBadQuantiles(context, 0, quantiles, () => true);
      return yield* histogramQuantile(input, context, quantiles, 1);
    },
  },
  /** Of 3.14: a series for each quantile, which stands in a label. */
  histogram_quantiles: {
    kind: 'vector',
    *apply(input, context) {
      const labels: Labels[] = [];
      const columns: StepColumn[] = [];
      for (const [index, quantiles] of input.scalars.entries()) {
        warnOfBadQuantiles(context, index + 2, quantiles, () => true);
        const result = yield* histogramQuantile(input, context, quantiles, 0);
        // A quantile that changes from step to step makes a series of each of its values.
        for (const quantile of new Set(quantiles)) {
          yield* forEachSeries(result.labels, (own, series) => {
            labels.push(own.with(input.strings[0]!, openMetricsFloat(quantile)));
            columns.push(whereQuantileIs(quantile, quantiles, result.columns[series]!));
          });
        }
      }
      return { labels, columns };
    },
  },
  histogram_fraction: {
    kind: 'vector',
    apply(input, context) {
      const [lower, upper] = input.scalars as [Float64Array, Float64Array];
      return evaluateGroups(input, context, 2, (buckets, step) => bucketFraction(lower[step]!, upper[step]!, buckets));
    },
  },
  histogram_count: nativeOnly(),
  histogram_sum: nativeOnly(),
  histogram_avg: nativeOnly(),
  histogram_stddev: nativeOnly(),
  histogram_stdvar: nativeOnly(),
} as const satisfies Record<string, PromqlFunction>;

/** Of native histograms only: floats, classic buckets among them, give nothing. */
function nativeOnly(): MapFunction {
  return { kind: 'map', keepsMetricName: false, apply: ({ present }) => present.fill(ABSENT) };
}

function whereQuantileIs(quantile: number, quantiles: Float64Array, { values, present }: StepColumn): StepColumn {
  const part = { values, present: Uint8Array.from(present) };
  for (let step = 0; step < quantiles.length; step++) {
    if (!Object.is(quantiles[step], quantile)) part.present[step] = ABSENT;
  }
  return part;
}

/** As OpenMetrics writes numbers in labels: a whole one keeps `.0`. */
function openMetricsFloat(value: number): string {
  const text = formatG(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function* histogramQuantile(
  input: VectorFunctionInput,
  context: FunctionContext,
  quantiles: Float64Array,
  vectorArgument: number,
): Work<MaterialisedVector> {
  const repairs = new Map<string, RepairLog>();
  const repair: Repair = { isForced: false, lowestBound: 0, highestBound: 0, largestDifference: 0 };
  const result = yield* evaluateGroups(input, context, vectorArgument, (buckets, step, group) => {
    repair.isForced = false;
    repair.lowestBound = Infinity;
    repair.highestBound = -Infinity;
    repair.largestDifference = 0;
    const quantile = bucketQuantile(quantiles[step]!, buckets, repair);
    if (repair.isForced) logRepair(repairs, group.labels, repair, step, context);
    return quantile;
  });
  for (const [metricName, log] of repairs) {
    informAt(context, context.argSpans[vectorArgument]!, repairText(metricName, log, context));
  }
  return result;
}

/** One classic histogram: its series, ascending by upper bound. */
interface BucketGroup {
  /** Of the histogram: without `le`. */
  readonly labels: Labels;
  readonly bounds: number[];
  readonly columns: StepColumn[];
}

/** Calls `resultOf` for every histogram at every step where it has a bucket; `buckets` are there to be changed. */
function* evaluateGroups(
  input: VectorFunctionInput,
  context: FunctionContext,
  vectorArgument: number,
  resultOf: (buckets: Buckets, step: number, group: BucketGroup) => number,
): Work<MaterialisedVector> {
  const groups = yield* groupBuckets(input, context, vectorArgument);
  const keepsName = context.features?.delayedNameRemoval === true;
  const stepCount = context.grid.count;
  const columns: StepColumn[] = [];
  const labels: Labels[] = [];
  let mostBuckets = 0;
  for (const { bounds } of groups) mostBuckets = Math.max(mostBuckets, bounds.length);
  const buckets = createBuckets(mostBuckets);
  for (const group of groups) {
    const out = createStepColumn(stepCount);
    for (let step = 0; step < stepCount; step++) {
      gatherBuckets(group, step, buckets);
      if (buckets.count === 0) continue;
      out.values[step] = resultOf(buckets, step, group);
      out.present[step] = FLOAT;
    }
    columns.push(out);
    labels.push(keepsName ? group.labels : dropMetricName(group.labels));
    yield;
  }
  return { labels, columns };
}

function gatherBuckets({ bounds, columns }: BucketGroup, step: number, into: Buckets): void {
  let count = 0;
  for (let i = 0; i < bounds.length; i++) {
    const { values, present } = columns[i]!;
    if (present[step] !== FLOAT) continue;
    into.bounds[count] = bounds[i]!;
    into.counts[count] = values[step]!;
    count += 1;
  }
  into.count = count;
}

function* groupBuckets(
  input: VectorFunctionInput,
  context: FunctionContext,
  vectorArgument: number,
): Work<BucketGroup[]> {
  const byHistogram = new Map<string, { labels: Labels; series: { bound: number; column: StepColumn }[] }>();
  yield* forEachSeries(input.labels, (labels, i) => {
    const column = input.columns[i]!;
    if (!column.present.includes(FLOAT)) return;
    const bound = parseBound(labels.get(BUCKET_LABEL));
    if (bound === undefined) {
      const metricName = context.features?.delayedNameRemoval ? labels.metricName : '';
      warnAt(
        context,
        context.argSpans[vectorArgument]!,
        `bucket label "le" is missing or has a malformed value of ${quoteGo(labels.get(BUCKET_LABEL))}${forMetric(metricName)}`,
      );
      return;
    }
    const histogram = labels.with(BUCKET_LABEL, '');
    const group = byHistogram.get(histogram.key);
    if (group) group.series.push({ bound, column });
    else byHistogram.set(histogram.key, { labels: histogram, series: [{ bound, column }] });
  });
  const groups: BucketGroup[] = [];
  for (const { labels, series } of byHistogram.values()) {
    series.sort((a, b) => (a.bound < b.bound ? -1 : a.bound > b.bound ? 1 : 0));
    groups.push({ labels, bounds: series.map(({ bound }) => bound), columns: series.map(({ column }) => column) });
    yield;
  }
  return groups;
}

/** Go refuses a number that is too large for a float; ours reads it as infinity. */
function parseBound(text: string): number | undefined {
  const bound = parseGoFloat(text);
  return bound !== undefined && !Number.isFinite(bound) && /\d/.test(text) ? undefined : bound;
}

/** What was repaired in all histograms of a name, as Prometheus tells it since 3.11. */
interface RepairLog {
  lowestBound: number;
  highestBound: number;
  largestDifference: number;
  count: number;
  firstStep: number;
  lastStep: number;
}

function logRepair(
  repairs: Map<string, RepairLog>,
  labels: Labels,
  { lowestBound, highestBound, largestDifference }: Repair,
  step: number,
  context: FunctionContext,
): void {
  const metricName = context.features?.delayedNameRemoval ? labels.metricName : '';
  const log = repairs.get(metricName);
  if (!log) {
    repairs.set(metricName, {
      lowestBound,
      highestBound,
      largestDifference,
      count: 1,
      firstStep: step,
      lastStep: step,
    });
    return;
  }
  log.lowestBound = Math.min(log.lowestBound, lowestBound);
  log.highestBound = Math.max(log.highestBound, highestBound);
  log.largestDifference = Math.max(log.largestDifference, largestDifference);
  log.count += 1;
  log.firstStep = Math.min(log.firstStep, step);
  log.lastStep = Math.max(log.lastStep, step);
}

function repairText(metricName: string, log: RepairLog, { grid, features }: FunctionContext): string {
  const text = `input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)${forMetric(metricName)}`;
  if (!features?.prometheus314) return text;
  const bounds = `from buckets ${formatG(log.lowestBound)} to ${formatG(log.highestBound)}`;
  const difference = `with a max diff of ${formatG(Number(log.largestDifference.toPrecision(2)))}`;
  const times = `over ${log.count} samples from ${formatTime(grid.startMs + log.firstStep * grid.stepMs)} to ${formatTime(grid.startMs + log.lastStep * grid.stepMs)}`;
  return `${text}, ${bounds}, ${difference}, ${times}`;
}

/** RFC 3339 without fractions. */
function formatTime(timeMs: number): string {
  return `${new Date(Math.trunc(timeMs / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
