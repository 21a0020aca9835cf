import type { Subquery } from '../../grammar/ast.ts';
import { allOf } from '../../grammar/children.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { AppDependencies } from './dependencies.ts';
import { loadGrammar } from './load-grammar.ts';
import { badData } from './query-failure.ts';

/**
 * `-querier.max-subquery-steps`: how fine a subquery of a query may look. What does not parse is told later, by who
 * evaluates it.
 * @throws {QueryFailure} 400
 */
export function checkSubquerySteps(
  { settings }: Pick<AppDependencies, 'settings'>,
  query: string,
): Promise<void> | undefined {
  return settings.maxSubquerySteps > 0 ? checkSteps(settings, query) : undefined;
}

async function checkSteps(settings: AppDependencies['settings'], query: string): Promise<void> {
  const { maxSubquerySteps, defaultEvaluationIntervalMs } = settings;
  const { parseExpr } = await loadGrammar();
  let subqueries: readonly Subquery[];
  try {
    subqueries = [...allOf(parseExpr(query, settings.parse))].filter((part) => part.kind === 'subquery');
  } catch (error) {
    if (error instanceof PocketCortexError) return;
    throw error;
  }
  for (const { range, step } of subqueries) {
    // Durations that have to be computed are known too late.
    if (range.kind !== 'duration' || (step !== undefined && step.kind !== 'duration')) continue;
    const stepMs = step?.durationMs || defaultEvaluationIntervalMs;
    if (Math.floor(range.durationMs / stepMs) > maxSubquerySteps) {
      throw badData(
        `exceeded maximum resolution of ${maxSubquerySteps} points per timeseries in subquery. Try increasing the step size of your subquery`,
      );
    }
  }
}
