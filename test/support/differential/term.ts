/**
 * A piece of a query: text with smaller pieces in it. A clause (`offset 5m`, `by (job)`) may be left out, a value may be
 * replaced by any other of its type: that is all a shrinker has to know of PromQL.
 */
export interface Term {
  readonly type: TermType;
  readonly parts: readonly (string | Term)[];
}

export type TermType = 'scalar' | 'vector' | 'matrix' | 'string' | 'clause';

export function term(type: TermType, ...parts: readonly (string | Term)[]): Term {
  return { type, parts };
}

export function clause(...parts: readonly (string | Term)[]): Term {
  return { type: 'clause', parts };
}

export const NO_CLAUSE = clause();

export function printTerm({ parts }: Term): string {
  return parts.map((part) => (typeof part === 'string' ? part : printTerm(part))).join('');
}

/** Every term inside `whole`, itself not, outer ones before the ones inside them. */
export function termsInside(whole: Term): Term[] {
  return whole.parts.flatMap((part) => (typeof part === 'string' ? [] : [part, ...termsInside(part)]));
}
