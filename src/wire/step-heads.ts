import type { StepGrid } from '../model/columns.ts';

/** What stands between the values of two steps, one text behind the other: that before step `k` from `offsets[k]` on. */
export interface StepHeads {
  readonly texts: DataView;
  readonly offsets: Int32Array;
}

/** `"],[1700000000.123,"`: the end of the step before, and the time of this one. `timeOf` gives ASCII. */
export function stepHeads({ startMs, stepMs, count }: StepGrid, timeOf: (timestampMs: number) => string): StepHeads {
  const offsets = new Int32Array(count + 1);
  let all = '';
  for (let step = 0; step < count; step++) {
    all += `"],[${timeOf(startMs + step * stepMs)},"`;
    offsets[step + 1] = all.length;
  }
  const { buffer, byteOffset, byteLength } = Buffer.from(`${all}        `, 'latin1');
  return { texts: new DataView(buffer, byteOffset, byteLength), offsets };
}

/**
 * Copies `[from, to)` of a text in UTF-8 eight bytes at a time, and so up to seven more: both sides have room for them. No eight
 * bytes of UTF-8 make a NaN, of which a double would not keep the bits: that ends in 0xff, or in 0x7f behind 0xf0 and more.
 */
export function copyBytes(source: DataView, from: number, to: number, target: DataView, at: number): void {
  let position = at;
  for (let i = from; i < to; i += 8, position += 8) target.setFloat64(position, source.getFloat64(i, true), true);
}
