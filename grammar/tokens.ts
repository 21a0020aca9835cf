import type { IToken, TokenType } from 'chevrotain';
import { quoteGo } from '../src/model/go-quote.ts';
import type { Language } from './language.ts';

/**
 * The kinds of tokens, with how an error names them: a keyword is `<by>`, an operator `<op:+>`, an aggregation
 * `<aggr:sum>`; a mark is just quoted; what varies says what it is (`identifier "up"`). Words stand in the kinds by
 * what the grammar may do with them, so `and` and `or` are one kind and all aggregations are one.
 */
const tokenKinds = {
  Identifier: { shown: 'identifier', categories: ['MetricName', 'GroupingLabel', 'FunctionName'] },
  MetricIdentifier: { shown: 'metric identifier', categories: ['MetricName', 'GroupingLabel'] },
  Aggregator: { shown: 'aggregator', categories: ['MetricName', 'GroupingLabel'] },
  By: { shown: 'keyword', categories: ['MetricName', 'GroupingLabel'] },
  Without: { shown: 'keyword', categories: ['MetricName'] },
  Bool: { shown: 'keyword', categories: ['GroupingLabel'] },
  On: { shown: 'keyword', categories: ['GroupingLabel'] },
  Ignoring: { shown: 'keyword', categories: ['GroupingLabel'] },
  GroupLeft: { shown: 'keyword', categories: ['GroupingLabel'] },
  GroupRight: { shown: 'keyword', categories: ['GroupingLabel'] },
  Fill: { shown: 'keyword', categories: ['MetricName', 'GroupingLabel'] },
  FillLeft: { shown: 'keyword', categories: ['MetricName', 'GroupingLabel', 'FillSide'] },
  FillRight: { shown: 'keyword', categories: ['MetricName', 'GroupingLabel', 'FillSide'] },
  Offset: { shown: 'keyword', categories: ['MetricName', 'GroupingLabel'] },
  Anchored: { shown: 'keyword', categories: ['MetricName', 'GroupingLabel'] },
  Smoothed: { shown: 'keyword', categories: ['MetricName', 'GroupingLabel'] },
  SetOperator: { shown: 'operator', categories: ['MetricName', 'GroupingLabel', 'BinaryOperator'] },
  Atan2: { shown: 'operator', categories: ['GroupingLabel', 'BinaryOperator'] },
  StartOrEnd: { shown: 'mark', categories: ['MetricName', 'GroupingLabel', 'FunctionName'] },
  Step: { shown: 'mark', categories: ['MetricName', 'GroupingLabel', 'FunctionName', 'DurationWord'] },
  Range: { shown: 'mark', categories: ['MetricName', 'GroupingLabel', 'FunctionName', 'DurationWord'] },
  MinMaxOf: { shown: 'mark', categories: ['MetricName', 'GroupingLabel', 'FunctionName'] },
  Number: { shown: 'number', categories: ['Amount', 'Literal'] },
  Duration: { shown: 'duration', categories: ['Amount', 'Literal'] },
  String: { shown: 'string', categories: ['GroupingLabel', 'Literal'] },
  Sign: { shown: 'operator', categories: ['BinaryOperator', 'DurationOperator'] },
  Multiplicative: { shown: 'operator', categories: ['BinaryOperator', 'DurationOperator'] },
  Power: { shown: 'operator', categories: ['BinaryOperator', 'DurationOperator'] },
  Comparison: { shown: 'operator', categories: ['BinaryOperator'] },
  NotEqual: { shown: 'operator', categories: ['BinaryOperator', 'MatchOperator'] },
  MatchRegex: { shown: 'operator', categories: ['MatchOperator'] },
  Equal: { shown: 'mark', categories: ['MatchOperator'] },
  At: { shown: 'operator', categories: [] },
  LeftParen: { shown: 'mark', categories: [] },
  RightParen: { shown: 'mark', categories: [] },
  LeftBrace: { shown: 'mark', categories: [] },
  RightBrace: { shown: 'mark', categories: [] },
  LeftBracket: { shown: 'mark', categories: [] },
  RightBracket: { shown: 'mark', categories: [] },
  Comma: { shown: 'mark', categories: [] },
  Colon: { shown: 'mark', categories: [] },
  /** Where the lexer gave up; the payload is its message. No rule accepts it. */
  LexicalError: { shown: 'mark', categories: [] },
} as const satisfies Record<string, TokenKind>;

