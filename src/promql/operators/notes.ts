import type { Span } from '../../../grammar/ast.ts';
import { formatPosition } from '../../../grammar/promql.ts';
import type { QueryContext } from './query-context.ts';

/** Adds annotations about one part of a query. Texts come without `PromQL warning: `. */
export interface Notes {
  readonly warn: (text: string) => void;
  readonly inform: (text: string) => void;
}

export function notesAt({ span }: { readonly span: Span }, { annotations, query }: QueryContext): Notes {
  const position = formatPosition(query, span.start);
  return {
    warn: (text) => annotations.warn(`PromQL warning: ${text}`, position),
    inform: (text) => annotations.info(`PromQL info: ${text}`, position),
  };
}
