/**
 * A text in double quotes as Go's `strconv.Quote` writes it: `\n`, `\t`, `\"`, `\\` …, `\x1b` for other control
 * characters, `\u00ad` for what does not print, and `\xff` for bytes that were no UTF-8 (kept as low surrogates,
 * see `utf8.ts`).
 */
export function quoteGo(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let quoted = '"';
  for (const character of text) quoted += escapeGo(character);
  return `${quoted}"`;
}

const named: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function escapeGo(character: string): string {
  const known = named[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0)!;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`;
  // Go prints letters, marks, numbers, punctuation, symbols and the plain space.
  if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) return character;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
