import type { SampleColumns } from './columns.ts';
import type { Labels } from './labels.ts';
import type { Matcher } from './matcher.ts';
import type { TenantId } from './tenant.ts';
import type { Work } from './work.ts';

/** What the engine needs of a store, so that it imports none: series and their samples of one tenant. */
export interface SeriesSource {
  /**
   * The series of `tenant` that pass all `matchers` and may have samples in `[startMs, endMs]` (both inclusive), in
   * the order of their labels. Trying a regular expression on a hundred thousand values takes pauses.
   */
  selectInSlices(request: SelectRequest): Work<SeriesSet>;
  /** `selectInSlices` without a pause: for selections that are known to be small, and for tests. */
  select(request: SelectRequest): SeriesSet;
  /** A source for one query, which may keep count of what that query reads; undefined where none does. */
  readonly forQuery?: () => SeriesSource;
}

export interface SelectRequest {
  readonly tenant: TenantId;
  readonly matchers: readonly Matcher[];
  readonly startMs: number;
  readonly endMs: number;
}

/** Selected series. Nothing is held open: a set needs no closing. */
export interface SeriesSet {
  /** Frozen. */
  readonly labels: readonly Labels[];
  /**
   * Overwrites `into` with the samples of series `seriesIndex` that lie in the requested range, ascending, one a
   * timestamp, staleness markers included with their bits. `into` stays the caller's. A series may turn out empty.
   */
  read(seriesIndex: number, into: SampleColumns): void;
}
