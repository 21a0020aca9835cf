/** What a JSON string cannot hold as it is, and lone surrogates (bytes that were no UTF-8, see `model/utf8.ts`). */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be escaped
  /["\\\u0000-\u001f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** `UNSAFE`, and what Go's encoder escapes for the sake of browsers. */
const UNSAFE_IN_HTML =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be escaped
  /["\\\u0000-\u001f<>&\u2028\u2029]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Everything that neither of them touches, as nearly all texts are. */
const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/;

/** A JSON string as Cortex's query frontend writes it: `<`, `>` and `&` stay. */
export function quoteJson(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : `"${text.replace(UNSAFE, escapeJson)}"`;
}

/** A JSON string as Go's standard encoder writes it, which is how lists, metadata and errors go out: `<` is `\u003c`. */
export function quoteJsonForHtml(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : `"${text.replace(UNSAFE_IN_HTML, escapeJson)}"`;
}

function escapeJson(character: string): string {
  switch (character) {
    case '"':
      return '\\"';
    case '\\':
      return '\\\\';
    case '\n':
      return '\\n';
    case '\r':
      return '\\r';
    case '\t':
      return '\\t';
  }
  const code = character.charCodeAt(0);
  return code >= 0xd800 && code <= 0xdfff ? '\\ufffd' : `\\u${code.toString(16).padStart(4, '0')}`;
}
