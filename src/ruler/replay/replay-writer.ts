import type { SampleColumns } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { AppendRows } from '../rule-results.ts';

/** Many results of one series. */
export interface ResultColumns {
  readonly labels: Labels;
  readonly samples: SampleColumns;
}

/** Where results go that are computed for other times than now: into the store, whatever their time. */
export interface ReplayWriter {
  /**
   * Appends all of them, or none where one of the series cannot be written: false then. They are visible when it resolves,
   * and stay the caller's.
   */
  readonly appendColumns: (tenant: TenantId, series: readonly ResultColumns[]) => Promise<boolean>;
  readonly appendRows: AppendRows;
  /** Whether a series had newer samples than what was to be appended, where that is not allowed. */
  readonly wasBehind: boolean;
  /** Resolves when all that was appended is on disk. */
  readonly committed: () => Promise<void>;
}
