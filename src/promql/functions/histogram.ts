import { ABSENT, FLOAT, histogramAt, type StepColumn } from '../../model/columns.ts';
import { formatFloatCompact } from '../../model/go-float.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { histogramFraction } from '../../model/native-histogram-fraction.ts';
import { histogramQuantile } from '../../model/native-histogram-quantile.ts';
import { histogramVariance } from '../../model/native-histogram-spread.ts';
import type { Work } from '../../model/work.ts';
import { bucketFraction, bucketQuantile, type Repair } from '../kernels/buckets.ts';
import { forEachSeries } from '../operators/label-work.ts';
import { forMetric, informAt, warnOfBadQuantiles } from './annotate.ts';
import { estimate, nameKept } from './histogram-estimate.ts';
import type { FunctionContext, MapFunction, MaterialisedVector, PromqlFunction, VectorFunctionInput } from './types.ts';

/** Functions over histograms: native ones, and classic ones, which are series of cumulative buckets that differ in `le`. */
export const histogramFunctions = {
  histogram_quantile: {
    kind: 'vector',
    *apply(input, context) {
      const quantiles = input.scalars[0]!;
      warnOfBadQuantiles(context, 0, quantiles, () => true);
      return yield* quantileOfEach(input, context, quantiles, 1);
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
        const result = yield* quantileOfEach(input, context, quantiles, 0);
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
      return estimate(input, context, 2, {
        ofClassic: (buckets, step) => bucketFraction(lower[step]!, upper[step]!, buckets),
        ofNative: (histogram, step, labels) => {
          const { value, hasNan } = histogramFraction(lower[step]!, upper[step]!, histogram);
          if (hasNan) {
            const text = 'input to histogram_fraction has NaN observations, which are excluded from all fractions';
            informOfNan(text, labels, context, 2);
          }
          return value;
        },
      });
    },
  },
  histogram_count: nativeOnly(({ count }) => count),
  histogram_sum: nativeOnly(({ sum }) => sum),
  histogram_avg: nativeOnly(({ sum, count }) => sum / count),
  histogram_stddev: nativeOnly((histogram) => Math.sqrt(histogramVariance(histogram))),
  histogram_stdvar: nativeOnly(histogramVariance),
} as const satisfies Record<string, PromqlFunction>;

/** Of native histograms only: floats, classic buckets among them, give nothing. */
function nativeOnly(numberOf: (histogram: NativeHistogram) => number): MapFunction {
  return {
    kind: 'map',
    keepsMetricName: false,
    apply(column) {
      const { values, present } = column;
      for (let step = 0; step < present.length; step++) {
        const histogram = histogramAt(column, step);
        if (histogram) values[step] = numberOf(histogram);
        present[step] = histogram ? FLOAT : ABSENT;
      }
      column.histograms = undefined;
    },
  };
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
  const text = formatFloatCompact(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function* quantileOfEach(
  input: VectorFunctionInput,
  context: FunctionContext,
  quantiles: Float64Array,
  vectorArgument: number,
): Work<MaterialisedVector> {
  const repairs = new Map<string, RepairLog>();
  const repair: Repair = { isForced: false, lowestBound: 0, highestBound: 0, largestDifference: 0 };
  const result = yield* estimate(input, context, vectorArgument, {
    ofClassic(buckets, step, labels) {
      repair.isForced = false;
      repair.lowestBound = Infinity;
      repair.highestBound = -Infinity;
      repair.largestDifference = 0;
      const quantile = bucketQuantile(quantiles[step]!, buckets, repair);
      if (repair.isForced) logRepair(repairs, labels, repair, step, context);
      return quantile;
    },
    ofNative(histogram, step, labels) {
      const { value, nanEffect } = histogramQuantile(quantiles[step]!, histogram);
      if (nanEffect !== 'none') {
        const effect = nanEffect === 'result' ? 'result is NaN' : 'result is skewed higher';
        informOfNan(`input to histogram_quantile has NaN observations, ${effect}`, labels, context, vectorArgument);
      }
      return value;
    },
  });
  for (const [metricName, log] of repairs) {
    informAt(context, context.argSpans[vectorArgument]!, repairText(metricName, log, context));
  }
  return result;
}

/** Engines before 3.14 tell the place of the first argument. */
function informOfNan(text: string, labels: Labels, context: FunctionContext, vectorArgument: number): void {
  const { features } = context;
  const span = context.argSpans[features?.prometheus314 ? vectorArgument : 0]!;
  informAt(context, span, `${text}${forMetric(nameKept(labels, context))}`);
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
  const metricName = nameKept(labels, context);
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
  const bounds = `from buckets ${formatFloatCompact(log.lowestBound)} to ${formatFloatCompact(log.highestBound)}`;
  const difference = `with a max diff of ${formatFloatCompact(Number(log.largestDifference.toPrecision(2)))}`;
  const times = `over ${log.count} samples from ${formatTime(grid.startMs + log.firstStep * grid.stepMs)} to ${formatTime(grid.startMs + log.lastStep * grid.stepMs)}`;
  return `${text}, ${bounds}, ${difference}, ${times}`;
}

/** RFC 3339 without fractions. */
function formatTime(timeMs: number): string {
  return `${new Date(Math.trunc(timeMs / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
