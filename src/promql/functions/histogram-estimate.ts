import { createStepColumn, FLOAT, HISTOGRAM, type StepColumn } from '../../model/columns.ts';
import { parseGoFloat } from '../../model/go-float.ts';
import { quoteGo } from '../../model/go-quote.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { Work } from '../../model/work.ts';
import { type Buckets, createBuckets } from '../kernels/buckets.ts';
import { forEachSeries } from '../operators/label-work.ts';
import { dropMetricName } from '../operators/metric-name.ts';
import { forMetric, warnAt } from './annotate.ts';
import type { FunctionContext, MaterialisedVector, VectorFunctionInput } from './types.ts';

const BUCKET_LABEL = 'le';

/** How to estimate a number from a histogram of either kind; `labels` are the histogram's, with its name. */
export interface Estimator {
  /** `buckets` are there to be changed. */
  readonly ofClassic: (buckets: Buckets, step: number, labels: Labels) => number;
  readonly ofNative: (histogram: NativeHistogram, step: number, labels: Labels) => number;
}

/** The metric's name where it has not left yet, for annotations. */
export function nameKept(labels: Labels, { features }: FunctionContext): string {
  return features?.delayedNameRemoval ? labels.metricName : '';
}

/** One classic histogram: its series, ascending by upper bound. */
interface BucketGroup {
  /** Of the histogram: without `le`. */
  readonly labels: Labels;
  readonly bounds: number[];
  readonly columns: StepColumn[];
  /** Where a native histogram has the same labels. */
  readonly mixedSteps: Set<number>;
}

/**
 * Estimates a number from every histogram at every step where it is. Where a classic and a native one have the same
 * labels, there is nothing, and a warning.
 */
export function* estimate(
  input: VectorFunctionInput,
  context: FunctionContext,
  vectorArgument: number,
  { ofClassic, ofNative }: Estimator,
): Work<MaterialisedVector> {
  const groups = yield* groupBuckets(input, context, vectorArgument);
  const keepsName = context.features?.delayedNameRemoval === true;
  const stepCount = context.grid.count;
  const columns: StepColumn[] = [];
  const labels: Labels[] = [];
  const add = (ownLabels: Labels, out: StepColumn): void => {
    columns.push(out);
    labels.push(keepsName ? ownLabels : dropMetricName(ownLabels));
  };
  let mostBuckets = 0;
  for (const { bounds } of groups.values()) mostBuckets = Math.max(mostBuckets, bounds.length);
  const buckets = createBuckets(mostBuckets);
  for (const [series, column] of input.columns.entries()) {
    if (!column.histograms || !column.present.includes(HISTOGRAM)) continue;
    const ownLabels = input.labels[series]!;
    const classic = groups.get(ownLabels.key);
    const out = createStepColumn(stepCount);
    for (let step = 0; step < stepCount; step++) {
      if (column.present[step] !== HISTOGRAM) continue;
      if (classic) gatherBuckets(classic, step, buckets);
      if (classic && buckets.count > 0) {
        const text = `vector contains a mix of classic and native histograms${forMetric(nameKept(ownLabels, context))}`;
        warnAt(context, context.argSpans[vectorArgument]!, text);
        classic.mixedSteps.add(step);
        continue;
      }
      out.values[step] = ofNative(column.histograms[step]!, step, ownLabels);
      out.present[step] = FLOAT;
    }
    add(ownLabels, out);
    yield;
  }
  for (const group of groups.values()) {
    const out = createStepColumn(stepCount);
    for (let step = 0; step < stepCount; step++) {
      gatherBuckets(group, step, buckets);
      if (buckets.count === 0 || group.mixedSteps.has(step)) continue;
      out.values[step] = ofClassic(buckets, step, group.labels);
      out.present[step] = FLOAT;
    }
    add(group.labels, out);
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

/** By the key of their labels. */
function* groupBuckets(
  input: VectorFunctionInput,
  context: FunctionContext,
  vectorArgument: number,
): Work<Map<string, BucketGroup>> {
  const byHistogram = new Map<string, { labels: Labels; series: { bound: number; column: StepColumn }[] }>();
  yield* forEachSeries(input.labels, (labels, i) => {
    const column = input.columns[i]!;
    if (!column.present.includes(FLOAT)) return;
    const bound = parseBound(labels.get(BUCKET_LABEL));
    if (bound === undefined) {
      warnAt(
        context,
        context.argSpans[vectorArgument]!,
        `bucket label "le" is missing or has a malformed value of ${quoteGo(labels.get(BUCKET_LABEL))}${forMetric(nameKept(labels, context))}`,
      );
      return;
    }
    const histogram = labels.with(BUCKET_LABEL, '');
    const group = byHistogram.get(histogram.key);
    if (group) group.series.push({ bound, column });
    else byHistogram.set(histogram.key, { labels: histogram, series: [{ bound, column }] });
  });
  const groups = new Map<string, BucketGroup>();
  for (const [key, { labels, series }] of byHistogram) {
    series.sort((a, b) => (a.bound < b.bound ? -1 : a.bound > b.bound ? 1 : 0));
    const bounds = series.map(({ bound }) => bound);
    groups.set(key, { labels, bounds, columns: series.map(({ column }) => column), mixedSteps: new Set() });
    yield;
  }
  return groups;
}

/** Go refuses a number that is too large for a float; ours reads it as infinity. */
function parseBound(text: string): number | undefined {
  const bound = parseGoFloat(text);
  return bound !== undefined && !Number.isFinite(bound) && /\d/.test(text) ? undefined : bound;
}
