/** What a parse error carries until the front turns it into the error that users see. `offset` is in UTF-16 units. */
export class ParseFailure extends Error {
  override readonly name = 'ParseFailure';
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/**
 * `line:column` of `offset` (UTF-16 units) in `query`, both from 1. Columns count bytes of UTF-8, as in Prometheus;
 * an empty query has no positions, and that has a text too.
 */
export function formatPosition(query: string, offset: number): string {
  if (query === '') return 'unknown position';
  if (offset < 0 || offset > query.length) return 'invalid position';
  let line = 1;
  let lineStart = 0;
  for (let at = query.indexOf('\n'); at >= 0 && at < offset; at = query.indexOf('\n', at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return `${line}:${utf8Length(query, lineStart, offset) + 1}`;
}

/** Bytes of `text[start, end)` as UTF-8; a lone low surrogate is a byte that was no UTF-8 (see the model's `utf8.ts`). */
function utf8Length(text: string, start: number, end: number): number {
  let bytes = 0;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 4;
      i += 1;
    } else bytes += unit >= 0xdc80 && unit <= 0xdcff ? 1 : 3;
  }
  return bytes;
}
