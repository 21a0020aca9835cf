/** What stands for "none" among the numbers of an index. */
const NONE = 0;

/**
 * Finds numbers by byte strings, without making text of them: what senders say again and again, to the byte. Strings are kept apart
 * by spaces, such as one a tenant.
 *
 *     #slots     hash table, open addressing: an entry's place, 0 when free
 *     #entries   ENTRY_WORDS words an entry: hash, space, number, start in #bytes, length
 *     #bytes     the bytes of all entries, end to end
 *
 * There are two generations: when the young one is full the old one is dropped, the young becomes the old, and what is
 * found in the old one is copied to the young. So memory is bounded by twice a generation's size, and what is in
 * use stays.
 */
export class ByteIndex {
  readonly #limitBytes: number;
  #young = new Generation();
  #old: Generation | undefined;

  /** `limitBytes` bounds the bytes of both generations together. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes and tables of both generations. */
  get usedBytes(): number {
    return this.#young.heldBytes + (this.#old?.heldBytes ?? 0);
  }

  /** The number of these bytes, 0 when they are not known. `view` is borrowed for the call. */
  find(space: number, view: DataView, start: number, end: number): number {
    // Senders keep their order too: most often it is the entry behind the last one.
    const next = this.#young.findNext(space, view, start, end);
    if (next !== NONE) return next;
    const hash = hashBytes(view, start, end, space);
    const found = this.#young.find(hash, space, view, start, end);
    if (found !== NONE || this.#old === undefined) return found;
    const old = this.#old.find(hash, space, view, start, end);
    if (old !== NONE) this.#add(hash, space, view, start, end, old);
    return old;
  }

  /**
   * Whether the bytes from `start` on, up to `limit` at most, begin with the entry behind the one that was found last: its
   * length then, or 0. Its number is `lastNumber`.
   */
  matchNext(space: number, view: DataView, start: number, limit: number): number {
    return this.#young.matchNext(space, view, start, limit);
  }

  /** The number of the entry that was found last. */
  get lastNumber(): number {
    return this.#young.lastNumber;
  }

  /** Copies the bytes. Adding the same bytes again replaces their number, which is above 0. */
  set(space: number, view: DataView, start: number, end: number, number: number): void {
    const hash = hashBytes(view, start, end, space);
    if (!this.#young.replace(hash, space, view, start, end, number)) this.#add(hash, space, view, start, end, number);
  }

  clear(): void {
    this.#young = new Generation();
    this.#old = undefined;
  }

  #add(hash: number, space: number, view: DataView, start: number, end: number, number: number): void {
    if (end - start > this.#limitBytes / 16) return;
    if (this.#young.usedBytes + end - start > this.#limitBytes / 2) {
      this.#old = this.#young;
      this.#young = new Generation();
    }
    this.#young.add(hash, space, view, start, end, number);
  }
}

const ENTRY_WORDS = 5;
const HASH = 0;
const SPACE = 1;
const NUMBER = 2;
const START = 3;
const LENGTH = 4;

class Generation {
  #slots = new Int32Array(1024);
  #entries = new Int32Array(1024 * ENTRY_WORDS);
  #bytes = new Uint8Array(1 << 16);
  #view = new DataView(this.#bytes.buffer);
  /** Entry 0 stands for "free". */
  #entryCount = 1;
  /** The place of the entry that was found last. */
  #lastPlace = 0;
  #usedBytes = 0;

  /** Bytes of entries, and what an entry takes besides. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  get heldBytes(): number {
    return this.#bytes.byteLength + this.#entries.byteLength + this.#slots.byteLength;
  }

  get lastNumber(): number {
    return this.#entries[this.#lastPlace * ENTRY_WORDS + NUMBER]! >>> 0;
  }

  findNext(space: number, view: DataView, start: number, end: number): number {
    const place = this.#lastPlace + 1;
    if (place >= this.#entryCount) return NONE;
    const entries = this.#entries;
    const entry = place * ENTRY_WORDS;
    if (entries[entry + LENGTH] !== end - start || entries[entry + SPACE] !== space) return NONE;
    if (!equalBytes(this.#view, entries[entry + START]!, view, start, end - start)) return NONE;
    this.#lastPlace = place;
    return entries[entry + NUMBER]! >>> 0;
  }

  matchNext(space: number, view: DataView, start: number, limit: number): number {
    const place = this.#lastPlace + 1;
    if (place >= this.#entryCount) return 0;
    const entries = this.#entries;
    const entry = place * ENTRY_WORDS;
    const length = entries[entry + LENGTH]!;
    if (length > limit - start || entries[entry + SPACE] !== space) return 0;
    if (!equalBytes(this.#view, entries[entry + START]!, view, start, length)) return 0;
    this.#lastPlace = place;
    return length;
  }

  find(hash: number, space: number, view: DataView, start: number, end: number): number {
    const place = this.#placeOf(hash, space, view, start, end);
    if (place === 0) return NONE;
    this.#lastPlace = place;
    return this.lastNumber;
  }

  replace(hash: number, space: number, view: DataView, start: number, end: number, number: number): boolean {
    const place = this.#placeOf(hash, space, view, start, end);
    if (place > 0) this.#entries[place * ENTRY_WORDS + NUMBER] = number;
    return place > 0;
  }

  add(hash: number, space: number, view: DataView, start: number, end: number, number: number): void {
    const length = end - start;
    this.#reserve(length);
    const entry = this.#entryCount * ENTRY_WORDS;
    this.#bytes.set(new Uint8Array(view.buffer, view.byteOffset + start, length), this.#usedBytes);
    this.#entries[entry + HASH] = hash;
    this.#entries[entry + SPACE] = space;
    this.#entries[entry + NUMBER] = number;
    this.#entries[entry + START] = this.#usedBytes;
    this.#entries[entry + LENGTH] = length;
    this.#usedBytes += length;
    this.#place(hash, this.#entryCount);
    this.#lastPlace = this.#entryCount;
    this.#entryCount += 1;
  }

  /** The place of an entry, 0 when there is none. */
  #placeOf(hash: number, space: number, view: DataView, start: number, end: number): number {
    const slots = this.#slots;
    const entries = this.#entries;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot]!;
      if (place === 0) return 0;
      const entry = place * ENTRY_WORDS;
      if (
        entries[entry + HASH] === hash &&
        entries[entry + SPACE] === space &&
        entries[entry + LENGTH] === end - start &&
        equalBytes(this.#view, entries[entry + START]!, view, start, end - start)
      ) {
        return place;
      }
    }
  }

  #place(hash: number, place: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = place;
  }

