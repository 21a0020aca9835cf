import { expect, test } from 'vitest';
import { SegmentMemory } from '../../src/storage/segment-memory.ts';

const SEGMENT_BYTES = 1 << 18;

test('the first segments stand alone, others share 32 MB until all of them were given back', () => {
  const memory = new SegmentMemory(SEGMENT_BYTES);
  const taken = Array.from({ length: 4 + 128 + 1 }, (_, number) => memory.take(number));
  const buffers = [...new Set(taken.map(({ buffer }) => buffer))];
  expect(buffers.map(({ byteLength }) => byteLength)).toEqual([
    ...new Array<number>(4).fill(SEGMENT_BYTES),
    32 << 20,
    32 << 20,
  ]);
  const places = new Set(taken.map(({ buffer, byteOffset }) => `${buffers.indexOf(buffer)}:${byteOffset}`));
  expect(places.size).toBe(taken.length);

  for (let number = 4; number < 4 + 127; number++) memory.giveBack(number);
  expect(memory.take(4).buffer).toBe(buffers[4]);
  memory.giveBack(4);
  memory.giveBack(4 + 127);
  expect(memory.take(4).buffer).not.toBe(buffers[4]);
});
