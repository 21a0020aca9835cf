import type { SeriesNotation, SeriesPoint } from '../../../grammar/series-notation.ts';
import { ABSENT, histogramAt, type StepColumn } from '../../model/columns.ts';
import { formatFloat } from '../../model/go-float.ts';
import type { Labels } from '../../model/labels.ts';
import type { BucketCounts, NativeHistogram } from '../../model/native-histogram.ts';
import { compact, haveSameLayout } from '../../model/native-histogram-buckets.ts';
import { haveSameBounds } from '../../model/native-histogram-custom.ts';
import type { QueryValue } from '../../model/query-result.ts';
import { formatHistogram, histogramOfPoint } from './histogram-notation.ts';
import type { EvalCommand, StepTimes } from './script.ts';

/** Prometheus's test suite takes values for equal within this relative error. */
const TOLERANCE = 1e-6;
const SMALLEST_NORMAL = 2 ** -1022;

/** How `value` differs from what the script expects; undefined when it does not. */
export function differenceOf(command: EvalCommand, value: QueryValue): string | undefined {
  switch (value.kind) {
    case 'string':
      return value.value === command.text ? undefined : `expected string "${command.text ?? ''}"`;
    case 'scalar':
      if (command.scalar === undefined) return 'expected series, but got a scalar';
      return areClose(value.value, command.scalar) ? undefined : `expected scalar ${formatFloat(command.scalar)}`;
    case 'vector':
      return command.scalar === undefined ? vectorDifference(command, value) : 'expected a scalar, but got a vector';
    case 'matrix':
    case 'raw-matrix':
      return command.scalar === undefined ? matrixDifference(command, value) : 'expected a scalar, but got a matrix';
  }
}

function vectorDifference(command: EvalCommand, value: QueryValue & { kind: 'vector' }): string | undefined {
  const isOrdered = command.expectations.some(({ kind }) => kind === 'ordered');
  const positions = new Map(command.series.map(({ labels }, position) => [labels.key, position]));
  const seen = new Set<string>();
  for (let i = 0; i < value.labels.length; i++) {
    const labels = value.labels[i]!;
    const position = positions.get(labels.key);
    if (position === undefined) return `unexpected series ${formatSeries(labels)}`;
    if (seen.has(labels.key)) return `series ${formatSeries(labels)} occurs twice`;
    if (isOrdered && position !== i) return `expected ${formatSeries(labels)} at place ${position + 1}, not ${i + 1}`;
    const expected = command.series[position]!.points[0];
    if (!expected || !isAsExpected(expected, value.histograms?.[i] ?? value.values[i]!)) {
      return `expected ${expected ? formatPoint(expected) : 'nothing'} for ${formatSeries(labels)}`;
    }
    seen.add(labels.key);
  }
  return missingDifference(command.series, seen);
}

function matrixDifference(
  command: EvalCommand,
  value: QueryValue & { kind: 'matrix' | 'raw-matrix' },
): string | undefined {
  const times = command.rangeVector ?? (command.times.kind === 'range' ? command.times : undefined);
  const expected = new Map(command.series.map((series) => [series.labels.key, series]));
  const seen = new Set<string>();
  let previous: Labels | undefined;
  for (const { labels, timesMs, values } of pointsOf(value)) {
    const series = expected.get(labels.key);
    if (!series) return `unexpected series ${formatSeries(labels)}`;
    if (seen.has(labels.key)) return `series ${formatSeries(labels)} occurs twice`;
    if (previous && previous.compare(labels) > 0)
      return `series are not in the order of their labels at ${formatSeries(labels)}`;
    if (!times) return 'expected one value a series, but got a range';
    const difference = pointsDifference(series, times, timesMs, values);
    if (difference !== undefined) return `${difference} for ${formatSeries(labels)}`;
    seen.add(labels.key);
    previous = labels;
  }
  return missingDifference(command.series, seen);
}

function pointsDifference(
  { points }: SeriesNotation,
  { startMs, endMs, stepMs }: StepTimes,
  timesMs: readonly number[],
  values: readonly PointValue[],
): string | undefined {
  let at = 0;
  for (let i = 0; i < points.length; i++) {
    const point = points[i]!;
    const timeMs = startMs + i * stepMs;
    if (timeMs > endMs) return `expected ${points.length} points, which the range does not have`;
    if (point.kind === 'absent') continue;
    if (timesMs[at] !== timeMs) return `expected ${formatPoint(point)} at ${timeMs / 1000}s`;
    if (!isAsExpected(point, values[at]!)) {
      return `expected ${formatPoint(point)} at ${timeMs / 1000}s, got ${formatValue(values[at]!)}`;
    }
    at += 1;
  }
  return at < timesMs.length ? `unexpected point at ${timesMs[at]! / 1000}s` : undefined;
}

function missingDifference(series: readonly SeriesNotation[], seen: ReadonlySet<string>): string | undefined {
  const missing = series.find(({ labels }) => !seen.has(labels.key));
  return missing && `expected series ${formatSeries(missing.labels)}`;
}

type PointValue = number | NativeHistogram;

