import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { QuietWatch } from '../model/quiet-watch.ts';

/** Less than this is not worth a collection. */
const WORTHWHILE_BYTES = 8 << 20;
/** It takes about a millisecond a megabyte, in which nobody is answered: what is larger is left to V8's own judgement. */
const HEAP_LIMIT_BYTES = 128 << 20;

/**
 * Has garbage collected when it has become quiet after much came in: V8 collects when it needs room, and who allocates
 * nothing any more keeps for ever what it had.
 */
export function collectAtRest(quiet: QuietWatch): void {
  let leftBytes = liveBytes();
  quiet.onQuiet(() => {
    const nowBytes = liveBytes();
    if (nowBytes < leftBytes + WORTHWHILE_BYTES || getHeapStatistics().used_heap_size > HEAP_LIMIT_BYTES) return;
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    leftBytes = liveBytes();
  });
}

/** What is in use, and garbage that was not collected yet; buffers are beside the heap. */
function liveBytes(): number {
  const { used_heap_size: heapBytes, external_memory: externalBytes } = getHeapStatistics();
  return heapBytes + externalBytes;
}
