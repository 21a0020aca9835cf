import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8, isValidUtf8, replaceInvalidUtf8 } from '../../src/model/utf8.ts';

const invalid: readonly { name: string; bytes: number[]; text: string }[] = [
  { name: 'a byte that begins nothing', bytes: [0x61, 0xff, 0x62], text: 'a\udcffb' },
  { name: 'a continuation byte alone', bytes: [0x80], text: '\udc80' },
  { name: 'a sequence that is cut off', bytes: [0xe2, 0x82], text: '\udce2\udc82' },
  { name: 'an overlong form', bytes: [0xc0, 0x80], text: '\udcc0\udc80' },
  { name: 'an encoded surrogate', bytes: [0xed, 0xa0, 0x80], text: '\udced\udca0\udc80' },
  { name: 'a code point above the last', bytes: [0xf4, 0x90, 0x80, 0x80], text: '\udcf4\udc90\udc80\udc80' },
  { name: 'a bad byte behind an emoji', bytes: [0xf0, 0x9f, 0x8e, 0x89, 0xff], text: '🎉\udcff' },
];

test.for(invalid)('keeps $name apart', ({ bytes, text }) => {
  const decoded = decodeUtf8(Uint8Array.from(bytes));
  expect(decoded).toBe(text);
  expect(isValidUtf8(decoded)).toBe(false);
  expect([...encodeUtf8(decoded)]).toEqual(bytes);
});

test('decodes a part of the bytes', () => {
  expect(decodeUtf8(Buffer.from('ab\u00e9cd'), 1, 5)).toBe('b\u00e9c');
});

test.for(['', 'plain', 'Zürich', '\ufffd itself', '\ufeffwith a mark in front', '🎉', '\u0000'])('keeps %j', (text) => {
  expect(decodeUtf8(Buffer.from(text))).toBe(text);
  expect(isValidUtf8(text)).toBe(true);
  expect(replaceInvalidUtf8(text)).toBe(text);
});

test('prints each invalid byte as one replacement character', () => {
  expect(replaceInvalidUtf8('a\udcff\udc80b🎉')).toBe('a\ufffd\ufffdb🎉');
});

test('gives back any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect([...encodeUtf8(decodeUtf8(bytes))]).toEqual([...bytes]);
    }),
  );
});

test('agrees with a strict decoder on what is valid', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.string({ unit: 'binary' }).map(Buffer.from)), (bytes) => {
      const text = decodeUtf8(bytes);
      if (isValidUtf8(text)) expect(strict.decode(bytes)).toBe(text);
      else expect(() => strict.decode(bytes)).toThrow();
    }),
  );
});
