import type { Expr, VectorSelector } from '../../../grammar/ast.ts';
import { childrenOf } from '../../../grammar/children.ts';
import { type ParseOptions, parseExpr, printExpr } from '../../../grammar/promql.ts';
import { unreachable } from '../../model/assert.ts';
import { ABSENT, histogramAt } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { QueryResult, QueryValue } from '../../model/query-result.ts';
import { FAKE_TENANT, type TenantId } from '../../model/tenant.ts';
import { differenceOf } from './compare.ts';
import type { EvalCommand } from './script.ts';

/** What runs the queries: the engine's front, or another engine behind the same two calls. */
export interface ScriptEngine {
  instant(query: { tenant: TenantId; query: string; timeMs: number }): Promise<QueryResult>;
  /** The PromQL that it takes. */
  readonly parseOptions: ParseOptions;
  range(query: {
    tenant: TenantId;
    query: string;
    startMs: number;
    endMs: number;
    stepMs: number;
  }): Promise<QueryResult>;
}

const MINUTE_MS = 60_000;

/** What goes wrong when an instant query that gave `value` is asked in other ways, as Prometheus's own runner does. */
export async function rerunFailure(
  command: EvalCommand,
  engine: ScriptEngine,
  value: QueryValue,
): Promise<string | undefined> {
  if (command.times.kind !== 'instant') return undefined;
  const { timeMs } = command.times;
  return (await rangeModeFailure(command, timeMs, engine, value)) ?? (await pinnedFailure(command, timeMs, engine));
}

/** These stand for the query's own range, so they mean something else in a range query. */
const QUERY_CONTEXT_CALL = /(?:start|end|range|step)\(\)/;

/** As the middle one of three steps. */
async function rangeModeFailure(
  command: EvalCommand,
  timeMs: number,
  engine: ScriptEngine,
  value: QueryValue,
): Promise<string | undefined> {
  const { query } = command;
  const isComparable = value.kind === 'vector' || value.kind === 'scalar';
  if (!isComparable || QUERY_CONTEXT_CALL.test(query)) return undefined;
  const range = { startMs: timeMs - MINUTE_MS, endMs: timeMs + MINUTE_MS, stepMs: MINUTE_MS };
  try {
    const result = await engine.range({ tenant: FAKE_TENANT, query, ...range });
    if (command.expectations.some(({ kind }) => kind === 'ordered')) return undefined;
    const difference = differenceOf(command, middleStepOf(result.value, value.kind));
    return difference && `in a range query: ${difference}`;
  } catch (error) {
    return `in a range query: ${messageOf(error)}`;
  }
}

function middleStepOf(value: QueryValue, kind: 'vector' | 'scalar'): QueryValue {
  if (value.kind !== 'matrix') return value;
  const labels: Labels[] = [];
  const values: number[] = [];
  const histograms: (NativeHistogram | undefined)[] = [];
  for (const { labels: seriesLabels, column } of value.series) {
    if (column.present[1] === ABSENT) continue;
    labels.push(seriesLabels);
    values.push(column.values[1]!);
    histograms.push(histogramAt(column, 1));
  }
  const timestampMs = value.grid.startMs + value.grid.stepMs;
  if (kind === 'scalar') return { kind, timestampMs, value: values[0] ?? NaN };
  return { kind, timestampMs, labels, values: Float64Array.from(values), histograms };
}

/** At other times, with every selector pinned to the time of the command by an `@`. */
async function pinnedFailure(command: EvalCommand, timeMs: number, engine: ScriptEngine): Promise<string | undefined> {
  const expr = parseExpr(command.query, engine.parseOptions);
  if (dependsOnTime(expr)) return undefined;
  const query = printExpr(pin(expr, timeMs));
  const otherTimesMs = timeMs === 0 ? [-1000, 1000] : [-10 * timeMs, 0, timeMs / 5, 10 * timeMs];
  for (const otherMs of otherTimesMs) {
    const context = `as ${query} at ${otherMs / 1000}s: `;
    try {
      const { value } = await engine.instant({ tenant: FAKE_TENANT, query, timeMs: otherMs });
      const difference = differenceOf(command, value);
      if (difference !== undefined) return context + difference;
    } catch (error) {
      return context + messageOf(error);
    }
  }
  return undefined;
}

/** Calls whose result is another at another time even when their arguments are not. */
const TIME_CALLS: ReadonlySet<string> = new Set([
  ...['days_in_month', 'day_of_month', 'day_of_week', 'day_of_year', 'hour', 'minute', 'month', 'year'],
  ...['end', 'predict_linear', 'range', 'start', 'step', 'time', 'timestamp'],
  // Reads info series that no `@` can be written for, at the query's time.
  'info',
]);

/** What stands in a subquery does not count: the subquery as a whole is pinned. */
function dependsOnTime(expr: Expr): boolean {
  if (expr.kind === 'call' && TIME_CALLS.has(expr.name)) return true;
  return expr.kind !== 'subquery' && childrenOf(expr).some(dependsOnTime);
}

function pin(expr: Expr, timestampMs: number): Expr {
  const at = { kind: 'timestamp', timestampMs } as const;
  const pinSelector = (selector: VectorSelector): VectorSelector =>
    selector.at?.kind === 'timestamp' ? selector : { ...selector, at };
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr;
    case 'vector-selector':
      return pinSelector(expr);
    case 'matrix-selector':
      return { ...expr, selector: pinSelector(expr.selector) };
    case 'subquery':
      return expr.at?.kind === 'timestamp' ? expr : { ...expr, at };
    case 'unary':
      return { ...expr, operand: pin(expr.operand, timestampMs) };
    case 'binary':
      return { ...expr, left: pin(expr.left, timestampMs), right: pin(expr.right, timestampMs) };
    case 'aggregate':
      return {
        ...expr,
        expr: pin(expr.expr, timestampMs),
        param: expr.param && pin(expr.param, timestampMs),
      };
    case 'call':
      return { ...expr, args: expr.args.map((arg) => pin(arg, timestampMs)) };
    case 'paren':
    case 'step-invariant':
      return { ...expr, inner: pin(expr.inner, timestampMs) };
    default:
      return unreachable(expr);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
