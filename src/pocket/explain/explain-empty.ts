import type { BinaryExpr, Expr } from '../../../grammar/ast.ts';
import { loadGrammar } from '../../http/load-grammar.ts';
import { PocketCortexError } from '../../model/errors.ts';
import type { Labels } from '../../model/labels.ts';
import type { QueryResult } from '../../model/query-result.ts';
import type { TenantId } from '../../model/tenant.ts';
import { runInSlices } from '../../model/work.ts';
import type { Engine } from '../../promql/engine.ts';
import type { StoreReads } from '../../storage/federated-reads.ts';
import { explainSelector, type Finding } from './explain-selector.ts';
import { type QueryTimes, selectorWindows } from './windows.ts';

export type { Finding } from './explain-selector.ts';

export interface EmptyQuery extends QueryTimes {
  readonly tenant: TenantId;
  readonly query: string;
  readonly signal?: AbortSignal | undefined;
}

/** Parts of one query that are evaluated by themselves at most. */
const EVALUATIONS_LIMIT = 50;

/**
 * Why a query gives nothing: each selector without samples, with the nearest that there is; or else the innermost part that is
 * empty though what it is made of is not. Reads this tenant's data only. Empty when nothing can be said.
 * @throws {PocketCortexError} `parse-error`
 */
export async function explainEmpty(
  { reads, engine }: { readonly reads: StoreReads; readonly engine: Engine },
  query: EmptyQuery,
): Promise<readonly Finding[]> {
  const { parseExpr, resolveDuration } = await loadGrammar();
  const expr = parseExpr(query.query, engine.parseOptions);
  const { tenant, signal, startMs, endMs, stepMs } = query;
  await reads.load(tenant);
  const context = { stepMs, rangeMs: endMs - startMs };
  const windows = selectorWindows(expr, {
    times: query,
    lookbackMs: engine.lookbackMs,
    resolve: (duration, mayBeNegative) => resolveDuration(duration, context, { mayBeNegative }),
  });
  const findings: Finding[] = [];
  for (const window of windows) {
    const work = explainSelector(window, { reads, tenant, lookbackMs: engine.lookbackMs });
    const finding = await runInSlices(work, signal);
    if (finding) findings.push(finding);
  }
  if (findings.length > 0) return findings;
  const finding = await new Evaluation(engine, query).innermostEmpty(expr);
  return finding ? [finding] : [];
}

/** Evaluates parts of a query as the whole was evaluated. */
class Evaluation {
  readonly #engine: Engine;
  readonly #query: EmptyQuery;
  #count = 0;

  constructor(engine: Engine, query: EmptyQuery) {
    this.#engine = engine;
    this.#query = query;
  }

  async innermostEmpty(expr: Expr): Promise<Finding | undefined> {
    for (const part of partsOf(expr)) {
      const finding = await this.innermostEmpty(part);
      if (finding) return finding;
    }
    const { typeOf, printExpr } = await loadGrammar();
    if (typeOf(expr) !== 'vector' || expr.kind === 'vector-selector') return undefined;
    if ((await this.#labels(expr)).length > 0) return undefined;
    return this.#explain(expr, printExpr(expr));
  }

  async #explain(expr: Expr, text: string): Promise<Finding> {
    if (expr.kind !== 'binary') {
      return { reason: 'not-computed', expr: text, message: `${text} is empty, though what it is made of is not` };
    }
    return expr.matching ? this.#explainMatching(expr, text) : this.#explainFilter(expr, text);
  }

  async #explainFilter({ op, left, right }: BinaryExpr, text: string): Promise<Finding> {
    const { typeOf, printExpr } = await loadGrammar();
    const vector = typeOf(left) === 'scalar' ? right : left;
    const elements = await this.#elements(vector);
    const message = `nothing of ${printExpr(vector)} passes ${op}; it has ${elements.join(', ')}`;
    return { reason: 'filtered', expr: text, message, nearest: elements };
  }

  async #explainMatching({ op, left, right, matching }: BinaryExpr, text: string): Promise<Finding> {
    const sides = [await this.#labels(left), await this.#labels(right)];
    const [ofLeft, ofRight] = sides.map((side) => side.slice(0, 2).map((labels) => labels.toString())) as [
      string[],
      string[],
    ];
    const how = matching?.isOn ? `on (${matching.labels.join(', ')})` : `ignoring (${matching?.labels.join(', ')})`;
    const labels = matching?.labels.length === 0 && !matching.isOn ? 'on all labels' : how;
    const message = `no element of the left side of ${op} has a partner ${labels}, or none passes; left: ${ofLeft.join(', ')}; right: ${ofRight.join(', ')}`;
    return { reason: 'unmatched', expr: text, message, nearest: [...ofLeft, ...ofRight] };
  }

  async #labels(expr: Expr): Promise<readonly Labels[]> {
    const value = (await this.#evaluate(expr))?.value;
    if (value?.kind === 'vector') return value.labels;
    return value?.kind === 'matrix' ? value.series.map(({ labels }) => labels) : [];
  }

  /** A few elements, with their values where there is one each. */
  async #elements(expr: Expr): Promise<string[]> {
    const value = (await this.#evaluate(expr))?.value;
    if (value?.kind !== 'vector') return (await this.#labels(expr)).slice(0, 3).map((labels) => labels.toString());
    return value.labels.slice(0, 3).map((labels, i) => `${labels} ${value.values[i]}`);
  }

  async #evaluate(expr: Expr): Promise<QueryResult | undefined> {
    this.#count += 1;
    if (this.#count > EVALUATIONS_LIMIT) return undefined;
    const { printExpr } = await loadGrammar();
    const { tenant, startMs, endMs, stepMs, signal } = this.#query;
    const part = { tenant, query: printExpr(expr), ...(signal && { signal }) };
    try {
      if (stepMs === 0) return await this.#engine.instant({ ...part, timeMs: endMs });
      return await this.#engine.range({ ...part, startMs, endMs, stepMs });
    } catch (error) {
      if (error instanceof PocketCortexError && error.code !== 'query-cancelled') return undefined;
      throw error;
    }
  }
}

/** What an expression is made of, where that is evaluated at the same times. */
function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'unary':
      return [expr.operand];
    case 'paren':
    case 'step-invariant':
      return [expr.inner];
    case 'binary':
      return [expr.left, expr.right];
    case 'aggregate':
      return [expr.expr];
    case 'call':
      return expr.args;
    default:
      return [];
  }
}