interface TokenKind {
  readonly shown:
    | 'keyword'
    | 'operator'
    | 'aggregator'
    | 'mark'
    | 'identifier'
    | 'metric identifier'
    | 'string'
    | 'number'
    | 'duration';
  readonly categories: readonly CategoryName[];
}

const categoryNames = [
  'MetricName',
  'GroupingLabel',
  'FunctionName',
  'FillSide',
  'DurationWord',
  'BinaryOperator',
  'DurationOperator',
  'MatchOperator',
  'Amount',
  'Literal',
] as const;

export type CategoryName = (typeof categoryNames)[number];
export type TokenName = keyof typeof tokenKinds;

/** The token types as Chevrotain wants them; made once, when the parser is. */
export type Vocabulary = Readonly<Record<TokenName | CategoryName, TokenType>>;

export function createVocabulary(
  createToken: (config: { name: string; categories?: TokenType[] }) => TokenType,
): Vocabulary {
  const types: Partial<Record<TokenName | CategoryName, TokenType>> = {};
  for (const name of categoryNames) types[name] = createToken({ name });
  for (const name of Object.keys(tokenKinds) as TokenName[]) {
    const categories = tokenKinds[name].categories.map((category) => types[category]!);
    types[name] = createToken({ name, categories });
  }
  return types as Vocabulary;
}

const keywords: ReadonlyMap<string, TokenName> = new Map(
  Object.entries({
    SetOperator: 'and or unless',
    Atan2: 'atan2',
    Aggregator: 'sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio',
    Offset: 'offset',
    Smoothed: 'smoothed',
    Anchored: 'anchored',
    By: 'by',
    Without: 'without',
    On: 'on',
    Ignoring: 'ignoring',
    GroupLeft: 'group_left',
    GroupRight: 'group_right',
    Fill: 'fill',
    FillLeft: 'fill_left',
    FillRight: 'fill_right',
    Bool: 'bool',
    StartOrEnd: 'start end',
    Step: 'step',
    Range: 'range',
    MinMaxOf: 'min_of max_of',
    Number: 'inf nan',
  } satisfies Partial<Record<TokenName, string>>).flatMap(([name, words]) =>
    words.split(' ').map((word) => [word, name as TokenName] as const),
  ),
);

/** Words that only 3.14 keeps for itself. */
const newKeywords: ReadonlySet<TokenName> = new Set(['Fill', 'FillLeft', 'FillRight', 'Range', 'MinMaxOf']);

/** The keyword that `word` is, whatever its case. */
export function findKeyword(word: string, language: Language): TokenName | undefined {
  const name = keywords.get(word) ?? keywords.get(word.toLowerCase());
  return name !== undefined && language === '3.9' && newKeywords.has(name) ? undefined : name;
}

/** A token as Prometheus's messages name it; `undefined` is the end of the query. */
export function describeToken(token: IToken | undefined): string {
  if (token === undefined) return 'end of input';
  const { shown } = tokenKinds[token.tokenType.name as TokenName];
  switch (shown) {
    case 'keyword':
      return `<${token.image}>`;
    case 'operator':
      return `<op:${token.image}>`;
    case 'aggregator':
      return `<aggr:${token.image}>`;
    case 'mark':
      return shorten(token.image);
    case 'identifier':
    case 'metric identifier':
      return `${shown} ${quoteGo(token.image)}`;
    case 'string':
    case 'number':
    case 'duration':
      return `${shown} ${shorten(token.image)}`;
  }
}

function shorten(image: string): string {
  return Buffer.byteLength(image) > 10
    ? `${quoteGo([...image.slice(0, 20)].slice(0, 10).join(''))}...`
    : quoteGo(image);
}
