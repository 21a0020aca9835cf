import type { Annotations } from './annotations.ts';
import type { SampleColumns, StepColumn, StepGrid } from './columns.ts';
import type { Labels } from './labels.ts';
import type { NativeHistogram } from './native-histogram.ts';

/** What a query evaluates to, in Prometheus's result types. */
export type QueryValue = MatrixValue | RawMatrixValue | VectorValue | ScalarValue | StringValue;

/** The result of a range query: series over a grid. A series has at least one present step; several may share a column. */
export interface MatrixValue {
  readonly kind: 'matrix';
  readonly grid: StepGrid;
  readonly series: readonly { readonly labels: Labels; readonly column: StepColumn }[];
}

/** The result of an instant query over an instant vector: one value a series, all at `timestampMs`. */
export interface VectorValue {
  readonly kind: 'vector';
  readonly timestampMs: number;
  readonly labels: readonly Labels[];
  readonly values: Float64Array;
  /** Where an element is a native histogram, that; its value is garbage then. Left out when all are floats. */
  readonly histograms?: readonly (NativeHistogram | undefined)[] | undefined;
}

export interface ScalarValue {
  readonly kind: 'scalar';
  readonly timestampMs: number;
  readonly value: number;
}

export interface StringValue {
  readonly kind: 'string';
  readonly timestampMs: number;
  readonly value: string;
}

/** The result of an instant query over a range vector (`up[5m]`): raw samples, prints as a matrix. */
export interface RawMatrixValue {
  readonly kind: 'raw-matrix';
  readonly series: readonly { readonly labels: Labels; readonly samples: SampleColumns }[];
}

export interface QueryStatistics {
  /** Samples that the query read, counted as Prometheus counts `totalQueryableSamples`. */
  totalQueryableSamples: number;
  peakSamples: number;
}

export interface QueryResult {
  readonly value: QueryValue;
  readonly annotations: Annotations;
  readonly statistics: QueryStatistics;
}
