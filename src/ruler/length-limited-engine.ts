import type { Limits } from '../limits/limits.ts';
import { smallestLimit, tooLong } from '../limits/query-times.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Engine } from '../promql/engine.ts';
import { selectedLengthMs } from '../promql/selected-length.ts';
import type { RuleEngine } from './rule-engine.ts';

/**
 * An engine that refuses what looks at more than `max_query_length`, before it selects anything: Cortex's ruler compares
 * with that limit what all selectors of an expression look at together, as its query frontend does.
 */
export function lengthLimitedEngine(
  engine: Pick<Engine, 'instant' | 'range' | 'parse' | 'lookbackMs'>,
  limits: Limits,
): RuleEngine {
  const checkLength = (tenant: TenantId, query: string): void => {
    const limitMs = smallestLimit(limits, tenant, 'maxQueryLengthMs');
    if (limitMs === 0) return;
    const lengthMs = selectedLengthMs(engine.parse(query), engine.lookbackMs);
    if (lengthMs > limitMs) throw new PocketCortexError('execution-error', tooLong(lengthMs, limitMs));
  };
  return {
    async instant(query) {
      checkLength(query.tenant, query.query);
      return engine.instant(query);
    },
    async range(query) {
      checkLength(query.tenant, query.query);
      return engine.range({ ...query, isFloatsOnly: true });
    },
  };
}
