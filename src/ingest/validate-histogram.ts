import type { TenantLimits } from '../limits/limits.ts';
import { formatFloatCompact, formatFloatFixed } from '../model/go-float.ts';
import {
  type BucketCounts,
  CUSTOM_BUCKETS_SCHEMA,
  MAX_EXPONENTIAL_SCHEMA,
  MIN_EXPONENTIAL_SCHEMA,
  NativeHistogram,
  NO_BUCKETS,
} from '../model/native-histogram.ts';
import { reduceResolution } from '../model/native-histogram-buckets.ts';
import { type BucketSpan, indexesOfSpans } from '../model/native-histogram-spans.ts';
import type { BatchHistogram } from '../model/write-batch.ts';
import { type FlatLabels, formatSeries, quoteShort } from './series-text.ts';
import type { Refusal } from './validate-series.ts';

export type HistogramVerdict =
  | { readonly kind: 'valid'; readonly histogram: NativeHistogram }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * Turns a histogram as it came into a value, at a coarser resolution where the tenant's limit on buckets asks for it, or
 * says what is wrong with it, in the order in which Cortex's distributor looks. `series` is asked for in errors only.
 */
export function validateHistogram(
  sent: BatchHistogram,
  limits: TenantLimits,
  series: () => FlatLabels,
): HistogramVerdict {
  const metric = () => quoteShort(formatSeries(series()));
  const { schema, sizeBytes } = sent;
  const sizeLimit = limits.maxNativeHistogramSampleSizeBytes;
  if (sizeLimit > 0 && sizeBytes > sizeLimit) {
    return refused(
      'native_histogram_sample_size_bytes_exceeded',
      `native histogram sample size bytes exceeded for metric (actual: ${sizeBytes}, limit: ${sizeLimit}) metric: ${metric()}`,
    );
  }
  const isCustom = schema === CUSTOM_BUCKETS_SCHEMA;
  if (!isCustom && (schema < MIN_EXPONENTIAL_SCHEMA || schema > MAX_EXPONENTIAL_SCHEMA)) {
    return refused(
      'native_histogram_invalid_schema',
      `invalid native histogram schema ${schema} for metric: ${metric()}. supported schema from ${MIN_EXPONENTIAL_SCHEMA} to ${MAX_EXPONENTIAL_SCHEMA}`,
    );
  }
  const fault = isCustom ? customFault(sent) : exponentialFault(sent);
  if (fault !== undefined) {
    return refused(
      'native_histogram_invalid',
      `invalid native histogram, validation err: ${fault}, metric: ${metric()}`,
    );
  }
  const histogram = fittedTo(limits.maxNativeHistogramBuckets, nativeHistogramOf(sent));
  if (histogram === undefined) {
    return refused(
      'native_histogram_buckets_exceeded',
      `native histogram bucket count exceeded for metric (limit: ${limits.maxNativeHistogramBuckets}) metric: ${metric()}`,
    );
  }
  return { kind: 'valid', histogram };
}

function refused(reason: string, message: string): HistogramVerdict {
  return { kind: 'refused', refusal: { reason, message } };
}

/** The value of a valid one. */
function nativeHistogramOf(sent: BatchHistogram): NativeHistogram {
  // Nothing else of a staleness marker counts.
  if (sent.isStale) return NativeHistogram.stale(sent.isInteger);
  return new NativeHistogram({
    schema: sent.schema,
    zeroThreshold: sent.zeroThreshold,
    zeroCount: sent.zeroCount,
    count: sent.count,
    sum: sent.sum,
    positive: bucketsOf(sent.positiveSpans, sent.positiveCounts),
    negative: bucketsOf(sent.negativeSpans, sent.negativeCounts),
    customBounds: sent.customBounds,
    // Prometheus finds resets itself when it stores counters, and forgets what the sender said of them.
    counterResetHint: sent.counterResetHint === 'gauge' ? 'gauge' : 'unknown',
    isInteger: sent.isInteger,
  });
}

function bucketsOf(spans: readonly BucketSpan[], counts: Float64Array): BucketCounts {
  return counts.length === 0 ? NO_BUCKETS : { indexes: sharedIndexes(spans), counts };
}

/** Places for layouts that came lately; histograms of one metric mostly have the same. */
const LAYOUT_PLACES = 64;
const layouts = new Array<{ readonly spans: readonly BucketSpan[]; readonly indexes: Int32Array } | undefined>(
  LAYOUT_PLACES,
).fill(undefined);

/** The indexes that `spans` cover, the same array for the same spans where they came lately. */
function sharedIndexes(spans: readonly BucketSpan[]): Int32Array {
  const { offset, length } = spans[0]!;
  const place = (offset * 31 + length * 7 + spans.length) & (LAYOUT_PLACES - 1);
  const layout = layouts[place];
  if (layout !== undefined && areSameSpans(layout.spans, spans)) return layout.indexes;
  const indexes = indexesOfSpans(spans);
  layouts[place] = { spans, indexes };
  return indexes;
}

function areSameSpans(a: readonly BucketSpan[], b: readonly BucketSpan[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i]!.offset !== b[i]!.offset || a[i]!.length !== b[i]!.length) return false;
  return true;
}

