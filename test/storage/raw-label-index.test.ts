import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RawLabelIndex } from '../../src/storage/raw-label-index.ts';

test('finds what was remembered and nothing else', () => {
  const text = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), text)), fc.array(text), (entries, others) => {
      const index = new RawLabelIndex(1 << 20);
      const remembered = new Map<string, number>();
      for (const [number, [tenant, bytes]] of entries.entries()) {
        // Somewhere in a larger body.
        const body = Uint8Array.of(7, ...bytes, 9, 9);
        index.remember(tenant, body, 1, 1 + bytes.length, number + 1);
        remembered.set(`${tenant} ${bytes.join()}`, number + 1);
      }
      for (const tenant of [1, 2, 3]) {
        for (const bytes of [...entries.map(([, one]) => one), ...others]) {
          const found = index.find(tenant, bytes, 0, bytes.length);
          expect(found).toBe(remembered.get(`${tenant} ${bytes.join()}`) ?? 0);
        }
      }
    }),
  );
});

test('stays within its bounds and keeps what is in use', () => {
  const index = new RawLabelIndex(1 << 20);
  const bytesOf = (number: number) => new TextEncoder().encode(`series number ${number} with a rather long name`);
  const inUse = bytesOf(0);
  index.remember(1, inUse, 0, inUse.length, 1);
  for (let number = 1; number < 60_000; number++) {
    const bytes = bytesOf(number);
    index.remember(1, bytes, 0, bytes.length, number + 1);
    if (number % 1000 === 0) expect(index.find(1, inUse, 0, inUse.length)).toBe(1);
  }
  expect(index.usedBytes).toBeLessThan(4 << 20);
  const last = bytesOf(59_999);
  expect(index.find(1, last, 0, last.length)).toBe(60_000);
  const forgotten = bytesOf(1);
  expect(index.find(1, forgotten, 0, forgotten.length)).toBe(0);
});
