import { ABSENT, HISTOGRAM, type SampleColumns, type StepColumn } from '../../model/columns.ts';
import type { BucketCounts, NativeHistogram } from '../../model/native-histogram.ts';

const BYTES_PER_SAMPLE = 16;
/** What a histogram takes in Prometheus's memory without spans and buckets. */
const BARE_BYTES = 168;
const BYTES_PER_ENTRY = 8;

/** How many samples a native histogram counts as in limits and statistics: by its size, as in Prometheus. */
export function weightOf(histogram: NativeHistogram): number {
  return Math.floor((sizeBytes(histogram) + BYTES_PER_SAMPLE / 2) / BYTES_PER_SAMPLE);
}

/** What Prometheus counts for one in the result of a step, which is rounded differently. */
export function weightInResult(histogram: NativeHistogram): number {
  return 1 + Math.floor(sizeBytes(histogram) / BYTES_PER_SAMPLE);
}

function sizeBytes({ positive, negative, customBounds }: NativeHistogram): number {
  return BARE_BYTES + (entryCount(positive) + entryCount(negative) + customBounds.length) * BYTES_PER_ENTRY;
}

/** Of the layout that was asked for last: histograms of a series mostly share theirs. */
let lastIndexes: Int32Array | undefined;
let lastEntryCount = 0;

/** Buckets, and the spans that they stand in. */
function entryCount({ indexes }: BucketCounts): number {
  if (indexes.length === 0) return 0;
  if (indexes !== lastIndexes) {
    lastIndexes = indexes;
    lastEntryCount = countEntries(indexes);
  }
  return lastEntryCount;
}

function countEntries(indexes: Int32Array): number {
  let entries = indexes.length;
  // Most have one span, which shows at its ends.
  if (indexes[entries - 1]! - indexes[0]! === entries - 1) return entries + 1;
  for (let i = 0; i < indexes.length; i++) if (i === 0 || indexes[i] !== indexes[i - 1]! + 1) entries += 1;
  return entries;
}

/** What the values of a column count as. */
export function columnWeight(column: StepColumn): number {
  const { present } = column;
  let weight = extraWeight(column);
  for (let step = 0; step < present.length; step++) if (present[step] !== ABSENT) weight += 1;
  return weight;
}

/** What the native histograms of a column count as beyond one sample a step. */
function extraWeight({ present, histograms }: StepColumn): number {
  if (histograms === undefined) return 0;
  let weight = 0;
  for (let step = 0; step < present.length; step++) {
    if (present[step] === HISTOGRAM) weight += weightOf(histograms[step]!) - 1;
  }
  return weight;
}

/** What the samples of all windows count as, one counted as often as it is in one. */
export function windowsWeight(
  { histograms, count }: SampleColumns,
  { from, to }: { readonly from: Int32Array; readonly to: Int32Array },
): number {
  const before = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) {
    const histogram = histograms?.[i];
    before[i + 1] = before[i]! + (histogram ? weightOf(histogram) : 1);
  }
  let weight = 0;
  for (let step = 0; step < from.length; step++) weight += before[to[step]!]! - before[from[step]!]!;
  return weight;
}

/** What samples count as. */
export function samplesWeight({ histograms, count }: SampleColumns): number {
  let weight = count;
  for (let i = 0; histograms && i < count; i++) if (histograms[i]) weight += weightOf(histograms[i]!) - 1;
  return weight;
}
