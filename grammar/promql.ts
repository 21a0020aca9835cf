import { PocketCortexError } from '../src/model/errors.ts';
import type { Matcher } from '../src/model/matcher.ts';
import type { Expr } from './ast.ts';
import { loadChevrotain } from './chevrotain.ts';
import { NO_FEATURES, type ParseOptions } from './language.ts';
import { createPromqlParser, type PromqlParser } from './parser.ts';
import { formatPosition, ParseFailure } from './position.ts';
import { printPretty } from './pretty-printer.ts';
import { printLine } from './printer.ts';
import { checkTypes } from './type-check.ts';

// The front of the grammar: what other floors need stands here, whichever file it is made in.
export { resolveDuration } from './duration-value.ts';
export { ALL_FEATURES, type ParseOptions } from './language.ts';
export { formatPosition } from './position.ts';
export { typeOf } from './type-check.ts';

/** The longest query that is looked at. Prometheus has no bound; generated queries stay a hundred times below this one. */
export const QUERY_LIMIT_CHARACTERS = 512 * 1024;

/**
 * Parses a query and checks its types.
 * @throws {PocketCortexError} `parse-error`, in Prometheus's words: `1:5: parse error: …`
 */
export function parseExpr(query: string, options: ParseOptions = {}): Expr {
  return orParseError(query, () => {
    const features = { ...NO_FEATURES, ...options };
    const expr = sharedParser().parseExpression(query, features);
    checkTypes(expr, query, features.language);
    return expr;
  });
}

/**
 * Parses a series selector as `match[]` holds it. Whether it selects anything at all is not checked: Cortex leaves that
 * to the endpoint.
 * @throws {PocketCortexError} `parse-error`
 */
export function parseSelector(text: string): readonly Matcher[] {
  return orParseError(text, () => sharedParser().parseSelector(text, NO_FEATURES).matchers);
}

/** The expression on one line, in Prometheus's canonical form; parsing it gives the same tree again. */
export function printExpr(expr: Expr): string {
  return printLine(expr);
}

/** The expression over several lines, as `format_query` answers. */
export function prettyPrint(expr: Expr): string {
  return printPretty(expr);
}

let parser: PromqlParser | undefined;

/** Built for the first query: importing this file costs nothing. */
function sharedParser(): PromqlParser {
  parser ??= createPromqlParser(loadChevrotain(), { isValidated: false });
  return parser;
}

function orParseError<Result>(query: string, parse: () => Result): Result {
  try {
    if (query.length > QUERY_LIMIT_CHARACTERS) {
      const lengths = `actual: ${query.length}, limit: ${QUERY_LIMIT_CHARACTERS} characters`;
      throw new ParseFailure(0, `query is too long (${lengths})`);
    }
    return parse();
  } catch (error) {
    if (isStackOverflow(error)) {
      throw new PocketCortexError('parse-error', '1:1: parse error: expression is nested too deeply', { cause: error });
    }
    if (!(error instanceof ParseFailure)) throw error;
    const message = `${formatPosition(query, error.offset)}: parse error: ${error.message}`;
    throw new PocketCortexError('parse-error', message, { cause: error });
  }
}

/** The limits on depth keep well away from the end of the stack, unless the caller had used most of it already. */
function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}
