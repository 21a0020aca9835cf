import type { DifferentialQuery } from './queries.ts';
import { NO_CLAUSE, printTerm, type Term, term, termsInside } from './term.ts';

const leaves: Readonly<Partial<Record<Term['type'], Term>>> = {
  vector: term('vector', 'up'),
  matrix: term('matrix', 'level[5m]'),
  scalar: term('scalar', '1'),
};

/**
 * The smallest query on the way from `query` for which `stillFails` holds: each step takes the first simpler one that does.
 * @param askLimit how many queries are tried at most
 */
export async function shrink(
  query: DifferentialQuery,
  stillFails: (query: DifferentialQuery) => Promise<boolean>,
  askLimit = 300,
): Promise<DifferentialQuery> {
  let smallest = query;
  let asked = 0;
  const tried = new Set([keyOf(query)]);
  search: for (;;) {
    for (const candidate of simplerQueries(smallest)) {
      if (tried.has(keyOf(candidate))) continue;
      tried.add(keyOf(candidate));
      if (++asked > askLimit) return smallest;
      if (!(await stillFails(candidate))) continue;
      smallest = candidate;
      continue search;
    }
    return smallest;
  }
}

function keyOf({ expression, ...times }: DifferentialQuery): string {
  return `${printTerm(expression)} ${JSON.stringify(times)}`;
}

function* simplerQueries(query: DifferentialQuery): Generator<DifferentialQuery> {
  if (query.kind === 'range' && query.stepMs > 0) {
    const { startMs, endMs, stepMs, expression } = query;
    // A range query means its own ends by start() and end(): the instant query is the same question only without them.
    for (let timeMs = startMs; timeMs <= Math.min(endMs, startMs + 100 * stepMs); timeMs += stepMs)
      yield { expression, kind: 'instant', timeMs };
    if (endMs > startMs + stepMs) {
      const middleMs = startMs + Math.floor((endMs - startMs) / stepMs / 2) * stepMs;
      yield { ...query, endMs: middleMs };
      yield { ...query, startMs: middleMs };
      yield { ...query, startMs: startMs + stepMs };
      yield { ...query, endMs: endMs - stepMs };
    }
  }
  for (const expression of simplerTerms(query.expression)) yield { ...query, expression };
}

function* simplerTerms(whole: Term): Generator<Term> {
  for (const inside of termsInside(whole)) {
    if (inside.type === 'vector' || inside.type === 'scalar') yield inside;
  }
  yield* replacements(whole);
}

/**
 * `whole` with one term in it simplified: left out, or replaced by a smaller one of its type. Where the same term stands
 * several times, it stays the same everywhere: a query may be about that.
 */
function* replacements(whole: Term): Generator<Term> {
  for (const part of new Set(whole.parts)) {
    if (typeof part === 'string') continue;
    const replaced = (by: Term): Term => ({
      ...whole,
      parts: whole.parts.map((other) => (other === part ? by : other)),
    });
    if (part.type === 'clause' && printTerm(part) !== '') yield replaced(NO_CLAUSE);
    for (const inside of termsInside(part)) if (inside.type === part.type) yield replaced(inside);
    const leaf = leaves[part.type];
    if (leaf && printTerm(part).length > printTerm(leaf).length) yield replaced(leaf);
    for (const smaller of replacements(part)) yield replaced(smaller);
  }
}
