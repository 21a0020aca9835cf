import type { IToken } from 'chevrotain';
import type { DurationBinary, DurationCall, DurationExpr, DurationLiteral } from './ast.ts';
import type { ParseOptions } from './language.ts';
import type { Combiner } from './operator-chain.ts';
import { ParseFailure } from './position.ts';
import { amountOf, spanOf } from './token-values.ts';

/** The most seconds Go's durations hold, in either direction. */
const LONGEST_SECONDS = 2 ** 63 / 1e9;

/** Makes the durations of ranges, steps and offsets. All methods throw `ParseFailure`. */
export class DurationBuilder implements Combiner<DurationExpr, undefined> {
  readonly #options: Required<ParseOptions>;

  constructor(options: Required<ParseOptions>) {
    this.#options = options;
  }

  literal(token: IToken): DurationLiteral {
    const isNumber = token.tokenType.name === 'Number';
    return literalOf({ seconds: amountOf(token), isNumber, span: spanOf(token) });
  }

  prefix(sign: IToken, operand: DurationExpr): DurationExpr {
    const span = { start: sign.startOffset, end: operand.span.end };
    if (operand.kind === 'duration') {
      return sign.image === '-' ? { ...operand, durationMs: -operand.durationMs, span } : { ...operand, span };
    }
    return sign.image === '-' ? { kind: 'duration-unary', op: '-', operand, span } : operand;
  }

  infix(left: DurationExpr, operator: IToken, right: DurationExpr): DurationExpr {
    this.#require(left.span.start);
    const op = operator.image as DurationBinary['op'];
    if ((op === '/' || op === '%') && right.kind === 'duration' && right.durationMs === 0) {
      throw new ParseFailure(operator.startOffset, `${op === '/' ? 'division' : 'modulo'} by zero`);
    }
    return { kind: 'duration-binary', op, left, right, span: { start: left.span.start, end: right.span.end } };
  }

  paren(open: IToken, inner: DurationExpr, end: number): DurationExpr {
    this.#require(inner.span.start);
    // Parentheses around parentheses mean and print nothing more.
    const span = { start: open.startOffset, end };
    return inner.kind === 'duration-paren' ? { ...inner, span } : { kind: 'duration-paren', inner, span };
  }

  call(name: IToken, args: readonly DurationExpr[], end: number): DurationCall {
    // 3.9 forgot to put calls behind the flag.
    if (this.#options.language === '3.14') this.#require(name.startOffset);
    const word = name.image.toLowerCase() as DurationCall['name'];
    return { kind: 'duration-call', name: word, args, span: { start: name.startOffset, end } };
  }

  /** A range or a step, which must be more than nothing; what is computed shows only at run time. */
  positive(duration: DurationExpr): DurationExpr {
    if (duration.kind !== 'duration') return duration;
    if (duration.durationMs <= 0) throw new ParseFailure(duration.span.start, 'duration must be greater than 0');
    return wholeMs(duration);
  }

  offset(duration: DurationExpr): DurationExpr {
    return duration.kind === 'duration' ? wholeMs(duration) : duration;
  }

  #require(start: number): void {
    if (this.#options.enableDurationExpressions) return;
    throw new ParseFailure(start, 'experimental duration expression is not enabled');
  }
}

function literalOf({
  seconds,
  isNumber,
  span,
}: {
  seconds: number;
  isNumber: boolean;
  span: DurationLiteral['span'];
}): DurationLiteral {
  if (Math.abs(seconds) > LONGEST_SECONDS || Number.isNaN(seconds))
    throw new ParseFailure(span.start, 'duration out of range');
  // Go keeps nanoseconds: 0.57 seconds are 570 ms, not 569.99….
  return { kind: 'duration', durationMs: Math.round(seconds * 1e9) / 1e6, isNumber, span };
}

/** Prometheus computes in whole milliseconds. */
function wholeMs(duration: DurationLiteral): DurationLiteral {
  return { ...duration, durationMs: Math.trunc(duration.durationMs) };
}
