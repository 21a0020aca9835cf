/** An OTLP export request, as far as it matters here. Times are whole milliseconds: that is all that Prometheus keeps. */
export type MetricsRequest = readonly ResourceMetrics[];

export interface ResourceMetrics {
  readonly attributes: Attributes;
  readonly metrics: readonly Metric[];
}

export type Attributes = readonly Attribute[];

export interface Attribute {
  readonly key: string;
  readonly value: AnyValue;
}

/** The value of an attribute; one that was not set is empty. */
export type AnyValue =
  | { readonly kind: 'empty' }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'bool'; readonly isTrue: boolean }
  | { readonly kind: 'int'; readonly integer: bigint }
  | { readonly kind: 'double'; readonly number: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'array'; readonly values: readonly AnyValue[] }
  | { readonly kind: 'map'; readonly entries: Attributes };

export const EMPTY_VALUE: AnyValue = { kind: 'empty' };

export interface Metric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly data: MetricData;
}

export type MetricData =
  | { readonly kind: 'empty' }
  | { readonly kind: 'gauge'; readonly points: readonly NumberPoint[] }
  | {
      readonly kind: 'sum';
      readonly points: readonly NumberPoint[];
      readonly temporality: number;
      readonly isMonotonic: boolean;
    }
  | { readonly kind: 'histogram'; readonly points: readonly HistogramPoint[]; readonly temporality: number }
  | {
      readonly kind: 'exponential-histogram';
      readonly points: readonly ExponentialPoint[];
      readonly temporality: number;
    }
  | { readonly kind: 'summary'; readonly points: readonly SummaryPoint[] };

/** Values of `temporality`; others mean nothing. */
export const DELTA = 1;
export const CUMULATIVE = 2;

export interface Point {
  readonly attributes: Attributes;
  readonly timestampMs: number;
  /** The point says that there is no value, which ends its series for the time being. */
  readonly isWithoutValue: boolean;
}

export interface NumberPoint extends Point {
  readonly value: number;
  readonly exemplars: readonly OtlpExemplar[];
}

export interface HistogramPoint extends Point {
  readonly count: number;
  readonly sum: number | undefined;
  readonly bucketCounts: readonly number[];
  readonly explicitBounds: readonly number[];
  readonly exemplars: readonly OtlpExemplar[];
}

export interface ExponentialPoint extends Point {
  readonly count: number;
  readonly sum: number | undefined;
  readonly scale: number;
  readonly zeroCount: number;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
  readonly exemplars: readonly OtlpExemplar[];
}

/** Dense: the first count is that of the bucket `offset`. */
export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: readonly number[];
}

export interface SummaryPoint extends Point {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}

export interface OtlpExemplar {
  readonly attributes: Attributes;
  readonly timestampMs: number;
  /** Undefined when the exemplar has no value, which is an error later on. */
  readonly value: number | undefined;
  /** Hexadecimal; '' when there is none. */
  readonly traceId: string;
  readonly spanId: string;
}

/** Nanoseconds since 1970 as milliseconds, cut off. */
export function millisecondsOf(nanoseconds: bigint): number {
  return Number(BigInt.asIntN(64, nanoseconds) / 1_000_000n);
}
