/** Upper bounds of classic buckets, in seconds, but for +Inf. */
export const CLASSIC_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Each native bucket is 2^(1/4) as wide as the one before. */
export const NATIVE_SCHEMA = 2;
const NATIVE_PER_OCTAVE = 2 ** NATIVE_SCHEMA;
/** How many octaves of latencies around the usual one have buckets. */
const OCTAVES_BELOW = 2;
const OCTAVES_ABOVE = 5;
/** Latencies are told apart by this much of an octave: a table for each is kept. */
const STEPS_PER_OCTAVE = 128;

/** The shares of requests at one latency. */
interface LatencyShares {
  /** Up to each of `CLASSIC_BOUNDS`. */
  readonly classic: Float64Array;
  /** In each native bucket; together 1. */
  readonly native: Float64Array;
  readonly meanMs: number;
}

/**
 * Latencies of a service: log-logistic, which has the long tail that latencies have, and shares that can be computed. The
 * same at any time for the same median.
 */
export class Latencies {
  /** Of the native buckets. */
  readonly nativeIndexes: Int32Array;
  readonly #beta: number;
  readonly #tables = new Map<number, LatencyShares>();

  constructor({ medianMs, p99Ms }: { readonly medianMs: number; readonly p99Ms: number }) {
    // F(x) = 1 / (1 + (median / x) ^ beta), and F(p99) = 0.99.
    this.#beta = Math.log(99) / Math.log(p99Ms / medianMs);
    const middle = Math.ceil(Math.log2(medianMs / 1000) * NATIVE_PER_OCTAVE);
    const count = (OCTAVES_BELOW + OCTAVES_ABOVE) * NATIVE_PER_OCTAVE;
    this.nativeIndexes = Int32Array.from({ length: count }, (_, i) => middle - OCTAVES_BELOW * NATIVE_PER_OCTAVE + i);
  }

  /** With another median than usual. Frozen. */
  at(medianMs: number): LatencyShares {
    const step = Math.round(Math.log2(medianMs) * STEPS_PER_OCTAVE);
    let shares = this.#tables.get(step);
    if (!shares) {
      shares = this.#sharesOf(2 ** (step / STEPS_PER_OCTAVE));
      this.#tables.set(step, shares);
    }
    return shares;
  }

  #sharesOf(medianMs: number): LatencyShares {
    const beta = this.#beta;
    const upTo = (seconds: number): number => 1 / (1 + (medianMs / 1000 / seconds) ** beta);
    const native = new Float64Array(this.nativeIndexes.length);
    let below = 0;
    for (let i = 0; i < native.length; i++) {
      // What is slower than all buckets stands in the last one.
      const through = i === native.length - 1 ? 1 : upTo(2 ** (this.nativeIndexes[i]! / NATIVE_PER_OCTAVE));
      native[i] = through - below;
      below = through;
    }
    const meanMs = (medianMs * Math.PI) / beta / Math.sin(Math.PI / beta);
    return { classic: Float64Array.from(CLASSIC_BOUNDS, upTo), native, meanMs };
  }
}
