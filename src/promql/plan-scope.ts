import type { AtModifier, DurationExpr, VectorSelector } from '../../grammar/ast.ts';
import { assert } from '../model/assert.ts';
import type { StepGrid } from '../model/columns.ts';
import { type DisjointDuplicates, MergeDuplicatesOperator } from './operators/merge-duplicates.ts';
import type { VectorOperator } from './operators/operator.ts';
import type { QueryContext } from './operators/query-context.ts';
import type { SelectorSpec } from './operators/vector-selector.ts';
import type { PeakMeter } from './peak-meter.ts';

/** A query's shared state and the steps that a part of it is evaluated at. */
export interface Scope {
  readonly context: QueryContext;
  readonly grid: StepGrid;
  /** Where Prometheus's evaluation ends, which a step need not fall on: subqueries reach up to there. */
  readonly endMs: number;
  /**
   * What of native histograms is needed: `statistics` (count and sum) inside of `histogram_count` and its like, `all` for
   * good inside of what looks at buckets. Nobody said yet: undefined.
   */
  readonly histogramNeed?: 'all' | 'statistics' | undefined;
  /** Counts what Prometheus would hold, where somebody asks for that. */
  readonly meter?: PeakMeter | undefined;
  /** The answer of the query: of a subquery it is then the reads of its inside that count, there are no windows. */
  readonly isAnswer?: boolean | undefined;
  /** In the parameter of an aggregation. */
  readonly isInParameter?: boolean | undefined;
}

/** The scope of the arguments of a function. */
export function argumentScope(scope: Scope, functionName: string): Scope {
  if (NEED_ALL.has(functionName)) return needingBuckets(scope);
  if (NEED_STATISTICS.has(functionName) && scope.histogramNeed !== 'all')
    return { ...scope, histogramNeed: 'statistics' };
  return scope;
}

/** The scope of a part whose native histograms are needed whole. */
export function needingBuckets(scope: Scope): Scope {
  return { ...scope, histogramNeed: 'all' };
}

const NEED_ALL: ReadonlySet<string> = new Set(['histogram_quantile', 'histogram_quantiles', 'histogram_fraction']);
const NEED_STATISTICS: ReadonlySet<string> = new Set(['histogram_count', 'histogram_sum', 'histogram_avg']);

/** The scope of a part that is evaluated once for all steps. */
export function onlyStep(scope: Scope): Scope {
  const { context, grid } = scope;
  return {
    ...scope,
    context: { ...context, account: context.account.weighted(grid.count) },
    grid: { ...grid, count: Math.min(1, grid.count) },
    endMs: grid.startMs,
  };
}

/** Puts series of the same labels together where an operator may have made such. */
export function mergeDuplicates(
  operator: VectorOperator,
  { context, grid }: Scope,
  disjoint: DisjointDuplicates = 'merge',
): VectorOperator {
  return new MergeDuplicatesOperator(operator, { stepCount: grid.count, account: context.account, disjoint });
}

export function selectorSpec({ matchers, offset, at }: VectorSelector, { histogramNeed }: Scope): SelectorSpec {
  return {
    matchers,
    offsetMs: durationMs(offset),
    atMs: atMs(at),
    isForStatistics: histogramNeed === 'statistics',
  };
}

/** A duration that `rewrite` has resolved; 0 without one. */
export function durationMs(duration: DurationExpr | undefined): number {
  if (duration === undefined) return 0;
  assert(duration.kind === 'duration', 'durations are resolved before planning');
  return duration.durationMs;
}

/** The moment of an `@` that `rewrite` has resolved. */
export function atMs(at: AtModifier | undefined): number | undefined {
  if (at === undefined) return undefined;
  assert(at.kind === 'timestamp', '@ is resolved before planning');
  return at.timestampMs;
}
