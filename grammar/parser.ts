import type { IToken } from 'chevrotain';
import type { Matcher } from '../src/model/matcher.ts';
import type { AtModifier, DurationExpr, Expr, VectorMatching, VectorSelector } from './ast.ts';
import type { Chevrotain } from './chevrotain.ts';
import { type ErrorContext, errorContexts, noMessages, unexpectedMessage } from './error-context.ts';
import { NO_FEATURES, type ParseOptions } from './language.ts';
import { tokenize } from './lexer.ts';
import { timestampOf, withAt, withExtension, withOffset, withRange, withSubquery } from './modifiers.ts';
import { OperatorChain } from './operator-chain.ts';
import { ParseFailure } from './position.ts';
import { endOf } from './token-values.ts';
import { createVocabulary, describeToken } from './tokens.ts';
import { type BinaryModifiers, type Braces, type Fill, type Grouping, TreeBuilder } from './tree-builder.ts';

/** How deep parentheses may nest, half of it for calls: far from where the stack ends, farther from what people write. */
export const NESTING_LIMIT = 350;

export interface PromqlParser {
  /** The tree as written, types not checked. @throws {ParseFailure} */
  parseExpression(query: string, options: Required<ParseOptions>): Expr;
  /** @throws {ParseFailure} */
  parseSelector(text: string, options: Required<ParseOptions>): VectorSelector;
}

