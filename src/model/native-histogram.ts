/**
 * The populated buckets of one side, ascending by index, no index twice. A count is absolute (no delta) and may be 0.
 * Both arrays are of one length. Histograms may share them: nobody writes to them.
 *
 *     indexes  -1  0  4
 *     counts    3  7  1
 */
export interface BucketCounts {
  readonly indexes: Int32Array;
  readonly counts: Float64Array;
}

/** What an ingester knew about the histogram before this one; `gauge` histograms go up and down. */
export type CounterResetHint = 'unknown' | 'reset' | 'not-reset' | 'gauge';

/** The schema of histograms with bounds of their own. */
export const CUSTOM_BUCKETS_SCHEMA = -53;
export const MIN_EXPONENTIAL_SCHEMA = -4;
export const MAX_EXPONENTIAL_SCHEMA = 8;

/** No bucket. */
export const NO_BUCKETS: BucketCounts = { indexes: new Int32Array(0), counts: new Float64Array(0) };
const NO_BOUNDS = new Float64Array(0);

/** All of a histogram; what is left out is empty, 0 or unknown. */
export interface NativeHistogramFields {
  readonly schema: number;
  readonly zeroThreshold?: number;
  readonly zeroCount?: number;
  readonly count: number;
  readonly sum: number;
  readonly positive?: BucketCounts;
  readonly negative?: BucketCounts;
  readonly customBounds?: Float64Array;
  readonly counterResetHint?: CounterResetHint;
  readonly isInteger?: boolean;
  readonly isStale?: boolean;
}

/**
 * A native histogram: one sample. Immutable, its arrays too.
 *
 * With an exponential schema `s` (-4 … 8), positive bucket `i` holds observations in `(b^(i-1), b^i]` with
 * `b = 2^(2^-s)`, negative bucket `i` those in `[-b^i, -b^(i-1))`, and the zero bucket those in
 * `[-zeroThreshold, zeroThreshold]`. With the schema of custom buckets, positive bucket `i` holds observations in
 * `(customBounds[i-1], customBounds[i]]`, the first one from -Inf, the one behind the last bound up to +Inf; there is no
 * zero bucket and nothing negative.
 */
export class NativeHistogram {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positive: BucketCounts;
  readonly negative: BucketCounts;
  /** Upper bounds, ascending, +Inf left out. Empty for exponential schemas. */
  readonly customBounds: Float64Array;
  readonly counterResetHint: CounterResetHint;
  /** Whether it was sent as an integer histogram. Says how to send it on, nothing else: what is computed is float. */
  readonly isInteger: boolean;
  /** A staleness marker: Prometheus writes it as a histogram whose sum is the stale NaN. `sum` is some NaN then. */
  readonly isStale: boolean;

  constructor(fields: NativeHistogramFields) {
    this.schema = fields.schema;
    this.zeroThreshold = fields.zeroThreshold ?? 0;
    this.zeroCount = fields.zeroCount ?? 0;
    this.count = fields.count;
    this.sum = fields.sum;
    this.positive = fields.positive ?? NO_BUCKETS;
    this.negative = fields.negative ?? NO_BUCKETS;
    this.customBounds = fields.customBounds ?? NO_BOUNDS;
    this.counterResetHint = fields.counterResetHint ?? 'unknown';
    this.isInteger = fields.isInteger ?? false;
    this.isStale = fields.isStale ?? false;
  }

  /** An empty histogram that marks the end of its series. */
  static stale(isInteger = true): NativeHistogram {
    return new NativeHistogram({ schema: 0, count: 0, sum: NaN, isInteger, isStale: true });
  }

  get usesCustomBuckets(): boolean {
    return this.schema === CUSTOM_BUCKETS_SCHEMA;
  }

  /** This one with some fields other. */
  with(changes: Partial<NativeHistogramFields>): NativeHistogram {
    return new NativeHistogram({ ...this, ...changes });
  }
}
