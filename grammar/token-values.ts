import type { IToken } from 'chevrotain';
import type { Span } from './ast.ts';
import { parseNumber, parseSeconds } from './literals.ts';

/**
 * The value of a number, or of a duration in seconds.
 * @throws {ParseFailure}
 */
export function amountOf(token: IToken): number {
  return token.tokenType.name === 'Duration'
    ? parseSeconds(token.image, token.startOffset)
    : parseNumber(token.image, token.startOffset);
}

export function spanOf(token: IToken): Span {
  return { start: token.startOffset, end: endOf(token) };
}

/** Where `token` ends; Chevrotain's own offset is that of its last character. */
export function endOf(token: IToken): number {
  return token.endOffset! + 1;
}
