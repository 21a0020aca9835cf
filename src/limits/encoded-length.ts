import type { Labels } from '../model/labels.ts';

/** About what labels take in a message: each text with its length and tag, each pair with its own. */
export function encodedLength(labels: Labels): number {
  let bytes = 0;
  for (let i = 0; i < labels.size; i++) {
    bytes += Buffer.byteLength(labels.nameAt(i)) + Buffer.byteLength(labels.valueAt(i)) + 6;
  }
  return bytes;
}
