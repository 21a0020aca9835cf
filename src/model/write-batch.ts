/**
 * A decoded write request: columns over all series, in the order of the request. Labels stay bytes of the request until
 * somebody needs them as text (`wire` decodes them): a series that is known is found by those bytes.
 *
 *     series        0            1      2
 *     samplesStart  0            3      4            4 (= sample count)
 *     timestampsMs  t00 t01 t02  t10
 */
export interface WriteBatch {
  /** The uncompressed request; label ranges point into it. Borrowed: valid until the request has been answered. */
  readonly body: Uint8Array;
  readonly seriesCount: number;
  /** Per series: where in `body` its label fields (protobuf, tags included) begin and end. */
  readonly labelsStart: Uint32Array;
  readonly labelsEnd: Uint32Array;
  /** `seriesCount + 1` long: series `i` has the samples `[samplesStart[i], samplesStart[i + 1])`. */
  readonly samplesStart: Uint32Array;
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  /** Per series, how many native histograms it carried. */
  readonly histogramCounts: Uint32Array;
  readonly exemplars: readonly BatchExemplar[];
  readonly metadata: readonly MetricMetadata[];
}

export interface BatchExemplar extends Exemplar {
  readonly seriesIndex: number;
}

export interface Exemplar {
  /** Pairs as they came: not sorted, not checked. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
  readonly timestampMs: number;
}

export type MetricType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'unknown';

export interface MetricMetadata {
  readonly metric: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}
