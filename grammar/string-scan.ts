/** Where a string literal ends (behind its closing quote), or what is wrong with it in Prometheus's words. */
export type StringScan =
  | { readonly end: number; readonly problem?: undefined }
  | { readonly end?: undefined; readonly problem: string };

/** Scans the literal in single or double quotes that begins at `start`. */
export function scanString(text: string, start: number): StringScan {
  const quote = text[start]!;
  let at = start + 1;
  for (;;) {
    const character = text[at];
    if (character === undefined || character === '\n') return { problem: 'unterminated quoted string' };
    if (character === quote) return { end: at + 1 };
    if (character === '\\') {
      const escaped = scanEscape(text, at + 1, quote);
      if (escaped.problem !== undefined) return escaped;
      at = escaped.end;
    } else {
      const width = characterWidth(text, at);
      if (width === 0) return { problem: 'invalid UTF-8 rune' };
      at += width;
    }
  }
}

/** Scans the literal in backquotes that begins at `start`: no escapes, line breaks allowed. */
export function scanRawString(text: string, start: number): StringScan {
  let at = start + 1;
  for (;;) {
    const character = text[at];
    if (character === undefined) return { problem: 'unterminated raw string' };
    if (character === '`') return { end: at + 1 };
    const width = characterWidth(text, at);
    if (width === 0) return { problem: 'invalid UTF-8 rune' };
    at += width;
  }
}

/** UTF-16 units of the character at `at`, 0 for what was no UTF-8 (and for U+FFFD, which Go cannot tell from it). */
function characterWidth(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0xd800) return 1;
  if (unit > 0xdfff) return unit === 0xfffd ? 0 : 1;
  return text.codePointAt(at)! > 0xffff ? 2 : 0;
}

const numericEscapes: Readonly<Record<string, { readonly digits: number; readonly base: number }>> = {
  x: { digits: 2, base: 16 },
  u: { digits: 4, base: 16 },
  U: { digits: 8, base: 16 },
};

/** `at` is behind the backslash. */
function scanEscape(text: string, at: number, quote: string): StringScan {
  const character = text[at];
  if (character === undefined) return { problem: 'escape sequence not terminated' };
  if (character === quote || 'abfnrtv\\'.includes(character)) return { end: at + 1 };
  if (character >= '0' && character <= '7') return scanDigits(text, at, { digits: 3, base: 8 });
  const numeric = numericEscapes[character];
  return numeric ? scanDigits(text, at + 1, numeric) : { problem: `unknown escape sequence ${describeRune(text, at)}` };
}

function scanDigits(text: string, start: number, { digits, base }: { digits: number; base: number }): StringScan {
  let value = 0;
  for (let at = start; at < start + digits; at++) {
    if (text[at] === undefined) return { problem: 'escape sequence not terminated' };
    const digit = /[0-9a-f]/i.test(text[at]!) ? Number.parseInt(text[at]!, 16) : base;
    if (digit >= base) return { problem: `illegal character ${describeRune(text, at)} in escape sequence` };
    value = value * base + digit;
  }
  const isCodePoint = base === 8 ? value <= 255 : value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
  return isCodePoint ? { end: start + digits } : { problem: 'escape sequence is an invalid Unicode code point' };
}

/** Go's `%#U`: `U+0041 'A'`, without the character where it does not print. */
function describeRune(text: string, at: number): string {
  const code = text.codePointAt(at)!;
  const rune = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
  const number = `U+${rune.toString(16).toUpperCase().padStart(4, '0')}`;
  const character = String.fromCodePoint(rune);
  return /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character) ? `${number} '${character}'` : number;
}
