import type { IToken } from 'chevrotain';
import { quoteGo } from '../src/model/go-quote.ts';
import type { Language } from './language.ts';
import { scanDurationRest, scanNumber } from './number-scan.ts';
import { scanRawString, scanString } from './string-scan.ts';
import { findKeyword, type TokenName, type Vocabulary } from './tokens.ts';

/** How many tokens a query may have: what the parser takes time for, far above what people and dashboards write. */
const TOKEN_LIMIT = 50_000;

/**
 * Cuts a query into tokens, in one pass. The first thing that is no PromQL becomes a `LexicalError` token, the last of
 * the list: the parser reports it when it gets there, so that an earlier mistake wins. Comments and spaces are dropped.
 *
 * Written by hand because PromQL's words depend on where they stand, and its messages too:
 *
 *     text        foo{a="b"}[5m * 2] offset 1m
 *     state       plain | braces | duration, then bracket | plain
 *
 * Right behind `[` only durations are words (state `duration`); after the first amount the plain rules are back, except
 * that `:` is a mark and no name may follow (state `bracket`).
 */
export function tokenize(query: string, vocabulary: Vocabulary, language: Language): IToken[] {
  return new Lexer(query, vocabulary, language).run();
}

const plainMarks: Readonly<Record<string, TokenName>> = {
  ',': 'Comma',
  '*': 'Multiplicative',
  '/': 'Multiplicative',
  '%': 'Multiplicative',
  '+': 'Sign',
  '-': 'Sign',
  '^': 'Power',
  '@': 'At',
};

class Lexer {
  readonly #text: string;
  readonly #vocabulary: Vocabulary;
  readonly #language: Language;
  readonly #tokens: IToken[] = [];
  #position = 0;
  #parenDepth = 0;
  #state: 'plain' | 'braces' | 'duration' | 'bracket' = 'plain';
  #hasColon = false;
  /** Whether any bracket so far held an amount: Prometheus never forgets it between brackets. */
  #hasAmount = false;

  constructor(text: string, vocabulary: Vocabulary, language: Language) {
    this.#text = text;
    this.#vocabulary = vocabulary;
    this.#language = language;
  }

  run(): IToken[] {
    try {
      while (this.#skipSpace()) {
        if (this.#tokens.length >= TOKEN_LIMIT) throw this.#failure(`query has too many parts (limit: ${TOKEN_LIMIT})`);
        this.#position = this.#scanToken();
      }
    } catch (error) {
      if (!(error instanceof LexicalFailure)) throw error;
      this.#push('LexicalError', error.offset, this.#text.length, error.message);
    }
    return this.#tokens;
  }

  /** Moves to the next token; false at the end. */
  #skipSpace(): boolean {
    for (;;) {
      const character = this.#text[this.#position];
      if (character === undefined) return this.#end();
      if (isSpace(character)) {
        this.#position += 1;
      } else if (character === '#' && this.#state !== 'duration') {
        const rest = /[\r\n]|$/g;
        rest.lastIndex = this.#position;
        this.#position = rest.exec(this.#text)!.index;
      } else {
        return true;
      }
    }
  }