/** Builds the parser; `isValidated` has Chevrotain look for flaws in the grammar, which takes longer than it may at run time. */
export function createPromqlParser(chevrotain: Chevrotain, { isValidated }: { isValidated: boolean }): PromqlParser {
  const t = createVocabulary(chevrotain.createToken);

  class Parser extends chevrotain.EmbeddedActionsParser implements PromqlParser {
    #query = '';
    #options = NO_FEATURES;
    #builder = new TreeBuilder(NO_FEATURES);
    #context: ErrorContext = errorContexts.query;
    #depth = 0;

    constructor() {
      // One token decides everywhere; where a name may be an aggregation or a call, a gate looks one further.
      super(t, { maxLookahead: 1, skipValidations: !isValidated, errorMessageProvider: noMessages });
      this.performSelfAnalysis();
    }

    parseExpression(query: string, options: Required<ParseOptions>): Expr {
      this.#start(query, options);
      if (this.input.length === 0) throw new ParseFailure(0, 'no expression found in input');
      return this.#finish(this.expression());
    }

    parseSelector(text: string, options: Required<ParseOptions>): VectorSelector {
      this.#start(text, options);
      return this.#finish(this.selector());
    }

    #start(query: string, options: Required<ParseOptions>): void {
      this.#query = query;
      this.#options = options;
      this.#builder = new TreeBuilder(options);
      this.#context = errorContexts.query;
      this.#depth = 0;
      this.input = tokenize(query, t, options.language);
    }

    #finish<Result>(result: Result): Result {
      const error = this.errors[0];
      if (error) throw this.#syntaxFailure(error.token, this.#context);
      return result;
    }

    #syntaxFailure(token: IToken, context: ErrorContext): ParseFailure {
      this.#heedLexicalError(token);
      const isEnd = token.tokenType === chevrotain.EOF;
      const message = unexpectedMessage(describeToken(isEnd ? undefined : token), context, this.#options.language);
      return new ParseFailure(isEnd ? this.#query.length : token.startOffset, message);
    }

    /** A token that is none goes before what its predecessors mean, once the grammar had to look at it. */
    #heedLexicalError(token: IToken = this.LA(1)): void {
      if (token.tokenType === t.LexicalError) throw new ParseFailure(token.startOffset, token.payload as string);
    }

    #isNext(ahead: number, ...types: (typeof t)[keyof typeof t][]): boolean {
      return types.includes(this.LA(ahead).tokenType);
    }

    readonly expression = this.RULE('expression', (): Expr => {
      const chain = new OperatorChain<Expr, BinaryModifiers>(this.#builder);
      this.ACTION(() => this.#descend());
      this.MANY1(() => {
        const sign = this.CONSUME1(t.Sign);
        this.ACTION(() => chain.sign(sign));
      });
      const first = this.SUBRULE1(this.operand);
      this.ACTION(() => chain.operand(first));
      this.MANY2(() => {
        const operator = this.CONSUME(t.BinaryOperator);
        this.ACTION(() => chain.settleBefore(operator));
        const modifiers = this.SUBRULE(this.binaryModifiers);
        this.ACTION(() => chain.infix(operator, modifiers));
        this.MANY3(() => {
          const sign = this.CONSUME2(t.Sign);
          this.ACTION(() => chain.sign(sign));
        });
        const next = this.SUBRULE2(this.operand);
        this.ACTION(() => chain.operand(next));
      });
      return this.ACTION(() => {
        this.#depth -= 1;
        this.#heedLexicalError();
        return chain.finish();
      });
    });

    #descend(): void {
      this.#depth += 1;
      if (this.#depth <= NESTING_LIMIT) return;
      const message = `expression is nested too deeply (limit: ${NESTING_LIMIT} levels)`;
      throw new ParseFailure(this.LA(1).startOffset || this.#query.length, message);
    }

    readonly binaryModifiers = this.RULE('binaryModifiers', (): BinaryModifiers => {
      let isBool = false;
      let cardinality: VectorMatching['cardinality'] = 'one-to-one';
      let isOn = false;
      let labels: readonly string[] = [];
      let include: readonly string[] = [];
      this.OPTION1(() => {
        this.CONSUME(t.Bool);
        isBool = true;
      });
      this.OPTION2(() => {
        const word = this.OR1([{ ALT: () => this.CONSUME(t.On) }, { ALT: () => this.CONSUME(t.Ignoring) }]);
        isOn = word.tokenType === t.On;
        labels = this.SUBRULE1(this.groupingLabels);
        this.OPTION3(() => {
          const group = this.OR2([{ ALT: () => this.CONSUME(t.GroupLeft) }, { ALT: () => this.CONSUME(t.GroupRight) }]);
          cardinality = group.tokenType === t.GroupLeft ? 'many-to-one' : 'one-to-many';
          // A parenthesis here always opens the labels, never the right operand.
          const included = this.OPTION4(() => this.SUBRULE2(this.groupingLabels));
          this.ACTION(() => this.#expectOperandOrFill(included));
          include = included ?? [];
        });
      });
      const fill = this.SUBRULE(this.fillModifiers);
      return { isBool, matching: { cardinality, isOn, labels, include, ...fill } };
    });

    /** Behind `group_left` without labels: what cannot go on there counts as labels that went wrong. */
    #expectOperandOrFill(included: unknown): void {
      if (included !== undefined) return;
      const { tokenType } = this.LA(1);
      const starts = [t.MetricName, t.Literal, t.Sign, t.LeftParen, t.LeftBrace];
      const isExpected = starts.some((type) => type === tokenType || tokenType.CATEGORIES?.includes(type));
      if (!isExpected) throw this.#syntaxFailure(this.LA(1), errorContexts.groupingStart);
    }

    readonly fillModifiers = this.RULE('fillModifiers', (): Fill => {
      const fill: Partial<Record<string, number>> = {};
      this.OPTION1(() => {
        this.OR([
          {
            ALT: () => {
              this.CONSUME(t.Fill);
              const value = this.SUBRULE1(this.fillValue);
              fill['FillLeft'] = value;
              fill['FillRight'] = value;
            },
          },
          {
            ALT: () => {
              const side = this.CONSUME1(t.FillSide).tokenType.name;
              fill[side] = this.SUBRULE2(this.fillValue);
              this.OPTION2({
                GATE: () => !this.#isNext(1, t[side as 'FillLeft' | 'FillRight']),
                DEF: () => {
                  const other = this.CONSUME2(t.FillSide).tokenType.name;
                  fill[other] = this.SUBRULE3(this.fillValue);
                },
              });
            },
          },
        ]);
      });
      return { fillLeft: fill['FillLeft'], fillRight: fill['FillRight'] };
    });

    readonly fillValue = this.RULE('fillValue', (): number => {
      this.CONSUME(t.LeftParen);
      const sign = this.OPTION(() => this.CONSUME(t.Sign));
      const amount = this.CONSUME(t.Amount);
      this.CONSUME(t.RightParen);
      return this.ACTION(() => this.#builder.signedAmount(sign, amount));
    });

    /** `(a, "b c", d)`; a comma may stand behind the last. */
    readonly groupingLabels = this.RULE('groupingLabels', (): string[] => {
      const outer = this.#context;
      const labels: string[] = [];
      this.#context = errorContexts.groupingStart;
      this.CONSUME(t.LeftParen);
      this.#context = errorContexts.groupingLabel;
      let mayGoOn = true;
      const label = (token: IToken): void => {
        this.ACTION(() => labels.push(this.#builder.groupingLabel(token)));
        this.#context = errorContexts.groupingNext;
      };
      this.OPTION1(() => {
        label(this.CONSUME1(t.GroupingLabel));
        this.MANY({
          GATE: () => mayGoOn,
          DEF: () => {
            this.CONSUME(t.Comma);
            this.#context = errorContexts.groupingLabel;
            mayGoOn = false;
            this.OPTION2(() => {
              label(this.CONSUME2(t.GroupingLabel));
              mayGoOn = true;
            });
          },
        });
      });
      this.CONSUME(t.RightParen);
      this.#context = outer;
      return labels;
    });

    /** One rule for what stands alone and what follows it: each rule costs stack at every level of nesting. */
    readonly operand = this.RULE('operand', (): Expr => {
      let expr = this.OR1([
        {
          GATE: () => this.#isNext(2, t.LeftParen, t.By, t.Without),
          ALT: () => this.SUBRULE(this.aggregation),
          IGNORE_AMBIGUITIES: true,
        },
        { GATE: () => this.#startsCall(), ALT: () => this.SUBRULE(this.call), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.selector) },
        {
          ALT: () => {
            const literal = this.CONSUME(t.Literal);
            return this.ACTION((): Expr => this.#builder.literal(literal));
          },
        },
        {
          ALT: () => {
            const open = this.CONSUME(t.LeftParen);
            const inner = this.SUBRULE(this.expression);
            const close = this.CONSUME(t.RightParen);
            return this.ACTION((): Expr => this.#builder.paren(open, inner, close));
          },
        },
      ]);
      this.MANY(() => {
        expr = this.OR2([
          { ALT: () => this.SUBRULE(this.offsetModifier, { ARGS: [expr] }) },
          { ALT: () => this.SUBRULE(this.atModifier, { ARGS: [expr] }) },
          { ALT: () => this.SUBRULE(this.brackets, { ARGS: [expr] }) },
          { ALT: () => this.#extension(expr, this.CONSUME(t.Anchored), 'anchored') },
          { ALT: () => this.#extension(expr, this.CONSUME(t.Smoothed), 'smoothed') },
        ]);
      });
      return expr;
    });

    #extension(expr: Expr, word: IToken, extension: 'anchored' | 'smoothed'): Expr {
      return this.ACTION(() => {
        if (!this.#options.enableExtendedRangeSelectors) {
          throw new ParseFailure(expr.span.start, `${extension} modifier is experimental and not enabled`);
        }
        return withExtension(expr, extension, endOf(word));
      });
    }

    /** A name and a parenthesis; in 3.9 `start(` and its like are no calls, but `step()` half is one. */
    #startsCall(): boolean {
      if (!this.#isNext(2, t.LeftParen)) return false;
      if (this.#isNext(1, t.Identifier) || this.#options.language === '3.14') return true;
      return this.#isNext(1, t.Step) && this.#isNext(3, t.RightParen);
    }

    readonly aggregation = this.RULE('aggregation', (): Expr => {
      const outer = this.#context;
      const name = this.CONSUME(t.Aggregator);
      this.#context = errorContexts.aggregation;
      let grouping = this.OPTION1(() => this.SUBRULE1(this.aggregationModifier));
      const { args, end } = this.SUBRULE(this.argumentList);
      this.#context = outer;
      let lastEnd = end;
      const isGrouped = grouping !== undefined;
      this.OPTION2({
        GATE: () => !isGrouped,
        DEF: () => {
          grouping = this.SUBRULE2(this.aggregationModifier);
          lastEnd = endOf(this.LA(0));
        },
      });
      return this.ACTION(() => {
        if (grouping === undefined) this.#heedLexicalError();
        return this.#builder.aggregate(name, grouping, args, lastEnd);
      });
    });

    readonly aggregationModifier = this.RULE('aggregationModifier', (): Grouping => {
      const word = this.OR([{ ALT: () => this.CONSUME(t.By) }, { ALT: () => this.CONSUME(t.Without) }]);
      return { isWithout: word.tokenType === t.Without, labels: this.SUBRULE(this.groupingLabels) };
    });

    readonly call = this.RULE('call', (): Expr => {
      const name = this.CONSUME(t.FunctionName);
      const { args, end } = this.SUBRULE(this.argumentList);
      return this.ACTION(() => this.#builder.call(name, args, end));
    });

    readonly argumentList = this.RULE('argumentList', (): { args: Expr[]; end: number } => {
      const args: Expr[] = [];
      // A call takes twice the stack of a parenthesis, so it counts twice.
      this.ACTION(() => this.#descend());
      this.CONSUME(t.LeftParen);
      this.OPTION1(() => {
        args.push(this.SUBRULE1(this.expression));
        this.MANY(() => {
          const comma = this.CONSUME(t.Comma);
          const next = this.OPTION2(() => this.SUBRULE2(this.expression));
          this.ACTION(() => {
            if (next !== undefined) return args.push(next);
            this.#heedLexicalError();
            throw new ParseFailure(comma.startOffset, 'trailing commas not allowed in function call args');
          });
        });
      });
      const close = this.CONSUME(t.RightParen);
      this.ACTION(() => {
        this.#depth -= 1;
      });
      return { args, end: this.ACTION(() => endOf(close)) };
    });

    readonly selector = this.RULE(
      'selector',
      (): VectorSelector =>
        this.OR([
          {
            ALT: () => {
              const name = this.CONSUME(t.MetricName);
              const braces = this.OPTION(() => this.SUBRULE1(this.labelMatchers));
              return this.ACTION(() => {
                const span = { start: name.startOffset, end: braces?.end ?? endOf(name) };
                return this.#builder.selector(name, braces?.matchers ?? [], span);
              });
            },
          },
          {
            ALT: () => {
              const braces = this.SUBRULE2(this.labelMatchers);
              return this.ACTION(() => this.#builder.selector(undefined, braces.matchers, braces));
            },
          },
        ]),
    );

    /** `{a="b", "my metric"}`; a comma may stand behind the last. */
    readonly labelMatchers = this.RULE('labelMatchers', (): Braces => {
      const outer = this.#context;
      const matchers: Matcher[] = [];
      const open = this.CONSUME(t.LeftBrace);
      this.#context = errorContexts.matcherStart;
      let mayGoOn = true;
      this.OPTION1(() => {
        matchers.push(this.SUBRULE1(this.labelMatcher));
        this.MANY({
          GATE: () => mayGoOn,
          DEF: () => {
            this.CONSUME(t.Comma);
            this.#context = errorContexts.matcherStart;
            mayGoOn = false;
            this.OPTION2(() => {
              matchers.push(this.SUBRULE2(this.labelMatcher));
              mayGoOn = true;
            });
          },
        });
      });
      const close = this.CONSUME(t.RightBrace);
      this.#context = outer;
      return { matchers, start: open.startOffset, end: this.ACTION(() => endOf(close)) };
    });

    readonly labelMatcher = this.RULE('labelMatcher', (): Matcher => {
      const matcher = this.OR([
        {
          ALT: () => {
            const label = this.CONSUME(t.Identifier);
            this.#context = errorContexts.matcherOperator;
            const op = this.CONSUME1(t.MatchOperator);
            this.#context = errorContexts.matcherValue;
            const value = this.CONSUME1(t.String);
            return this.ACTION(() => this.#builder.matcher(label, op, value));
          },
        },
        {
          ALT: () => {
            const label = this.CONSUME2(t.String);
            this.#context = errorContexts.matcherNext;
            const condition = this.OPTION(() => {
              const op = this.CONSUME2(t.MatchOperator);
              this.#context = errorContexts.matcherValue;
              return { op, value: this.CONSUME3(t.String) };
            });
            return this.ACTION(() =>
              condition
                ? this.#builder.matcher(label, condition.op, condition.value)
                : this.#builder.nameMatcher(label),
            );
          },
        },
      ]);
      this.#context = errorContexts.matcherNext;
      return matcher;
    });

    readonly offsetModifier = this.RULE('offsetModifier', (expr: Expr): Expr => {
      const outer = this.#context;
      this.CONSUME(t.Offset);
      this.#context = errorContexts.offset;
      const offset = this.SUBRULE(this.offsetDuration);
      this.#context = outer;
      return this.ACTION(() => {
        this.#heedLexicalError();
        return withOffset(expr, this.#builder.durations.offset(offset), offset.span.end);
      });
    });

    readonly atModifier = this.RULE('atModifier', (expr: Expr): Expr => {
      const outer = this.#context;
      this.CONSUME(t.At);
      this.#context = errorContexts.at;
      const result = this.OR([
        {
          ALT: () => {
            const sign = this.OPTION(() => this.CONSUME(t.Sign));
            const amount = this.CONSUME(t.Amount);
            return this.ACTION(() => {
              const seconds = this.#builder.signedAmount(sign, amount);
              return withAt(expr, timestampOf(expr, seconds), endOf(amount));
            });
          },
        },
        {
          ALT: () => {
            const word = this.CONSUME(t.StartOrEnd);
            this.CONSUME(t.LeftParen);
            const close = this.CONSUME(t.RightParen);
            return this.ACTION(() => {
              const at: AtModifier = { kind: word.image.toLowerCase() === 'start' ? 'start' : 'end' };
              return withAt(expr, at, endOf(close));
            });
          },
        },
      ]);
      this.#context = outer;
      return result;
    });

    /** `[range]`, `[range:]`, `[range:step]` */
    readonly brackets = this.RULE('brackets', (expr: Expr): Expr => {
      const outer = this.#context;
      const open = this.CONSUME(t.LeftBracket);
      this.#context = errorContexts.range;
      const rangeDuration = this.SUBRULE1(this.duration);
      const range = this.ACTION(() => this.#builder.durations.positive(rangeDuration));
      this.#context = errorContexts.rangeNext;
      const result = this.OR([
        {
          ALT: () => {
            const close = this.CONSUME1(t.RightBracket);
            return this.ACTION(() => {
              const span = { start: open.startOffset, end: endOf(close) };
              return withRange(expr, range, span, this.#options.language === '3.9');
            });
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Colon);
            this.#context = errorContexts.subqueryStep;
            const step = this.OPTION(() => {
              const duration = this.SUBRULE2(this.duration);
              this.#context = errorContexts.subqueryEnd;
              return this.ACTION(() => this.#builder.durations.positive(duration));
            });
            const close = this.CONSUME2(t.RightBracket);
            return this.ACTION((): Expr => withSubquery(expr, range, step, endOf(close)));
          },
        },
      ]);
      this.#context = outer;
      return result;
    });

    /**
     * What `offset` takes without parentheses: one amount or call, signed perhaps, so that `x offset 5m + 2` adds to the
     * value. With parentheses or several signs it is a whole duration: `x offset (1h) / 2`.
     */
    readonly offsetDuration = this.RULE(
      'offsetDuration',
      (): DurationExpr =>
        this.OR([
          {
            GATE: () => this.#isNext(1, t.LeftParen) || (this.#isNext(1, t.Sign) && this.#isNext(2, t.Sign)),
            ALT: () => this.SUBRULE(this.duration),
            IGNORE_AMBIGUITIES: true,
          },
          {
            ALT: () => {
              const sign = this.OPTION(() => this.CONSUME(t.Sign));
              const operand = this.SUBRULE(this.durationOperand);
              return this.ACTION(() => (sign ? this.#builder.durations.prefix(sign, operand) : operand));
            },
          },
        ]),
    );

    readonly duration = this.RULE('duration', (): DurationExpr => {
      const chain = new OperatorChain<DurationExpr, undefined>(this.#builder.durations);
      this.ACTION(() => this.#descend());
      this.MANY1(() => {
        const sign = this.CONSUME1(t.Sign);
        this.ACTION(() => chain.sign(sign));
      });
      const first = this.SUBRULE1(this.durationOperand);
      this.ACTION(() => chain.operand(first));
      this.MANY2(() => {
        const operator = this.CONSUME(t.DurationOperator);
        this.ACTION(() => {
          chain.settleBefore(operator);
          chain.infix(operator, undefined);
        });
        this.MANY3(() => {
          const sign = this.CONSUME2(t.Sign);
          this.ACTION(() => chain.sign(sign));
        });
        const next = this.SUBRULE2(this.durationOperand);
        this.ACTION(() => chain.operand(next));
      });
      return this.ACTION(() => {
        this.#depth -= 1;
        this.#heedLexicalError();
        return chain.finish();
      });
    });

    readonly durationOperand = this.RULE(
      'durationOperand',
      (): DurationExpr =>
        this.OR([
          {
            ALT: () => {
              const amount = this.CONSUME(t.Amount);
              return this.ACTION((): DurationExpr => this.#builder.durations.literal(amount));
            },
          },
          {
            ALT: () => {
              const name = this.CONSUME(t.DurationWord);
              this.CONSUME1(t.LeftParen);
              const close = this.CONSUME1(t.RightParen);
              return this.ACTION((): DurationExpr => this.#builder.durations.call(name, [], endOf(close)));
            },
          },
          {
            ALT: () => {
              const name = this.OR2([
                { ALT: () => this.CONSUME(t.MinMaxOf) },
                // In 3.9 they are called as the aggregations are.
                { GATE: () => this.#isMinOrMax39(), ALT: () => this.CONSUME(t.Aggregator) },
              ]);
              this.CONSUME2(t.LeftParen);
              const left = this.SUBRULE1(this.duration);
              this.CONSUME(t.Comma);
              const right = this.SUBRULE2(this.duration);
              const close = this.CONSUME2(t.RightParen);
              return this.ACTION((): DurationExpr => this.#builder.durations.call(name, [left, right], endOf(close)));
            },
          },
          {
            ALT: () => {
              const open = this.CONSUME3(t.LeftParen);
              const inner = this.SUBRULE3(this.duration);
              const close = this.CONSUME3(t.RightParen);
              return this.ACTION(() => this.#builder.durations.paren(open, inner, endOf(close)));
            },
          },
        ]),
    );

    #isMinOrMax39(): boolean {
      return this.#options.language === '3.9' && /^(?:min|max)$/i.test(this.LA(1).image);
    }
  }

  return new Parser();
}
