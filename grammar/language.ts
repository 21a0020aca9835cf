/**
 * Whose PromQL is spoken: `3.9` is the engine inside Cortex 1.21, `3.14` adds `fill` modifiers, the trim operators
 * `</` and `>/`, `range()`, `min_of`/`max_of`, `start()`/`end()`/`step()` as functions, and some functions.
 */
export type Language = '3.9' | '3.14';

/** What a user may have switched on. Everything is off by default, as in Cortex. */
export interface ParseOptions {
  readonly language?: Language;
  /** Functions and aggregations that Prometheus calls experimental. */
  readonly enableExperimentalFunctions?: boolean;
  /** Arithmetic in ranges, steps and offsets: `rate(x[5m * 2])`. */
  readonly enableDurationExpressions?: boolean;
  /** `anchored` and `smoothed`. */
  readonly enableExtendedRangeSelectors?: boolean;
  /** `fill`, `fill_left`, `fill_right`; words of the language only in 3.14. */
  readonly enableFillModifiers?: boolean;
}

/** Everything on: what Prometheus's own test scripts are run with. */
export const ALL_FEATURES: Required<ParseOptions> = {
  language: '3.14',
  enableExperimentalFunctions: true,
  enableDurationExpressions: true,
  enableExtendedRangeSelectors: true,
  enableFillModifiers: true,
};

/** Cortex 1.21 as it comes. */
export const NO_FEATURES: Required<ParseOptions> = {
  language: '3.9',
  enableExperimentalFunctions: false,
  enableDurationExpressions: false,
  enableExtendedRangeSelectors: false,
  enableFillModifiers: false,
};
