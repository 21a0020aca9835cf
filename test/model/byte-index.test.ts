import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteIndex } from '../../src/model/byte-index.ts';

test('finds what was remembered and nothing else', () => {
  const text = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), text)), fc.array(text), (entries, others) => {
      const index = new ByteIndex(1 << 20);
      const remembered = new Map<string, number>();
      for (const [number, [tenant, bytes]] of entries.entries()) {
        // Somewhere in a larger body.
        const body = Uint8Array.of(7, ...bytes, 9, 9);
        index.set(tenant, new DataView(body.buffer), 1, 1 + bytes.length, number + 1);
        remembered.set(`${tenant} ${bytes.join()}`, number + 1);
      }
      for (const tenant of [1, 2, 3]) {
        for (const bytes of [...entries.map(([, one]) => one), ...others]) {
          const found = index.find(tenant, viewOf(bytes), 0, bytes.length);
          expect(found).toBe(remembered.get(`${tenant} ${bytes.join()}`) ?? 0);
        }
      }
    }),
  );
});

test('stays within its bounds and keeps what is in use', () => {
  const index = new ByteIndex(1 << 20);
  const bytesOf = (number: number) =>
    viewOf(new TextEncoder().encode(`series number ${number} with a rather long name`));
  const inUse = bytesOf(0);
  index.set(1, inUse, 0, inUse.byteLength, 1);
  for (let number = 1; number < 60_000; number++) {
    const bytes = bytesOf(number);
    index.set(1, bytes, 0, bytes.byteLength, number + 1);
    if (number % 1000 === 0) expect(index.find(1, inUse, 0, inUse.byteLength)).toBe(1);
  }
  expect(index.usedBytes).toBeLessThan(4 << 20);
  const last = bytesOf(59_999);
  expect(index.find(1, last, 0, last.byteLength)).toBe(60_000);
  const forgotten = bytesOf(1);
  expect(index.find(1, forgotten, 0, forgotten.byteLength)).toBe(0);
});

test('matches the entry behind the last one, without knowing where it ends', () => {
  const index = new ByteIndex(1 << 20);
  const view = viewOf(new TextEncoder().encode('one, two, three'));
  index.set(1, view, 0, 3, 7);
  index.set(1, view, 5, 8, 8);
  index.set(2, view, 10, 15, 9);
  expect(index.find(1, view, 0, 3)).toBe(7);
  expect(index.matchNext(1, view, 5, 7)).toBe(0);
  expect(index.matchNext(1, view, 4, 15)).toBe(0);
  expect([index.matchNext(1, view, 5, 15), index.lastNumber]).toEqual([3, 8]);
  expect(index.matchNext(1, view, 10, 15)).toBe(0);
  expect([index.matchNext(2, view, 10, 15), index.lastNumber]).toEqual([5, 9]);
  expect(index.matchNext(2, view, 10, 15)).toBe(0);
});

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
