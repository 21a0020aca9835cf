import type { CounterResetHint } from './native-histogram.ts';
import type { BucketSpan } from './native-histogram-spans.ts';
import type { SeriesFinder, SeriesNamesForm } from './series-finder.ts';

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
  /** Per sample: since when its counter counts, 0 where that is not said. Not there when no sample says it. */
  readonly startsMs?: Float64Array;
  /** Native histograms, apart from the columns, by series and within one in the order of the request. */
  readonly histograms: readonly BatchHistogram[];
  readonly exemplars: readonly BatchExemplar[];
  readonly metadata: readonly MetricMetadata[];
  /** How often each entry of `metadata` stood in the request; once each when this is not there. */
  readonly metadataCounts?: readonly number[];
  /** Bytes that name the series in the place of their label fields, which are then written only when somebody asks. */
  readonly names?: SeriesNames;
  /** What was found of the series while they were decoded. */
  readonly found?: FoundSeries;
}

/** Bytes that name the series of a batch: none for a series without labels. */
export interface SeriesNames {
  readonly form: SeriesNamesForm;
  readonly bytes: Uint8Array;
  /** Per series: where in `bytes` its name begins and ends. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** The labels of series `seriesIndex` as text: name, value, name, value …, as they came. */
  readonly labelsOf: (seriesIndex: number) => string[];
}

export interface FoundSeries {
  readonly finder: SeriesFinder;
  /** Per series: its number, 0 when it was not found. */
  readonly seriesRefs: Uint32Array;
}

/**
 * A native histogram as it came: nothing is checked. Spans may ask for other buckets than there are, so whoever follows
 * them checks first. Counts are absolute, of integer histograms too.
 */
export interface BatchHistogram {
  readonly seriesIndex: number;
  readonly timestampMs: number;
  /** Since when it counts; 0 when that is not said. */
  readonly startMs: number;
  /** What it took in the request. */
  readonly sizeBytes: number;
  readonly isInteger: boolean;
  /** A staleness marker: `sum` is some NaN then. */
  readonly isStale: boolean;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positiveSpans: readonly BucketSpan[];
  readonly positiveCounts: Float64Array;
  readonly negativeSpans: readonly BucketSpan[];
  readonly negativeCounts: Float64Array;
  readonly customBounds: Float64Array;
  readonly counterResetHint: CounterResetHint;
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
