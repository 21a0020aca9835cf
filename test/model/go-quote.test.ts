import { expect, test } from 'vitest';
import { quoteGo } from '../../src/model/go-quote.ts';

const quoted: readonly [text: string, quoted: string][] = [
  ['', '""'],
  ['plain text', '"plain text"'],
  [`it's "x" \\ y`, `"it's \\"x\\" \\\\ y"`],
  ['\u0007\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['\u0000\u001b\u007f', '"\\x00\\x1b\\x7f"'],
  ['Zürich 北京 🎉', '"Zürich 北京 🎉"'],
  ['\u0080\u00a0\u00ad\u2028', '"\\u0080\\u00a0\\u00ad\\u2028"'],
  ['\u{e0001}', '"\\U000e0001"'],
  ['\ufffd', '"\ufffd"'],
  // Bytes that were no UTF-8.
  ['a\udcff\udc80', '"a\\xff\\x80"'],
];

test.for(quoted)('quotes %j', ([text, expected]) => {
  expect(quoteGo(text)).toBe(expected);
});
