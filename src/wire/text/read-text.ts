import type { WriteBatch } from '../../model/write-batch.ts';
import type { TextReader } from './text-reader.ts';

/**
 * Reads all of `source`, one batch at a time: nothing more is taken from it until `write` is done with a batch.
 * @throws {TextError} when a line makes no sense; all before it was written. Also what source and `write` throw, and the
 * signal's reason when it aborts, which is looked at between batches
 */
export async function readText(
  source: AsyncIterable<Uint8Array>,
  reader: TextReader,
  write: (batch: WriteBatch) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  for await (const chunk of source) {
    for (const batch of reader.feed(chunk)) {
      await write(batch);
      signal?.throwIfAborted();
    }
  }
  for (const batch of reader.finish()) await write(batch);
}
