import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeUtf8 } from '../../src/model/utf8.ts';
import { TextCache } from '../../src/wire/text-cache.ts';

test('decodes like a decoder that forgets, however often and in whatever order', () => {
  const cache = new TextCache();
  // Few different bytes and lengths, so that texts come again; more texts than there are slots, so that they compete.
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 3, max: 3 }),
    fc.uint8Array({ maxLength: 70 }),
    fc.nat(20_000).map((n) => Buffer.from(`host-${n}`)),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 40 }), (texts) => {
      const body = Buffer.concat(texts);
      let start = 0;
      for (const bytes of texts) {
        expect(cache.decode(body, start, start + bytes.length)).toBe(decodeUtf8(bytes));
        start += bytes.length;
      }
    }),
    { numRuns: 500 },
  );
});
