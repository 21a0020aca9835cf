export type Grammar = typeof import('../../grammar/promql.ts');

/** The grammar, loaded by the first who needs it: a server is ready before its parser is. */
export function loadGrammar(): Promise<Grammar> {
  return import('../../grammar/promql.ts');
}
