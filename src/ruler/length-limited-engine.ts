import type { Limits } from '../limits/limits.ts';
import { smallestLimit, tooLong } from '../limits/query-times.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { Engine } from '../promql/engine.ts';
import { selectedLengthMs } from '../promql/selected-length.ts';
import type { RuleEngine } from './group-evaluation.ts';

/**
 * An engine that refuses what looks at more than `max_query_length`, before it selects anything: Cortex's ruler compares
 * with that limit what all selectors of an expression look at together, as its query frontend does.
 */
export function lengthLimitedEngine(
  engine: RuleEngine & Pick<Engine, 'lookbackMs' | 'parseOptions'>,
  limits: Limits,
): RuleEngine {
  return {
    async instant(query) {
      const limitMs = smallestLimit(limits, query.tenant, 'maxQueryLengthMs');
      if (limitMs > 0) {
        const { parseExpr } = await import('../../grammar/promql.ts');
        const lengthMs = selectedLengthMs(parseExpr(query.query, engine.parseOptions), engine.lookbackMs);
        if (lengthMs > limitMs) throw new PocketCortexError('execution-error', tooLong(lengthMs, limitMs));
      }
      return engine.instant(query);
    },
  };
}
