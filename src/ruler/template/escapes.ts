import { encodeUtf8 } from '../../model/utf8.ts';

const HTML: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\u0000': '\ufffd',
};

/** As Go's `html` does. */
export function escapeHtml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the zero character is what this is about
  return text.replace(/["'&<>\u0000]/g, (character) => HTML[character]!);
}

/** As Go's `js` does: for the inside of a string of JavaScript. */
export function escapeJavaScript(text: string): string {
  return text.replace(/[^ -~]|[\\'"<>&=]/gu, (character) => {
    if (/[\\'"]/.test(character)) return `\\${character}`;
    if (character > '\u007f' && /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) return character;
    return `\\u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

/** As Go's `url.QueryEscape` does: all but letters, digits and `-_.~`; a space is a plus sign. */
export function escapeQuery(text: string): string {
  let escaped = '';
  for (const byte of encodeUtf8(text)) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-_.~]/.test(character)) escaped += character;
    else escaped += byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}