  #reserve(length: number): void {
    if (this.#usedBytes + length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#usedBytes + length));
      grown.set(this.#bytes.subarray(0, this.#usedBytes));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    if ((this.#entryCount + 1) * ENTRY_WORDS > this.#entries.length) {
      const grown = new Int32Array(this.#entries.length * 2);
      grown.set(this.#entries);
      this.#entries = grown;
    }
    // Half full at most, so that a search for what is not there ends soon.
    if (this.#entryCount * 2 >= this.#slots.length) {
      this.#slots = new Int32Array(this.#slots.length * 2);
      for (let place = 1; place < this.#entryCount; place++) {
        this.#place(this.#entries[place * ENTRY_WORDS + HASH]!, place);
      }
    }
  }
}

/** Four bytes at a time; a multiplication and a rotation each (the mixing of MurmurHash3). */
function hashBytes(view: DataView, start: number, end: number, seed: number): number {
  let hash = seed ^ (end - start);
  let position = start;
  for (const last = end - 3; position < last; position += 4) {
    let word = Math.imul(view.getInt32(position, true), 0xcc9e2d51);
    word = (word << 15) | (word >>> 17);
    hash ^= Math.imul(word, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  for (; position < end; position++) hash = Math.imul(hash ^ view.getUint8(position), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function equalBytes(a: DataView, startA: number, b: DataView, startB: number, length: number): boolean {
  const end = startA + length;
  const shift = startB - startA;
  let i = startA;
  for (; i + 16 <= end; i += 16) {
    const difference =
      (a.getInt32(i, true) ^ b.getInt32(i + shift, true)) |
      (a.getInt32(i + 4, true) ^ b.getInt32(i + shift + 4, true)) |
      (a.getInt32(i + 8, true) ^ b.getInt32(i + shift + 8, true)) |
      (a.getInt32(i + 12, true) ^ b.getInt32(i + shift + 12, true));
    if (difference !== 0) return false;
  }
  for (; i + 4 <= end; i += 4) if (a.getInt32(i, true) !== b.getInt32(i + shift, true)) return false;
  for (; i < end; i++) if (a.getUint8(i) !== b.getUint8(i + shift)) return false;
  return true;
}
