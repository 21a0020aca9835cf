import type { CounterResetHint } from '../../model/native-histogram.ts';
import type { BucketSpan } from '../../model/native-histogram-spans.ts';
import type { BatchHistogram, Exemplar, MetricMetadata, MetricType } from '../../model/write-batch.ts';
import { LineFault } from './text-error.ts';

/*
 * What VictoriaMetrics's JSON lines have no form for has lines of its own:
 *
 *     {"metric":{…},"histograms":[{"schema":3,"count":7,"sum":1.5,"zero_threshold":1e-128,"zero_count":2,
 *         "positive_spans":[[0,2]],"positive_counts":[3,2],"integer":true,"counter_reset_hint":"gauge"}],"timestamps":[…]}
 *     {"metric":{…},"exemplars":[{"labels":{"trace_id":"abc"},"value":0.3,"timestamp":1700000000000}]}
 *     {"metadata":{"metric":"up","type":"gauge","help":"…","unit":""}}
 *
 * Counts are absolute, a span is an offset and a length as in Prometheus; custom buckets have schema -53 and
 * `custom_bounds`; `"stale":true` is a staleness marker. What is left out is 0, false or empty.
 */

export type TimelessHistogram = Omit<BatchHistogram, 'seriesIndex' | 'timestampMs'>;

type Fields = Readonly<Record<string, unknown>>;

const hints: readonly CounterResetHint[] = ['unknown', 'reset', 'not-reset', 'gauge'];
const types: readonly MetricType[] = [
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
  'unknown',
];

/** @throws {LineFault} at `at` */
export function histogramsOf(json: unknown, at: number): readonly TimelessHistogram[] {
  return listOf(json, at, 'histograms').map((entry) => histogramOf(fieldsOf(entry, at, 'a histogram'), at));
}

function histogramOf(fields: Fields, at: number): TimelessHistogram {
  const isStale = fields['stale'] === true;
  const hint = (fields['counter_reset_hint'] ?? 'unknown') as CounterResetHint;
  if (!hints.includes(hint)) throw new LineFault(at, `"counter_reset_hint" is one of ${hints.join(', ')}`);
  const schema = numberOf(fields['schema'] ?? 0, at, 'schema');
  if (!isInt32(schema)) throw new LineFault(at, '"schema" is a whole number');
  return {
    startMs: 0,
    sizeBytes: 0,
    isInteger: fields['integer'] === true,
    isStale,
    schema,
    zeroThreshold: numberOf(fields['zero_threshold'] ?? 0, at, 'zero_threshold'),
    zeroCount: numberOf(fields['zero_count'] ?? 0, at, 'zero_count'),
    count: numberOf(fields['count'] ?? 0, at, 'count'),
    sum: isStale ? NaN : numberOf(fields['sum'] ?? 0, at, 'sum'),
    positiveSpans: spansOf(fields['positive_spans'], at),
    positiveCounts: numbersOf(fields['positive_counts'], at, 'positive_counts'),
    negativeSpans: spansOf(fields['negative_spans'], at),
    negativeCounts: numbersOf(fields['negative_counts'], at, 'negative_counts'),
    customBounds: numbersOf(fields['custom_bounds'], at, 'custom_bounds'),
    counterResetHint: hint,
  };
}

/** @throws {LineFault} at `at` */
export function exemplarsOf(json: unknown, at: number): readonly Exemplar[] {
  return listOf(json, at, 'exemplars').map((entry) => {
    const { labels, value, timestamp } = fieldsOf(entry, at, 'an exemplar');
    const timestampMs = numberOf(timestamp, at, 'timestamp');
    if (!Number.isSafeInteger(timestampMs)) throw new LineFault(at, '"timestamp" is in whole milliseconds');
    const pairs = Object.entries(fieldsOf(labels, at, '"labels" of an exemplar'));
    return {
      labels: pairs.map(([name, text]) => [textOf(name, at, 'a name'), textOf(text, at, name)] as const),
      value: numberOf(value, at, 'value'),
      timestampMs,
    };
  });
}

/** @throws {LineFault} at `at` */
export function metadataOf(json: unknown, at: number): MetricMetadata {
  const { metric, type = 'unknown', help = '', unit = '' } = fieldsOf(json, at, '"metadata"');
  if (!types.includes(type as MetricType)) throw new LineFault(at, `"type" is one of ${types.join(', ')}`);
  return {
    metric: textOf(metric, at, 'metric'),
    type: type as MetricType,
    help: textOf(help, at, 'help'),
    unit: textOf(unit, at, 'unit'),
  };
}

function spansOf(json: unknown, at: number): readonly BucketSpan[] {
  return listOf(json ?? [], at, 'spans').map((entry) => {
    const [offset, length] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (isInt32(offset) && isInt32(length) && length >= 0) return { offset, length };
    throw new LineFault(at, 'a span is a list of two whole numbers, offset and length');
  });
}

function numbersOf(json: unknown, at: number, name: string): Float64Array {
  return Float64Array.from(listOf(json ?? [], at, name), (entry) => numberOf(entry, at, name));
}

const named: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };

function numberOf(json: unknown, at: number, name: string): number {
  if (typeof json === 'number') return json;
  if (typeof json === 'string' && Object.hasOwn(named, json)) return named[json]!;
  throw new LineFault(at, `"${name}" is a number, "NaN", "Infinity" or "-Infinity"`);
}

function textOf(json: unknown, at: number, name: string): string {
  if (typeof json === 'string' && json.isWellFormed()) return json;
  throw new LineFault(at, `"${name}" is a text`);
}

function listOf(json: unknown, at: number, name: string): readonly unknown[] {
  if (Array.isArray(json)) return json;
  throw new LineFault(at, `"${name}" is a list`);
}

function fieldsOf(json: unknown, at: number, what: string): Fields {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Fields;
  throw new LineFault(at, `${what} is an object`);
}

function isInt32(number: unknown): number is number {
  return typeof number === 'number' && (number | 0) === number;
}