function isAsExpected(expected: SeriesPoint, actual: PointValue): boolean {
  if (expected.kind === 'float') return typeof actual === 'number' && areClose(actual, expected.value);
  if (expected.kind !== 'histogram' || typeof actual === 'number') return false;
  const { base, growth } = expected;
  const isHintSaid = (growth?.addend ?? base).counterResetHint !== undefined;
  const histogram = compact(histogramOfPoint(expected));
  return (
    areAlike(histogram, compact(actual)) && (!isHintSaid || histogram.counterResetHint === actual.counterResetHint)
  );
}

/** Field by field, numbers within the tolerance. */
function areAlike(a: NativeHistogram, b: NativeHistogram): boolean {
  return (
    a.schema === b.schema &&
    areClose(a.count, b.count) &&
    areClose(a.sum, b.sum) &&
    a.zeroThreshold === b.zeroThreshold &&
    areClose(a.zeroCount, b.zeroCount) &&
    haveSameBounds(a.customBounds, b.customBounds) &&
    areBucketsAlike(a.positive, b.positive) &&
    areBucketsAlike(a.negative, b.negative)
  );
}

function areBucketsAlike(a: BucketCounts, b: BucketCounts): boolean {
  return haveSameLayout(a, b) && a.counts.every((count, i) => areClose(count, b.counts[i]!));
}

/** Within the tolerance, relative to both; any NaN is any other. */
function areClose(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) return difference < TOLERANCE * SMALLEST_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < TOLERANCE;
}

interface SeriesPoints {
  readonly labels: Labels;
  readonly timesMs: readonly number[];
  readonly values: readonly PointValue[];
}

function pointsOf(value: QueryValue & { kind: 'matrix' | 'raw-matrix' }): SeriesPoints[] {
  if (value.kind === 'raw-matrix') {
    return value.series.map(({ labels, samples }) => ({
      labels,
      timesMs: Array.from(samples.timestampsMs.subarray(0, samples.count)),
      values: Array.from(samples.values.subarray(0, samples.count), (sample, i) => samples.histograms?.[i] ?? sample),
    }));
  }
  const { startMs, stepMs } = value.grid;
  return value.series.map(({ labels, column }) => {
    const timesMs: number[] = [];
    const values: PointValue[] = [];
    for (let step = 0; step < column.present.length; step++) {
      if (column.present[step] === ABSENT) continue;
      timesMs.push(startMs + step * stepMs);
      values.push(valueAt(column, step));
    }
    return { labels, timesMs, values };
  });
}

/** What a script expects, as it would be written there. */
export function formatExpected(command: EvalCommand): string {
  const failure = command.expectations.find(({ kind }) => kind === 'fail');
  if (failure) {
    const { text } = failure;
    return text === undefined ? 'an error' : `error: ${text.kind === 'msg' ? text.message : `like ${text.pattern}`}`;
  }
  if (command.text !== undefined) return JSON.stringify(command.text);
  if (command.scalar !== undefined) return formatFloat(command.scalar);
  const lines = command.series.map(
    ({ labels, points }) => `${formatSeries(labels)} ${points.map(formatPoint).join(' ')}`,
  );
  return lines.join('\n');
}

/** A result in the notation of the scripts. */
export function formatActual(value: QueryValue): string {
  switch (value.kind) {
    case 'string':
      return JSON.stringify(value.value);
    case 'scalar':
      return formatFloat(value.value);
    case 'vector':
      return value.labels
        .map((labels, i) => `${formatSeries(labels)} ${formatValue(value.histograms?.[i] ?? value.values[i]!)}`)
        .join('\n');
    case 'raw-matrix':
      return pointsOf(value)
        .map(({ labels, timesMs, values }) => {
          const points = values.map((point, i) => `${formatValue(point)}@${timesMs[i]! / 1000}s`);
          return `${formatSeries(labels)} ${points.join(' ')}`;
        })
        .join('\n');
    case 'matrix':
      return value.series
        .map(({ labels, column }) => {
          const points: string[] = [];
          for (let step = 0; step < column.present.length; step++) {
            points.push(column.present[step] === ABSENT ? '_' : formatValue(valueAt(column, step)));
          }
          return `${formatSeries(labels)} ${points.join(' ')}`;
        })
        .join('\n');
  }
}

function valueAt(column: StepColumn, step: number): PointValue {
  return histogramAt(column, step) ?? column.values[step]!;
}

function formatValue(value: PointValue): string {
  return typeof value === 'number' ? formatFloat(value) : formatHistogram(value);
}

function formatPoint(point: SeriesPoint): string {
  switch (point.kind) {
    case 'float':
      return formatFloat(point.value);
    case 'absent':
      return '_';
    case 'stale':
      return 'stale';
    case 'histogram':
      return formatHistogram(histogramOfPoint(point));
  }
}

function formatSeries(labels: Labels): string {
  const rest = labels.withoutMetricName();
  if (labels.metricName === '') return rest.toString();
  return rest.size === 0 ? labels.metricName : `${labels.metricName}${rest.toString()}`;
}
