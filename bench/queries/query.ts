/** A query that is asked of every target, and what is known about it. */
export interface BenchQuery {
  /** What it is an example of. */
  readonly family: string;
  readonly query: string;
  /** Over the realistic corpus, or over that of Prometheus's own benchmark. */
  readonly corpus: 'fleet' | 'engine';
  /** With how many steps it is asked; with one it is an instant query. */
  readonly stepCounts?: readonly number[];
  /**
   * What of the answers has to be the same: series with their values; the values alone, where equal ones are told apart
   * by rounding; or that there are any, where it is the server's choice which.
   */
  readonly compares?: 'series' | 'values' | 'existence';
  readonly isEmpty?: boolean;
}

export const ALL_STEP_COUNTS = [1, 100, 1000] as const;

/** How far apart the steps are. */
export const stepsMs = {
  // 1,000 of them lie in the hour that there is.
  fleet: { 100: 30_000, 1000: 3_000 },
  // Prometheus's benchmark has a step a scrape, however many there are.
  engine: { 100: 10_000, 1000: 10_000 },
} as const;
