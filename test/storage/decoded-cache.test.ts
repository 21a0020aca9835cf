import { describe, expect, test } from 'vitest';
import type { DecodedChunk } from '../../src/storage/chunk-codec.ts';
import { DecodedCache } from '../../src/storage/decoded-cache.ts';

const SAMPLES = 100;
/** What the cache counts for such a chunk: two columns of eight bytes a sample, and the objects around them. */
const CHUNK_BYTES = SAMPLES * 16 + 400;

function chunk(): DecodedChunk {
  return { timestampsMs: new Float64Array(SAMPLES), values: new Float64Array(SAMPLES) };
}

/** A cache with room for three chunks, after `steps`: `+1` adds chunk 1, `?1` reads it, `-1` takes it out. */
function cacheAfter(steps: string): DecodedCache {
  const cache = new DecodedCache(3 * CHUNK_BYTES);
  for (const step of steps.split(' ')) {
    const chunkId = Number(step.slice(1));
    if (step.startsWith('+')) cache.add(chunkId, chunk());
    else if (step.startsWith('-')) cache.delete(chunkId);
    else cache.get(chunkId);
  }
  return cache;
}

const keptIds = (cache: DecodedCache) => [1, 2, 3, 4, 5].filter((chunkId) => cache.get(chunkId) !== undefined);

const cases: readonly [steps: string, kept: readonly number[]][] = [
  ['+1 +2 +3', [1, 2, 3]],
  ['+1 +2 +3 +4', [2, 3, 4]],
  ['+1 +2 +3 ?1 +4', [1, 3, 4]],
  ['+1 +2 +3 ?1 ?2 +4 +5', [2, 4, 5]],
  ['+1 +2 +3 -2 +4', [1, 3, 4]],
  ['+1 +2 +3 +1 +4', [1, 3, 4]],
  ['+1 -1 -1 ?1', []],
  ['+1 ?1 -1 +2 +3 +4 +5', [3, 4, 5]],
];

describe('DecodedCache', () => {
  test.for(cases)('after %s keeps the chunks used last', ([steps, kept]) => {
    const cache = cacheAfter(steps);
    expect([keptIds(cache), cache.usedBytes]).toEqual([kept, kept.length * CHUNK_BYTES]);
  });

  test('has no room for a chunk that is larger than all of it', () => {
    const cache = new DecodedCache(CHUNK_BYTES - 1);
    cache.add(1, chunk());
    expect([cache.get(1), cache.usedBytes]).toEqual([undefined, 0]);
  });
});

test('times that several chunks share are counted once, until the last of them is gone', () => {
  const timestampsMs = new Float64Array(SAMPLES);
  const cache = new DecodedCache(10 * CHUNK_BYTES);
  const add = (chunkId: number) => cache.add(chunkId, { timestampsMs, values: new Float64Array(SAMPLES) });
  const steps = [() => add(1), () => add(2), () => add(3), () => cache.delete(1), () => cache.delete(3)];
  const bytes = steps.map((step) => {
    step();
    return cache.usedBytes;
  });
  const more = CHUNK_BYTES - SAMPLES * 8;
  expect(bytes).toEqual([CHUNK_BYTES, CHUNK_BYTES + more, CHUNK_BYTES + 2 * more, CHUNK_BYTES + more, CHUNK_BYTES]);
});
