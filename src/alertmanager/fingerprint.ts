import { compareText } from '../model/labels.ts';
import type { LabelMap } from './matchers.ts';

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const SEPARATOR = 0xff;

/** How Prometheus's libraries name a label set: 16 hexadecimal digits of FNV-1a over its sorted pairs. */
export function fingerprintOf(labels: LabelMap): string {
  let sum = OFFSET;
  const add = (byte: number): void => {
    sum = BigInt.asUintN(64, (sum ^ BigInt(byte)) * PRIME);
  };
  for (const name of Object.keys(labels).sort(compareText)) {
    for (const text of [name, labels[name]!]) {
      for (const byte of Buffer.from(text)) add(byte);
      add(SEPARATOR);
    }
  }
  return sum.toString(16).padStart(16, '0');
}
