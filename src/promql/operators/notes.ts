import type { Span } from '../../../grammar/ast.ts';
import { formatPosition } from '../../../grammar/promql.ts';
import type { QueryContext } from './query-context.ts';

/** Adds annotations about one part of a query. Texts come without `PromQL warning: `. */
export interface Notes {
  readonly warn: (text: string) => void;
  readonly inform: (text: string) => void;
}

/** Notes about the place of `about`, made where `by` is evaluated. */
export function notesAt(
  { annotations, query }: QueryContext,
  { about, by }: { readonly about: { readonly span: Span }; readonly by: { readonly span: Span } },
): Notes {
  const place = { position: formatPosition(query, about.span.start), callEnd: by.span.end };
  return {
    warn: (text) => annotations.warn(`PromQL warning: ${text}`, place),
    inform: (text) => annotations.info(`PromQL info: ${text}`, place),
  };
}