/** Custom buckets cannot be merged: with too many of them there is no way. */
function fittedTo(bucketLimit: number, histogram: NativeHistogram): NativeHistogram | undefined {
  let fitted = histogram;
  if (bucketLimit === 0) return fitted;
  while (fitted.positive.counts.length + fitted.negative.counts.length > bucketLimit) {
    if (fitted.usesCustomBuckets || fitted.schema <= MIN_EXPONENTIAL_SCHEMA) return undefined;
    fitted = reduceResolution(fitted, fitted.schema - 1);
  }
  return fitted;
}

const NEGATIVE_BUCKET = 'histogram has a bucket whose observation count is negative';
const SPANS_MISMATCH = 'histogram spans specify different number of buckets than provided';
const NEGATIVE_OFFSET = 'histogram has a span whose offset is negative';

function customFault(sent: BatchHistogram): string | undefined {
  const fault = customBoundsFault(sent);
  if (fault !== undefined) return `custom buckets: ${fault}`;
  if (sent.zeroCount !== 0) return 'custom buckets: must have zero count of 0';
  if (sent.zeroThreshold !== 0) return 'custom buckets: must have zero threshold of 0';
  if (sent.negativeSpans.length > 0) return 'custom buckets: must not have negative spans';
  if (sent.negativeCounts.length > 0) return 'custom buckets: must not have negative buckets';
  return countsFault(sent);
}

function exponentialFault(sent: BatchHistogram): string | undefined {
  const positiveFault = spansFault(sent.positiveSpans, sent.positiveCounts.length);
  if (positiveFault !== undefined) return `positive side: ${positiveFault}`;
  const negativeFault =
    spansFault(sent.negativeSpans, sent.negativeCounts.length) ?? bucketsFault(sent.negativeCounts, sent.isInteger);
  if (negativeFault !== undefined) return `negative side: ${negativeFault}`;
  if (sent.zeroCount < 0) {
    return `zero bucket has observation count of ${formatFloatCompact(sent.zeroCount)}: ${NEGATIVE_BUCKET}`;
  }
  if (sent.customBounds.length > 0) return 'histogram with exponential schema must not have custom bounds';
  return countsFault(sent);
}

/** What is wrong with the positive buckets and the number of all observations. */
function countsFault(sent: BatchHistogram): string | undefined {
  const { count, isInteger, positiveCounts, negativeCounts, zeroCount, sum } = sent;
  if (count < 0) {
    return `observation count is  ${formatFloatCompact(count)}: histogram's observation count is negative`;
  }
  const fault = bucketsFault(positiveCounts, isInteger);
  if (fault !== undefined) return `positive side: ${fault}`;
  if (!isInteger) return undefined;
  const found = total(positiveCounts) + total(negativeCounts) + zeroCount;
  const place = () => `${wholeText(found)} observations found in buckets, but the Count field is ${wholeText(count)}`;
  // Observations of NaN are in no bucket.
  if (Number.isNaN(sum)) {
    if (found <= count) return undefined;
    return `${place()}: histogram's observation count should be at least the number of observations found in the buckets`;
  }
  if (found === count) return undefined;
  return `${place()}: histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)`;
}

function spansFault(spans: readonly BucketSpan[], bucketCount: number): string | undefined {
  let needed = 0;
  for (const [i, { offset, length }] of spans.entries()) {
    if (i > 0 && offset < 0) return `span number ${i + 1} with offset ${offset}: ${NEGATIVE_OFFSET}`;
    needed += length;
  }
  if (needed === bucketCount) return undefined;
  return `spans need ${needed} buckets, have ${bucketCount} buckets: ${SPANS_MISMATCH}`;
}

function bucketsFault(counts: Float64Array, isInteger: boolean): string | undefined {
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (!(count < 0)) continue;
    const text = isInteger ? wholeText(count) : formatFloatCompact(count);
    return `bucket number ${i + 1} has observation count of ${text}: ${NEGATIVE_BUCKET}`;
  }
  return undefined;
}

function customBoundsFault({ customBounds, positiveSpans, positiveCounts }: BatchHistogram): string | undefined {
  let previous = -Infinity;
  for (const [i, bound] of customBounds.entries()) {
    if (Number.isNaN(bound)) return 'histogram custom bounds must not be NaN';
    if (i > 0 && bound <= previous) {
      return `previous bound is ${formatFloatFixed(previous)} and current is ${formatFloatFixed(bound)}: histogram custom bounds must be in strictly increasing order`;
    }
    previous = bound;
  }
  if (previous === Infinity) {
    return 'last +Inf bound must not be explicitly defined: histogram custom bounds must be finite';
  }
  let needed = 0;
  let covered = 0;
  for (const [i, { offset, length }] of positiveSpans.entries()) {
    if (offset < 0) return `span number ${i + 1} with offset ${offset}: ${NEGATIVE_OFFSET}`;
    needed += length;
    covered += length + offset;
  }
  const bucketCount = positiveCounts.length;
  if (needed !== bucketCount) return `spans need ${needed} buckets, have ${bucketCount} buckets: ${SPANS_MISMATCH}`;
  if (customBounds.length + 1 >= covered) return undefined;
  return `only ${customBounds.length} custom bounds defined which is insufficient to cover total span length of ${covered}: histogram custom bounds are too few`;
}

function total(counts: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}

/** A whole number without an exponent, however large. */
function wholeText(value: number): string {
  return BigInt(value).toString();
}
