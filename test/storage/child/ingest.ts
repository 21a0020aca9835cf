import { writeSync } from 'node:fs';
import { SystemClock } from '../../../src/model/clock.ts';
import { openStore } from '../../../src/storage/sqlite-store.ts';
import { appendBatchNumber } from './numbered-batches.ts';

/**
 * A process that writes numbered batches into a store until it is killed, or up to batch LAST and then
 * closes it: `ingest PATH FIRST [LAST]`. It prints `sent N` before
 * it appends batch N, and `acknowledged N` once the batch has committed. Several batches are under way at any time, and
 * checkpoints run between them.
 */
const [path, first, last = 'Infinity'] = process.argv.slice(2);
const store = openStore({
  path: path!,
  clock: new SystemClock(),
  retentionMs: 0,
  checkpointIntervalMs: 15,
  decodedCacheBytes: 1 << 20,
});

for (let batch = Number(first); batch <= Number(last); batch++) {
  writeSync(1, `sent ${batch}\n`);
  const committed = appendBatchNumber(store, batch).then(() => writeSync(1, `acknowledged ${batch}\n`));
  if (batch % 3 === 0) await committed;
  if (batch % 40 === 0) await store.checkpoint({ force: true });
}
await store.close();
