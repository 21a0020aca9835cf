import { quoteGo } from '../../model/go-quote.ts';

/** A piece of a template: text, or what stands inside of `{{ }}`. */
export interface Token {
  readonly kind: TokenKind;
  /** As it is written; of an error its message. */
  readonly text: string;
  /** Where it begins in the template, in UTF-16 units. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
}

export type TokenKind =
  | 'text'
  | 'left-delimiter'
  | 'right-delimiter'
  | 'left-parenthesis'
  | 'right-parenthesis'
  | 'space'
  | 'pipe'
  | 'declare'
  | 'assign'
  | 'comma'
  | 'character'
  | 'string'
  | 'raw-string'
  | 'rune'
  | 'number'
  | 'complex'
  | 'bool'
  | 'nil'
  | 'dot'
  | 'field'
  | 'variable'
  | 'identifier'
  | Keyword
  /** Nothing follows that could be read. */
  | 'error'
  | 'end-of-text';

const KEYWORDS = [
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
] as const satisfies readonly string[];

export type Keyword = (typeof KEYWORDS)[number];

export function isKeyword(text: string): text is Keyword {
  return (KEYWORDS as readonly string[]).includes(text);
}

/**
 * Cuts a template into tokens. The last one is `end-of-text`, or before it the `error` at which reading had to stop. Comments leave
 * no token, and trim markers (`{{- ` and ` -}}`) have taken the white space of the text beside them.
 */
export function scanTemplate(template: string): Token[] {
  return new Scanner(template).scan();
}

const SPACE = /[ \t\r\n]+/y;
const LEADING_SPACE = /[ \t\r\n]*/y;
const RIGHT_DELIMITER = /(?:[ \t\r\n]-)?\}\}/y;
const WORD = /[\p{L}\p{Nd}_]+/uy;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"/y;
const RAW_STRING = /`[^`]*`/y;
const RUNE = /'(?:[^'\\\n]|\\[^\n])*'/y;
/** Go's scanner takes any digits here, and leaves it to the conversion to find fault with them. */
const NUMBER =
  /[+-]?(?:0(?:[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|[oO][0-7_]*(?:\.[0-7_]*)?|[bB][01_]*(?:\.[01_]*)?)|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;

class Scanner {
  readonly #template: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #openParentheses = 0;
  #hasFailed = false;

  constructor(template: string) {
    this.#template = template;
  }

  scan(): Token[] {
    while (!this.#hasFailed && this.#at < this.#template.length) this.#scanTextAndAction();
    this.#tokens.push({ kind: 'end-of-text', text: '', offset: this.#at, line: this.#line });
    return this.#tokens;
  }

  #scanTextAndAction(): void {
    const template = this.#template;
    const start = template.indexOf('{{', this.#at);
    const text = template.slice(this.#at, start < 0 ? template.length : start);
    const isTrimmed = start >= 0 && /^-[ \t\r\n]/.test(template.slice(start + 2, start + 4));
    const kept = isTrimmed ? text.replace(/[ \t\r\n]+$/, '') : text;
    if (kept !== '') this.#push('text', kept.length);
    this.#skip(text.length - kept.length);
    if (start < 0) return;
    const markerLength = isTrimmed ? 2 : 0;
    if (template.startsWith('/*', start + 2 + markerLength)) {
      this.#skip(2 + markerLength);
      this.#skipComment();
      return;
    }
    this.#push('left-delimiter', 2);
    this.#skip(markerLength);
    this.#openParentheses = 0;
    while (!this.#hasFailed && this.#scanInside()) {}
  }

  #skipComment(): void {
    const end = this.#template.indexOf('*/', this.#at + 2);
    if (end < 0) {
      this.#fail('unclosed comment');
      return;
    }
    const closing = this.#match(RIGHT_DELIMITER, end + 2);
    if (closing === undefined) {
      this.#fail('comment ends before closing delimiter');
      return;
    }
    this.#skip(end + 2 + closing.length - this.#at);
    if (closing.length > 2) this.#skip(this.#match(LEADING_SPACE)!.length);
  }

  /** Takes one token inside of an action; false when that was its end. */
  #scanInside(): boolean {
    const closing = this.#match(RIGHT_DELIMITER);
    if (closing !== undefined) {
      if (this.#openParentheses > 0) {
        this.#fail('unclosed left paren');
        return false;
      }
      this.#skip(closing.length - 2);
      this.#push('right-delimiter', 2);
      if (closing.length > 2) this.#skip(this.#match(LEADING_SPACE)!.length);
      return false;
    }
    const space = this.#match(SPACE);
    if (space !== undefined) this.#scanSpace(space);
    else this.#scanWord(this.#template[this.#at]);
    return true;
  }

  #scanSpace(space: string): void {
    // The last space may belong to the trim marker behind it.
    const beforeMarker = this.#match(RIGHT_DELIMITER, this.#at + space.length - 1) !== undefined ? 1 : 0;
    if (space.length > beforeMarker) this.#push('space', space.length - beforeMarker);
  }

  #scanWord(first: string | undefined): void {
    switch (first) {
      case undefined:
        this.#fail('unclosed action');
        return;
      case '=':
        this.#push('assign', 1);
        return;
      case ':':
        if (this.#template[this.#at + 1] === '=') this.#push('declare', 2);
        else this.#fail('expected :=');
        return;
      case '|':
        this.#push('pipe', 1);
        return;
      case ',':
        this.#push('comma', 1);
        return;
      case '"':
        this.#pushMatch('string', STRING, 'unterminated quoted string');
        return;
      case '`':
        this.#pushMatch('raw-string', RAW_STRING, 'unterminated raw quoted string');
        return;
      case "'":
        this.#pushMatch('rune', RUNE, 'unterminated character constant');
        return;
      case '(':
        this.#openParentheses += 1;
        this.#push('left-parenthesis', 1);
        return;
      case ')':
        this.#openParentheses -= 1;
        if (this.#openParentheses < 0) this.#fail('unexpected right paren');
        else this.#push('right-parenthesis', 1);
        return;
      case '$':
        this.#scanName('variable', 'variable');
        return;
    }
    if (first === '.' && !/[0-9]/.test(this.#template[this.#at + 1] ?? '0')) this.#scanName('dot', 'field');
    else if (/[.+\-0-9]/.test(first)) this.#scanNumber();
    else if (this.#match(WORD) !== undefined) this.#scanIdentifier();
    else if (/[!-~]/.test(first)) this.#push('character', 1);
    else this.#fail(`unrecognized character in action: ${unicodeName(this.#characterAt(this.#at))}`);
  }

  /** `$`, `$name`, `.`, `.name`: the sign at the cursor, alone or with a name. */
  #scanName(alone: TokenKind, named: TokenKind): void {
    const nameLength = this.#match(WORD, this.#at + 1)?.length ?? 0;
    if (this.#checkTerminator(this.#at + 1 + nameLength)) this.#push(nameLength === 0 ? alone : named, 1 + nameLength);
  }

  #scanIdentifier(): void {
    const word = this.#match(WORD)!;
    if (!this.#checkTerminator(this.#at + word.length)) return;
    if (isKeyword(word)) this.#push(word, word.length);
    else if (word === 'true' || word === 'false') this.#push('bool', word.length);
    else this.#push(word === 'nil' ? 'nil' : 'identifier', word.length);
  }

  #scanNumber(): void {
    const first = this.#match(NUMBER)!;
    const afterFirst = this.#template[this.#at + first.length];
    if (afterFirst === '+' || afterFirst === '-') {
      // A sign that follows without a space makes it complex: `1+2i`.
      const second = this.#match(NUMBER, this.#at + first.length)!;
      if (this.#checkNumberEnd(first.length + second.length) && second.endsWith('i')) {
        this.#push('complex', first.length + second.length);
      } else if (!this.#hasFailed) this.#failNumber(first.length + second.length);
    } else if (this.#checkNumberEnd(first.length)) this.#push('number', first.length);
  }

  #checkNumberEnd(length: number): boolean {
    const next = this.#characterAt(this.#at + length);
    if (!/^[\p{L}\p{Nd}_]$/u.test(next)) return true;
    this.#failNumber(length + next.length);
    return false;
  }

  #failNumber(length: number): void {
    this.#fail(`bad number syntax: ${quoteGo(this.#template.slice(this.#at, this.#at + length))}`);
  }

  /** A name ends at a space, at a sign that may follow one, or with the action. */
  #checkTerminator(offset: number): boolean {
    const next = this.#characterAt(offset);
    if (next === '' || /^[ \t\r\n.,|:()]/.test(next) || this.#template.startsWith('}}', offset)) return true;
    this.#fail(`bad character ${unicodeName(next)}`);
    return false;
  }

  #characterAt(offset: number): string {
    const code = this.#template.codePointAt(offset);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #match(pattern: RegExp, offset = this.#at): string | undefined {
    pattern.lastIndex = offset;
    return pattern.exec(this.#template)?.[0];
  }

  #pushMatch(kind: TokenKind, pattern: RegExp, problem: string): void {
    const match = this.#match(pattern);
    if (match === undefined) this.#fail(problem);
    else this.#push(kind, match.length);
  }

  #push(kind: TokenKind, length: number): void {
    const text = this.#template.slice(this.#at, this.#at + length);
    this.#tokens.push({ kind, text, offset: this.#at, line: this.#line });
    this.#skip(length);
  }

  #skip(length: number): void {
    const end = this.#at + length;
    for (; this.#at < end; this.#at++) if (this.#template[this.#at] === '\n') this.#line += 1;
  }

  #fail(message: string): void {
    this.#tokens.push({ kind: 'error', text: message, offset: this.#at, line: this.#line });
    this.#hasFailed = true;
  }
}

/** As Go's `%#U`: `U+0021 '!'`; characters that do not print stay unquoted. */
function unicodeName(character: string): string {
  const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character) ? `U+${code} '${character}'` : `U+${code}`;
}
