import type { SampleColumns } from '../model/columns.ts';
import type { BitWriter } from './bit-writer.ts';
import { writeTimestampChange, writeXor, xorWindows } from './chunk-numbers.ts';

/**
 * The floats of `samples` from index `from` up to, not including, `to` (65,535 at the most) as an XOR chunk of
 * Prometheus's database, bits of NaNs included:
 *
 *     count (2 bytes)   time 0 (varint)   value 0 (8 bytes)
 *     time 1 - time 0 (uvarint)   value 1 xor value 0 (varbit_xor)
 *     change of the step in time (varbit_ts)   value xor the value before (varbit_xor)   …
 *
 * The result is the caller's; `writer` is used on the way.
 */
export function encodeXorChunk(writer: BitWriter, samples: SampleColumns, from: number, to: number): Uint8Array {
  const { timestampsMs, bits } = samples;
  const windows = xorWindows(1);
  writer.clear();
  writer.bits(to - from, 16);
  const firstMs = timestampsMs[from]!;
  writer.uvarint(firstMs < 0 ? -2 * firstMs - 1 : 2 * firstMs);
  writer.words(bits[from * 2 + 1]!, bits[from * 2]!, 64);
  let stepMs = 0;
  for (let i = from + 1; i < to; i++) {
    const nextStepMs = timestampsMs[i]! - timestampsMs[i - 1]!;
    if (i === from + 1) writer.uvarint(nextStepMs);
    else writeTimestampChange(writer, nextStepMs - stepMs);
    stepMs = nextStepMs;
    const at = i * 2;
    writeXor(writer, windows, 0, (bits[at + 1]! ^ bits[at - 1]!) >>> 0, (bits[at]! ^ bits[at - 2]!) >>> 0);
  }
  return writer.finish();
}
