import type { IToken } from 'chevrotain';
import { PocketCortexError } from '../src/model/errors.ts';
import { quoteGo } from '../src/model/go-quote.ts';
import { METRIC_NAME } from '../src/model/labels.ts';
import { createMatcher, type Matcher, type MatchOp } from '../src/model/matcher.ts';
import { COMPILED_LIMIT_CHARACTERS } from '../src/model/regex.ts';
import { isValidUtf8 } from '../src/model/utf8.ts';
import type {
  AggregateExpr,
  AggregateOp,
  BinaryOp,
  Expr,
  NumberLiteral,
  Span,
  StringLiteral,
  VectorMatching,
  VectorSelector,
} from './ast.ts';
import { DurationBuilder } from './duration-builder.ts';
import { findFunction } from './functions.ts';
import type { ParseOptions } from './language.ts';
import { unquote } from './literals.ts';
import type { Combiner } from './operator-chain.ts';
import { ParseFailure } from './position.ts';
import { amountOf, endOf, spanOf } from './token-values.ts';

export interface BinaryModifiers {
  readonly isBool: boolean;
  readonly matching: VectorMatching;
}

/** What `fill`, `fill_left` and `fill_right` say. */
export type Fill = Pick<VectorMatching, 'fillLeft' | 'fillRight'>;

/** The inside of a selector's braces, and where they stand. */
export interface Braces extends Span {
  readonly matchers: readonly Matcher[];
}

export interface Grouping {
  readonly isWithout: boolean;
  readonly labels: readonly string[];
}

/** What compiling the shortest regular expression costs, in characters of a long one. */
const REGEX_OVERHEAD_CHARACTERS = 32;

const experimentalAggregations: ReadonlySet<AggregateOp> = new Set(['limitk', 'limit_ratio']);
const parameterAggregations: ReadonlySet<AggregateOp> = new Set([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);

/** Makes nodes out of tokens and refuses what the grammar alone lets through. All methods throw `ParseFailure`. */
export class TreeBuilder implements Combiner<Expr, BinaryModifiers> {
  readonly #options: Required<ParseOptions>;
  readonly durations: DurationBuilder;
  /** Of all regular expressions so far: each may be long, but not all of them. */
  #regexCharacters = 0;

  constructor(options: Required<ParseOptions>) {
    this.#options = options;
    this.durations = new DurationBuilder(options);
  }

  literal(token: IToken): NumberLiteral | StringLiteral {
    const { name } = token.tokenType;
    const span = spanOf(token);
    if (name === 'String') return { kind: 'string', value: unquote(token.image), span };
    return { kind: 'number', value: amountOf(token), isDuration: name === 'Duration', span };
  }

  paren(open: IToken, inner: Expr, close: IToken): Expr {
    return { kind: 'paren', inner, span: { start: open.startOffset, end: endOf(close) } };
  }

  prefix(sign: IToken, operand: Expr): Expr {
    const span = { start: sign.startOffset, end: operand.span.end };
    const op = sign.image === '-' ? '-' : '+';
    // A signed number is a number.
    if (operand.kind === 'number') return { ...operand, value: op === '-' ? -operand.value : operand.value, span };
    return { kind: 'unary', op, operand, span };
  }

  infix(left: Expr, operator: IToken, right: Expr, { isBool, matching }: BinaryModifiers): Expr {
    const hasFill = matching.fillLeft !== undefined || matching.fillRight !== undefined;
    if (hasFill && !this.#options.enableFillModifiers) {
      throw new ParseFailure(left.span.start, 'binop fill modifiers are experimental and not enabled');
    }
    const span = { start: left.span.start, end: right.span.end };
    return { kind: 'binary', op: operator.image.toLowerCase() as BinaryOp, left, right, isBool, matching, span };
  }

  signedAmount(sign: IToken | undefined, amount: IToken): number {
    return sign?.image === '-' ? -amountOf(amount) : amountOf(amount);
  }

  aggregate(name: IToken, grouping: Grouping | undefined, args: readonly Expr[], end: number): AggregateExpr {
    const op = name.image.toLowerCase() as AggregateOp;
    const start = name.startOffset;
    if (args.length === 0) throw new ParseFailure(start, 'no arguments for aggregate expression provided');
    if (experimentalAggregations.has(op) && !this.#options.enableExperimentalFunctions) {
      throw new ParseFailure(
        start,
        `${op}() is experimental and must be enabled with --enable-feature=promql-experimental-functions`,
      );
    }
    const argCount = parameterAggregations.has(op) ? 2 : 1;
    if (args.length !== argCount) {
      throw new ParseFailure(
        start,
        `wrong number of arguments for aggregate expression provided, expected ${argCount}, got ${args.length}`,
      );
    }
    return {
      kind: 'aggregate',
      op,
      expr: args[argCount - 1]!,
      param: argCount === 2 ? args[0] : undefined,
      isWithout: grouping?.isWithout ?? false,
      grouping: grouping?.labels ?? [],
      span: { start, end },
    };
  }

  call(name: IToken, args: readonly Expr[], end: number): Expr {
    const start = name.startOffset;
    const isStep39 = this.#options.language === '3.9' && name.tokenType.name === 'Step';
    // 3.9 takes `step()` for a duration here, and then does not know what to do with it.
    if (isStep39) throw new ParseFailure(start, 'unknown node type: *parser.DurationExpr');
    const signature = findFunction(name.image, this.#options.language);
    if (!signature) throw new ParseFailure(start, `unknown function with name ${quoteGo(name.image)}`);
    if (signature.isExperimental && !this.#options.enableExperimentalFunctions) {
      throw new ParseFailure(start, `function ${quoteGo(name.image)} is not enabled`);
    }
    return { kind: 'call', name: name.image, args, span: { start, end } };
  }

  groupingLabel(token: IToken): string {
    const isString = token.tokenType.name === 'String';
    const label = isString ? unquote(token.image) : token.image;
    if (label === '' || !isValidUtf8(label)) {
      throw new ParseFailure(token.startOffset, `invalid label name for grouping: ${quoteGo(label)}`);
    }
    return label;
  }

  selector(name: IToken | undefined, matchers: readonly Matcher[], span: Span): VectorSelector {
    const metricName = name?.image ?? '';
    const all = name ? [...matchers, createMatcher(METRIC_NAME, '=', metricName)] : matchers;
    return {
      kind: 'vector-selector',
      metricName,
      matchers: all,
      offset: undefined,
      at: undefined,
      extension: undefined,
      span,
    };
  }

  matcher(label: IToken, op: IToken, value: IToken): Matcher {
    const name = label.tokenType.name === 'String' ? unquote(label.image) : label.image;
    if (op.tokenType.name === 'MatchRegex') this.#countRegex(label, value.image);
    try {
      return createMatcher(name, op.image as MatchOp, unquote(value.image));
    } catch (error) {
      if (!(error instanceof PocketCortexError)) throw error;
      throw new ParseFailure(label.startOffset, error.message);
    }
  }

  #countRegex(label: IToken, text: string): void {
    // A list of literals is cheap.
    if (!/[^\w|"'`:-]/.test(text)) return;
    this.#regexCharacters += text.length + REGEX_OVERHEAD_CHARACTERS;
    if (this.#regexCharacters <= 2 * COMPILED_LIMIT_CHARACTERS) return;
    throw new ParseFailure(label.startOffset, 'regular expressions of the query are too large together');
  }

  /** A metric name in quotes inside the braces. */
  nameMatcher(name: IToken): Matcher {
    return createMatcher(METRIC_NAME, '=', unquote(name.image));
  }
}
