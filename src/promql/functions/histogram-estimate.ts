import { ColumnMaker } from '../../model/column-maker.ts';
import { FLOAT, HISTOGRAM, type StepColumn } from '../../model/columns.ts';
import { quoteGo } from '../../model/go-quote.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { Work } from '../../model/work.ts';
import { type Buckets, createBuckets } from '../kernels/buckets.ts';
import { dropMetricName } from '../operators/metric-name.ts';
import { forMetric, warnAt } from './annotate.ts';
import { BUCKET_LABEL, type BucketLayout, bucketLayout } from './bucket-layout.ts';
import type { FunctionContext, MaterialisedVector, VectorFunctionInput } from './types.ts';

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

/** One classic histogram: those of its series that have values, ascending by upper bound. */
interface BucketGroup {
  readonly bounds: readonly number[];
  readonly columns: readonly StepColumn[];
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
  const layout = yield* bucketLayout(input.labels);
  warnOfMalformed(layout, input, context, vectorArgument);
  const keepsName = context.features?.delayedNameRemoval === true;
  const stepCount = context.grid.count;
  const maker = new ColumnMaker(stepCount);
  const buckets = createBuckets(Math.max(0, ...layout.members.map(({ length }) => length)));
  const columns: StepColumn[] = [];
  const labels: Labels[] = [];
  /** Where a native histogram has the labels of a classic one. */
  const mixedSteps = new Map<number, Set<number>>();
  for (const [series, column] of input.columns.entries()) {
    if (!column.histograms || !column.present.includes(HISTOGRAM)) continue;
    const ownLabels = input.labels[series]!;
    const number = layout.byKey.get(ownLabels.key);
    const classic = number === undefined ? undefined : groupOf(layout, number, input.columns);
    const mixed = new Set<number>();
    const out = maker.create();
    for (let step = 0; step < stepCount; step++) {
      if (column.present[step] !== HISTOGRAM) continue;
      if (classic) gatherBuckets(classic, step, buckets);
      if (classic && buckets.count > 0) {
        const text = `vector contains a mix of classic and native histograms${forMetric(nameKept(ownLabels, context))}`;
        warnAt(context, context.argSpans[vectorArgument]!, text);
        mixed.add(step);
        continue;
      }
      out.values[step] = ofNative(column.histograms[step]!, step, ownLabels);
      out.present[step] = FLOAT;
    }
    if (number !== undefined) mixedSteps.set(number, mixed);
    columns.push(out);
    labels.push(keepsName ? ownLabels : dropMetricName(ownLabels));
    yield;
  }
  for (const [number, ownLabels] of layout.labels.entries()) {
    const group = groupOf(layout, number, input.columns);
    const mixed = mixedSteps.get(number);
    const out = maker.create();
    for (let step = 0; step < stepCount; step++) {
      gatherBuckets(group, step, buckets);
      if (buckets.count === 0 || mixed?.has(step)) continue;
      out.values[step] = ofClassic(buckets, step, ownLabels);
      out.present[step] = FLOAT;
    }
    columns.push(out);
    yield;
  }
  const ofClassics = keepsName ? layout.labels : layout.unnamed;
  // The very list, as what is made of it may be known.
  return { labels: labels.length === 0 ? ofClassics : [...labels, ...ofClassics], columns };
}

function groupOf({ members, bounds }: BucketLayout, number: number, columns: readonly StepColumn[]): BucketGroup {
  const group = { bounds: [] as number[], columns: [] as StepColumn[] };
  for (const series of members[number]!) {
    const column = columns[series]!;
    if (!column.present.includes(FLOAT)) continue;
    group.bounds.push(bounds[series]!);
    group.columns.push(column);
  }
  return group;
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

function warnOfMalformed(
  { malformed }: BucketLayout,
  { labels, columns }: VectorFunctionInput,
  context: FunctionContext,
  vectorArgument: number,
): void {
  for (const series of malformed) {
    if (!columns[series]!.present.includes(FLOAT)) continue;
    const own = labels[series]!;
    const text = `bucket label "le" is missing or has a malformed value of ${quoteGo(own.get(BUCKET_LABEL))}`;
    warnAt(context, context.argSpans[vectorArgument]!, `${text}${forMetric(nameKept(own, context))}`);
  }
}
