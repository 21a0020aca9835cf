import { type CounterResetHint, NativeHistogram } from '../../model/native-histogram.ts';
import { detectReset } from '../../model/native-histogram-resets.ts';
import type { EngineFeatures } from '../functions/types.ts';

/** The histograms of a series without their buckets, for `histogram_count` and its like, which need no more. */
export class HistogramStatistics {
  readonly #keepsSchema: boolean;
  #whole: NativeHistogram | undefined;

  constructor({ prometheus314 }: EngineFeatures) {
    this.#keepsSchema = prometheus314 === true;
  }

  /**
   * Forgets the histogram that came before: the next one is not compared with it. Prometheus does so where it skips
   * samples.
   */
  forget(): void {
    this.#whole = undefined;
  }

  /** Count and sum, and whether the counter was reset since the histogram before: what is left cannot tell. */
  next(histogram: NativeHistogram): NativeHistogram {
    const counterResetHint = this.#hintOf(histogram);
    this.#whole = histogram;
    const { count, sum } = histogram;
    return new NativeHistogram({ schema: this.#keepsSchema ? histogram.schema : 0, count, sum, counterResetHint });
  }

  #hintOf(histogram: NativeHistogram): CounterResetHint {
    if (histogram.counterResetHint !== 'unknown' || this.#whole === undefined) return histogram.counterResetHint;
    return detectReset(histogram, this.#whole) ? 'reset' : 'not-reset';
  }
}
