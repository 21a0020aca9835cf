import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compressSnappy, decompressSnappy } from '../../src/wire/snappy.ts';
import { failureOf } from '../support/failure.ts';

const LIMIT_BYTES = 1 << 20;
const corrupt = { code: 'malformed-body', message: 'snappy: corrupt input' };

const blocks: readonly { name: string; block: number[]; text: string }[] = [
  { name: 'an empty block', block: [0], text: '' },
  { name: 'a literal', block: [3, 0x08, 97, 98, 99], text: 'abc' },
  { name: 'a literal with one byte of length', block: [3, 0xf0, 2, 97, 98, 99], text: 'abc' },
  { name: 'a literal with four bytes of length', block: [3, 0xfc, 2, 0, 0, 0, 97, 98, 99], text: 'abc' },
  { name: 'a copy that overlaps itself', block: [7, 0x04, 97, 98, 0x05, 2], text: 'abababa'.slice(0, 7) },
  { name: 'a copy with two bytes of offset', block: [4, 0x04, 97, 98, 0x06, 2, 0], text: 'abab' },
  { name: 'a copy with four bytes of offset', block: [4, 0x04, 97, 98, 0x07, 2, 0, 0, 0], text: 'abab' },
  { name: 'a length in more bytes than needed', block: [0x81, 0x80, 0x00, 0x00, 97], text: 'a' },
];

test.for(blocks)('decodes $name', ({ block, text }) => {
  expect(Buffer.from(decompressSnappy(Uint8Array.from(block), LIMIT_BYTES)).toString()).toBe(text);
});

const corruptBlocks: readonly { name: string; block: number[] }[] = [
  { name: 'nothing at all', block: [] },
  { name: 'a length without end', block: [0xff, 0xff] },
  { name: 'a length of 64 bits', block: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01] },
  { name: 'the framed format', block: [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59] },
  { name: 'a block that ends early', block: [4, 0x08, 97, 98, 99] },
  { name: 'a block that is too long', block: [2, 0x08, 97, 98, 99] },
  { name: 'a literal that is cut off', block: [3, 0x08, 97, 98] },
  { name: 'a literal whose length is cut off', block: [3, 0xf8, 1, 0] },
  // Read as a signed number this length leads backwards, and a decoder that follows it never ends.
  { name: 'a literal of 4 GB', block: [30, 0xfc, 0xf8, 0xff, 0xff, 0xff, 97, 98, 99] },
  { name: 'a copy before anything is there', block: [4, 0x01, 1] },
  { name: 'a copy with offset zero', block: [6, 0x04, 97, 98, 0x01, 0] },
  { name: 'a copy from before the beginning', block: [6, 0x04, 97, 98, 0x01, 3] },
  { name: 'a copy that is cut off', block: [6, 0x04, 97, 98, 0x06, 2] },
  { name: 'a copy with an offset above 2^31', block: [4, 0x04, 97, 98, 0x07, 2, 0, 0, 0xff] },
  { name: 'a copy beyond the end', block: [5, 0x04, 97, 98, 0x01, 2] },
  { name: 'JSON', block: [...Buffer.from('{"a":1}')] },
  { name: 'a claim that its size cannot hold', block: [0xff, 0xff, 0x3f, 0x00] },
];

test.for(corruptBlocks)('refuses $name as corrupt', ({ block }) => {
  expect(failureOf(() => decompressSnappy(Uint8Array.from(block), LIMIT_BYTES))).toEqual(corrupt);
});

describe('bounds', () => {
  test('refuses a block that says it holds more than the limit, without allocating', () => {
    const block = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f);
    expect(failureOf(() => decompressSnappy(block, 104_857_600))).toEqual({
      code: 'limit-exceeded',
      message: 'received message larger than max (4294967295 vs 104857600)',
    });
  });

  test('refuses a block that is itself larger than the limit', () => {
    expect(failureOf(() => decompressSnappy(new Uint8Array(11), 10))).toEqual({
      code: 'limit-exceeded',
      message: 'received message larger than max (11 vs 10)',
    });
  });

  test('accepts a block of exactly the limit', () => {
    const bytes = new Uint8Array(1000).fill(7);
    expect(decompressSnappy(compressSnappy(bytes), 1000).length).toBe(1000);
  });
});

/** Texts with repetition, as snappy likes them, and noise. */
const compressible = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 90 }), fc.integer({ min: 1, max: 40 })), { maxLength: 30 })
  .map((parts) => Buffer.concat(parts.flatMap(([part, times]) => Array<Uint8Array>(times).fill(part))));

test('gives back what was compressed', () => {
  fc.assert(
    fc.property(compressible, (bytes) => {
      const back = decompressSnappy(compressSnappy(bytes), Math.max(bytes.length * 2, 100));
      expect(Buffer.compare(back, bytes)).toBe(0);
    }),
  );
});

test('never does anything with random or damaged bytes but decode or refuse them', () => {
  const damaged = fc
    .tuple(compressible, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }), fc.nat())
    .map(([bytes, changes, cut]) => {
      const block = Uint8Array.from(compressSnappy(bytes));
      for (const [at, byte] of changes) block[at % block.length] = byte;
      return block.subarray(0, cut % 3 === 0 ? cut % (block.length + 1) : block.length);
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (block) => {
      try {
        expect(decompressSnappy(block, LIMIT_BYTES).length).toBeLessThanOrEqual(LIMIT_BYTES);
      } catch {
        const { code } = failureOf(() => decompressSnappy(block, LIMIT_BYTES));
        expect(['malformed-body', 'limit-exceeded']).toContain(code);
      }
    }),
    { numRuns: 2000 },
  );
});
