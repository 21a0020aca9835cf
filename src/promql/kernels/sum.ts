import { ABSENT, FLOAT, type SampleColumns, type StepColumn } from '../../model/columns.ts';
import type { RangeWindows } from './range-windows.ts';
import { floatScratch } from './scratch.ts';

const prefixScratch = floatScratch();

/**
 * `sum_over_time`: Kahan's summation in Neumaier's variant, as Prometheus does it. Where all samples are whole numbers
 * (most counters and many gauges), every partial sum is exact, so differences of prefix sums give the same bits at a cost
 * that does not grow with the window.
 */
export function sumOverTime({ samples, from, to }: RangeWindows, out: StepColumn): void {
  const { values } = samples;
  const stepCount = out.values.length;
  const prefix = exactPrefixSums(samples, from[0] ?? 0, to[stepCount - 1] ?? 0);
  for (let step = 0; step < stepCount; step++) {
    const first = from[step]!;
    const end = to[step]!;
    out.present[step] = first < end ? FLOAT : ABSENT;
    if (first >= end) continue;
    if (prefix !== undefined) {
      out.values[step] = prefix[end]! - prefix[first]!;
      continue;
    }
    let sum = 0;
    let compensation = 0;
    for (let i = first; i < end; i++) {
      const value = values[i]!;
      const next = sum + value;
      if (next === Infinity || next === -Infinity) compensation = 0;
      else if (Math.abs(sum) >= Math.abs(value)) compensation += sum - next + value;
      else compensation += value - next + sum;
      sum = next;
    }
    out.values[step] = sum === Infinity || sum === -Infinity ? sum : sum + compensation;
  }
}

/**
 * `avg_over_time`: the compensated sum by the count, until the sum would overflow; from there on the mean is carried
 * along, incrementally, and compensated too.
 */
export function avgOverTime({ samples, from, to }: RangeWindows, out: StepColumn): void {
  const { values } = samples;
  const stepCount = out.values.length;
  const prefix = exactPrefixSums(samples, from[0] ?? 0, to[stepCount - 1] ?? 0);
  for (let step = 0; step < stepCount; step++) {
    const first = from[step]!;
    const end = to[step]!;
    out.present[step] = first < end ? FLOAT : ABSENT;
    if (first >= end) continue;
    out.values[step] =
      prefix === undefined ? meanOf(values, first, end) : (prefix[end]! - prefix[first]!) / (end - first);
  }
}

function meanOf(values: Float64Array, first: number, end: number): number {
  let sum = values[first]!;
  let compensation = 0;
  for (let i = first + 1; i < end; i++) {
    const value = values[i]!;
    const next = sum + value;
    if (next === Infinity || next === -Infinity) return incrementalMeanOf(values, first, i, end, sum, compensation);
    if (Math.abs(sum) >= Math.abs(value)) compensation += sum - next + value;
    else compensation += value - next + sum;
    sum = next;
  }
  const count = end - first;
  return sum / count + compensation / count;
}

/** Goes on from `sum` and `compensation` of the samples `[first, position)`. */
function incrementalMeanOf(
  values: Float64Array,
  first: number,
  position: number,
  end: number,
  sum: number,
  compensation: number,
): number {
  let mean = sum / (position - first);
  let meanCompensation = compensation / (position - first);
  for (let i = position; i < end; i++) {
    const count = i - first + 1;
    const share = (count - 1) / count;
    const increment = values[i]! / count;
    const base = share * mean;
    meanCompensation *= share;
    const next = base + increment;
    if (next === Infinity || next === -Infinity) meanCompensation = 0;
    else if (Math.abs(base) >= Math.abs(increment)) meanCompensation += base - next + increment;
    else meanCompensation += increment - next + base;
    mean = next;
  }
  return mean + meanCompensation;
}

/**
 * The sums of the samples `[start, i)` at every index `i` up to `end`, when each of them is exact; else undefined.
 * Borrowed until the next call.
 */
function exactPrefixSums(samples: SampleColumns, start: number, end: number): Float64Array | undefined {
  const { values } = samples;
  const prefix = prefixScratch.take(end + 1);
  let sum = 0;
  let magnitude = 0;
  prefix[start] = 0;
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    magnitude += Math.abs(value);
    // Also false for NaN. Below 2^53 in all, no sum of some of the values can round.
    if (!(magnitude <= Number.MAX_SAFE_INTEGER) || Math.floor(value) !== value) return undefined;
    sum += value;
    prefix[i + 1] = sum;
  }
  return prefix;
}
