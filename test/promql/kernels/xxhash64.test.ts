import { expect, test } from 'vitest';
import { xxHash64 } from '../../../src/promql/kernels/xxhash64.ts';

/** Published by authors of other implementations; the last has more than one block of 32 bytes. */
test.for([
  ['', 0xef46db3751d8e999n],
  ['a', 0xd24ec4f1a98c6e5bn],
  ['as', 0x1c330fb2d66be179n],
  ['abc', 0x44bc2cf5ad770999n],
  ['asdf', 0x415872f599cea71en],
  ['Call me Ishmael. Some years ago--never mind how long precisely-', 0x02a2e85470d6fd96n],
] as const)('hashes %j as everybody does', ([text, hash]) => {
  expect(xxHash64(Buffer.from(text))).toBe(Number(hash));
});