  #end(): false {
    if (this.#state === 'duration') throw this.#failure('unexpected end of input in duration expression');
    if (this.#state === 'braces') throw this.#failure('unexpected end of input inside braces');
    if (this.#parenDepth > 0) throw this.#failure('unclosed left parenthesis');
    if (this.#state === 'bracket') throw this.#failure('unclosed left bracket');
    return false;
  }

  /** Like all scanning below: makes the token that begins here and returns where it ends. */
  #scanToken(): number {
    if (this.#state === 'braces') return this.#scanInBraces();
    if (this.#state === 'duration') return this.#scanDuration();
    const character = this.#text[this.#position]!;
    const next = this.#text[this.#position + 1];
    const mark = plainMarks[character];
    if (mark) return this.#mark(mark, 1);
    if (isWordStart(character) || character === ':') {
      return this.#state === 'bracket' ? this.#scanWordInBracket(character) : this.#scanWord();
    }
    if (isDigit(character) || (character === '.' && isDigit(next))) return this.#scanAmount();
    switch (character) {
      case '(':
      case ')':
        return this.#scanParen(character);
      case '=':
      case '!':
      case '<':
      case '>':
        return this.#scanComparison(character, next);
      case '"':
      case "'":
      case '`':
        return this.#scanString(character);
      case '{':
        this.#state = this.#state === 'bracket' ? 'bracket' : 'braces';
        return this.#mark('LeftBrace', 1);
      case '[':
        return this.#openBracket();
      case ']':
        if (this.#state !== 'bracket') throw this.#failure("unexpected right bracket ']'");
        this.#state = 'plain';
        return this.#mark('RightBracket', 1);
      default:
        throw this.#failure(`unexpected character: ${this.#shown()}`);
    }
  }

  #scanParen(character: '(' | ')'): number {
    this.#parenDepth += character === '(' ? 1 : -1;
    // The error stands behind the parenthesis, in place of it.
    if (this.#parenDepth < 0) throw this.#failure("unexpected right parenthesis ')'", 1);
    return this.#mark(character === '(' ? 'LeftParen' : 'RightParen', 1);
  }

  #scanComparison(character: string, next: string | undefined): number {
    if (character === '=') {
      if (next === '~') throw this.#failure("unexpected character after '=': '~'");
      return next === '=' ? this.#mark('Comparison', 2) : this.#mark('Equal', 1);
    }
    if (character === '!') {
      if (next !== '=') throw this.#failure(`unexpected character after '!': ${this.#shown(1)}`);
      return this.#mark('NotEqual', 2);
    }
    const isTrim = next === '/' && this.#language === '3.14';
    return this.#mark('Comparison', next === '=' || isTrim ? 2 : 1);
  }

  #openBracket(): number {
    if (this.#state === 'bracket') throw this.#failure("unexpected left bracket '['");
    this.#state = 'duration';
    this.#hasColon = false;
    return this.#mark('LeftBracket', 1);
  }

  #scanInBraces(): number {
    const character = this.#text[this.#position]!;
    const next = this.#text[this.#position + 1];
    if (isWordStart(character)) {
      return this.#push('Identifier', this.#position, endOfWord(this.#text, this.#position, false));
    }
    switch (character) {
      case ',':
        return this.#mark('Comma', 1);
      case '"':
      case "'":
      case '`':
        return this.#scanString(character);
      case '=':
        return next === '~' ? this.#mark('MatchRegex', 2) : this.#mark('Equal', 1);
      case '!':
        if (next === '~') return this.#mark('MatchRegex', 2);
        if (next === '=') return this.#mark('NotEqual', 2);
        throw this.#failure(`unexpected character after '!' inside braces: ${this.#shown(1)}`);
      case '{':
        throw this.#failure("unexpected left brace '{'");
      case '}':
        this.#state = 'plain';
        return this.#mark('RightBrace', 1);
      default:
        throw this.#failure(`unexpected character inside braces: ${this.#shown()}`);
    }
  }

  /** Behind `[`, up to the first amount. */
  #scanDuration(): number {
    const character = this.#text[this.#position]!;
    const mark = character === '@' ? undefined : plainMarks[character];
    if (mark) return this.#mark(mark, 1);
    if (isDigit(character) || (character === '.' && isDigit(this.#text[this.#position + 1]))) {
      this.#hasAmount = true;
      this.#state = 'bracket';
      return this.#scanAmount();
    }
    switch (character) {
      case ']':
        this.#state = 'plain';
        return this.#mark('RightBracket', 1);
      case ':':
        return this.#scanColon();
      case '(':
      case ')':
        return this.#scanParen(character);
      default:
        return this.#scanDurationWord(`unexpected character in duration expression: ${this.#shown()}`);
    }
  }

  #scanColon(): number {
    const problem = !this.#hasAmount ? 'colon before duration' : this.#hasColon ? 'repeated colon' : undefined;
    if (problem) throw this.#failure(`unexpected ${problem} in duration expression`, 1);
    this.#hasColon = true;
    return this.#mark('Colon', 1);
  }

  /** Inside brackets, behind an amount. */
  #scanWordInBracket(character: string): number {
    if (character === ':') {
      if (this.#hasColon) throw this.#failure("unexpected colon ':'");
      this.#hasColon = true;
      return this.#mark('Colon', 1);
    }
    return this.#scanDurationWord(`unexpected character: ${this.#shown()}, expected ':'`);
  }

  /** `step`, `range`, `min_of` … where only durations are allowed; with `problem` what other words are there. */
  #scanDurationWord(problem: string): number {
    const start = this.#position;
    let end = start;
    while (isWordStart(this.#text[end])) end += 1;
    const word = this.#text.slice(start, end).toLowerCase();
    const words = this.#language === '3.9' ? durationWords39 : durationWords;
    const name = words.get(word);
    if (name === undefined) throw this.#failure(problem);
    return this.#push(name, start, end);
  }

  #scanAmount(): number {
    const start = this.#position;
    const number = scanNumber(this.#text, start);
    if (number.isNumber) return this.#push('Number', start, number.end);
    const duration = scanDurationRest(this.#text, number.end);
    if (duration.isNumber) return this.#push('Duration', start, duration.end);
    throw this.#failure(`bad number or duration syntax: ${quoteGo(this.#text.slice(start, duration.end))}`);
  }

  #scanWord(): number {
    const start = this.#position;
    const end = endOfWord(this.#text, start, true);
    const word = this.#text.slice(start, end);
    const keyword = findKeyword(word, this.#language);
    if (keyword === undefined) return this.#push(word.includes(':') ? 'MetricIdentifier' : 'Identifier', start, end);
    const isFill = keyword === 'Fill' || keyword === 'FillLeft' || keyword === 'FillRight';
    // `fill` is a name too unless a value follows: queries from before it was a word still work.
    return this.#push(isFill && !this.#isParenNext(end) ? 'Identifier' : keyword, start, end);
  }

  #isParenNext(position: number): boolean {
    let at = position;
    while (isSpace(this.#text[at])) at += 1;
    return this.#text[at] === '(';
  }

  #scanString(quote: string): number {
    const start = this.#position;
    const scan = quote === '`' ? scanRawString(this.#text, start) : scanString(this.#text, start);
    if (scan.problem !== undefined) throw this.#failure(scan.problem);
    return this.#push('String', start, scan.end);
  }

  #mark(name: TokenName, length: number): number {
    return this.#push(name, this.#position, this.#position + length);
  }

  #push(name: TokenName, startOffset: number, end: number, payload?: string): number {
    const tokenType = this.#vocabulary[name];
    const image = this.#text.slice(startOffset, end);
    const token: IToken = { image, startOffset, endOffset: end - 1, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx! };
    if (payload !== undefined) token.payload = payload;
    this.#tokens.push(token);
    return end;
  }

  /** An error `ahead` of here. */
  #failure(message: string, ahead = 0): LexicalFailure {
    return new LexicalFailure(message, this.#position + ahead);
  }

  /** The character `ahead` of here as Go's `%q` prints it. */
  #shown(ahead = 0): string {
    const code = this.#text.codePointAt(this.#position + ahead);
    // The end of the input and broken UTF-8 both print as the replacement character.
    const isBroken = code === undefined || (code >= 0xd800 && code <= 0xdfff);
    const character = isBroken ? '\ufffd' : String.fromCodePoint(code);
    if (character === "'") return "'\\''";
    return character === '"' ? `'"'` : `'${quoteGo(character).slice(1, -1)}'`;
  }
}

class LexicalFailure extends Error {
  override readonly name = 'LexicalFailure';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const durationWords: ReadonlyMap<string, TokenName> = new Map([
  ['step', 'Step'],
  ['range', 'Range'],
  ['min_of', 'MinMaxOf'],
  ['max_of', 'MinMaxOf'],
]);
const durationWords39: ReadonlyMap<string, TokenName> = new Map([
  ['step', 'Step'],
  ['min', 'Aggregator'],
  ['max', 'Aggregator'],
]);

function endOfWord(text: string, start: number, withColons: boolean): number {
  let end = start + 1;
  while (isWordStart(text[end]) || isDigit(text[end]) || (withColons && text[end] === ':')) end += 1;
  return end;
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r';
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

function isWordStart(character: string | undefined): boolean {
  return (
    character !== undefined &&
    ((character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || character === '_')
  );
}
