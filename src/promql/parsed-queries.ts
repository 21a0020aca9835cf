import type { Expr } from '../../grammar/ast.ts';

/** Rules and dashboards ask the same again and again. */
const QUERY_LIMIT = 1000;
/** Longer texts are not worth the memory: a tree takes some hundred times as much as its text. */
const TEXT_LIMIT_CHARACTERS = 4096;

/** The trees of the queries that were asked last, by their texts. Trees are frozen, so all who ask share them. */
export class ParsedQueries {
  #recent = new Map<string, Expr>();
  #older = new Map<string, Expr>();

  get(query: string): Expr | undefined {
    const recent = this.#recent.get(query);
    if (recent) return recent;
    const older = this.#older.get(query);
    return older && this.add(query, older);
  }

  /** Gives `expr` back. */
  add(query: string, expr: Expr): Expr {
    if (query.length > TEXT_LIMIT_CHARACTERS) return expr;
    if (this.#recent.size >= QUERY_LIMIT / 2) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(query, expr);
    return expr;
  }
}
