import { expect, test } from 'vitest';
import { xxHash64 } from '../../src/model/xxhash.ts';

test.for([
  ['', 0xef46db3751d8e999n],
  ['a', 0xd24ec4f1a98c6e5bn],
  ['abc', 0x44bc2cf5ad770999n],
  ['Nobody inspects the spammish repetition', 0xfbcea83c8a378bf1n],
] as const)('hashes %j as the reference does', ([text, expected]) => {
  expect(xxHash64(Buffer.from(text))).toBe(expected);
});
