/**
 * Chance that is the same every time: a number between 0 and 1 for each key and index, and nothing else. Who needs the
 * ten-thousandth asks for it, without having asked for those before.
 */
export function chanceAt(key: number, index: number): number {
  let hash = key ^ Math.imul(index | 0, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** A key for `chanceAt`, another one for every list of texts. */
export function keyOf(...texts: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (const text of texts) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    // So that ['ab'] and ['a', 'b'] differ.
    hash = Math.imul(hash ^ 0x1f, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** A line that wanders between -1 and 1, smoothly: a new direction every `periodMs`. */
export function wanderAt(key: number, timeMs: number, periodMs: number): number {
  const position = timeMs / periodMs;
  const index = Math.floor(position);
  const part = position - index;
  const before = chanceAt(key, index);
  const after = chanceAt(key, index + 1);
  return (before + (after - before) * part * part * (3 - 2 * part)) * 2 - 1;
}

/** `length` letters and digits, as ends of names of pods have them. */
export function suffixOf(key: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += ALPHABET[Math.floor(chanceAt(key, i) * ALPHABET.length)];
  return text;
}

/** No vowels: no words. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
