import type { Clock } from '../../model/clock.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { RuleEngine } from '../rule-engine.ts';
import type { ResultRow } from '../rule-results.ts';
import type { ReplayWriter, ResultColumns } from './replay-writer.ts';

export interface WriteOptions {
  readonly isAllOrNothing: boolean;
  /** Refuses what is not newer than what its series has; else what is there stays, and the rest is added. */
  readonly mustBeNewer: boolean;
  readonly signal: AbortSignal;
}

export interface Written {
  readonly refusals: readonly string[];
  /** Whether something was refused because of `mustBeNewer`. */
  readonly isBehind: boolean;
  /** Resolves when what was not refused is on disk. */
  readonly committed: Promise<void>;
}

/** What evaluations for other times than now need of the rest of a server. */
export interface ReplayParts {
  /** Appends samples of any time. They are visible when it resolves. */
  readonly appendColumns: (
    tenant: TenantId,
    series: readonly ResultColumns[],
    options: WriteOptions,
  ) => Promise<Written>;
  readonly appendRows: (tenant: TenantId, rows: readonly ResultRow[], options: WriteOptions) => Promise<Written>;
  /** An engine for whose limits it is as late as the clock says. */
  readonly engineAt: (clock: Pick<Clock, 'nowMs'>) => RuleEngine;
}

/** A writer that knows when all is on disk. */
export function writerOver(
  { appendColumns, appendRows }: ReplayParts,
  options: Pick<WriteOptions, 'mustBeNewer' | 'signal'>,
): ReplayWriter {
  // Commits happen one after the other, and what one could not write is in the next.
  let last: Promise<void> = Promise.resolve();
  let wasBehind = false;
  const follow = ({ refusals, isBehind, committed }: Written): readonly string[] => {
    last = committed;
    wasBehind ||= isBehind;
    return refusals;
  };
  return {
    get wasBehind() {
      return wasBehind;
    },
    appendColumns: async (tenant, series) => {
      const refusals = follow(await appendColumns(tenant, series, { isAllOrNothing: true, ...options }));
      return refusals.length === 0;
    },
    appendRows: async (tenant, rows) => follow(await appendRows(tenant, rows, { isAllOrNothing: false, ...options })),
    committed: () => last,
  };
}
