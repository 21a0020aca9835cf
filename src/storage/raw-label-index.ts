import { NO_SERIES, type SeriesRef } from './types.ts';

/**
 * Finds a series by the very bytes of its labels in a write request, without making strings of them. Senders repeat
 * themselves to the byte, request after request.
 *
 *     #slots     hash table, open addressing: an entry's number, 0 when free
 *     #entries   ENTRY_WORDS words an entry: hash, tenant, series, start in #bytes, length
 *     #bytes     the label bytes of all entries, end to end
 *
 * There are two generations: when the young one is full the old one is dropped, the young becomes the old, and what is
 * found in the old one is copied to the young. So memory is bounded by twice a generation's size, and what is in
 * use stays.
 */
export class RawLabelIndex {
  readonly #limitBytes: number;
  #young: Generation;
  #old: Generation | undefined;
  #body: Uint8Array | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** `limitBytes` bounds the label bytes of both generations together. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#young = new Generation();
  }

  /** Label bytes and tables of both generations. */
  get usedBytes(): number {
    return this.#young.heldBytes + (this.#old?.heldBytes ?? 0);
  }

  find(tenantNumber: number, bytes: Uint8Array, start: number, end: number): SeriesRef {
    const view = this.#viewOf(bytes);
    // Senders keep their order too: most often the series is the one behind the last one.
    const nextRef = this.#young.findNext(tenantNumber, view, start, end);
    if (nextRef !== NO_SERIES) return nextRef;
    const hash = hashBytes(view, start, end, tenantNumber);
    const seriesRef = this.#young.find(hash, tenantNumber, view, start, end);
    if (seriesRef !== NO_SERIES || this.#old === undefined) return seriesRef;
    const oldRef = this.#old.find(hash, tenantNumber, view, start, end);
    if (oldRef !== NO_SERIES) this.#add(hash, tenantNumber, bytes, start, end, oldRef);
    return oldRef;
  }

  /** Copies the bytes. Remembering the same bytes again replaces their series. */
  remember(tenantNumber: number, bytes: Uint8Array, start: number, end: number, seriesRef: SeriesRef): void {
    const view = this.#viewOf(bytes);
    const hash = hashBytes(view, start, end, tenantNumber);
    if (!this.#young.replace(hash, tenantNumber, view, start, end, seriesRef)) {
      this.#add(hash, tenantNumber, bytes, start, end, seriesRef);
    }
  }

  /** Lets go of the body that was looked at last: it is borrowed. */
  endRequest(): void {
    this.#body = undefined;
  }

  forget(): void {
    this.#young = new Generation();
    this.#old = undefined;
  }

  #add(hash: number, tenantNumber: number, bytes: Uint8Array, start: number, end: number, seriesRef: SeriesRef): void {
    if (end - start > this.#limitBytes / 16) return;
    if (this.#young.usedBytes + end - start > this.#limitBytes / 2) {
      this.#old = this.#young;
      this.#young = new Generation();
    }
    this.#young.add(hash, tenantNumber, bytes, start, end, seriesRef);
  }

  /** One view serves all series of a request; making one for each would cost more than the hash. */
  #viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.#body) {
      this.#body = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#view;
  }
}

const ENTRY_WORDS = 5;
const HASH = 0;
const TENANT = 1;
const SERIES = 2;
const START = 3;
const LENGTH = 4;

class Generation {
  #slots = new Int32Array(1024);
  #entries = new Int32Array(1024 * ENTRY_WORDS);
  #bytes = new Uint8Array(1 << 16);
  #view = new DataView(this.#bytes.buffer);
  /** Entry 0 stands for "free". */
  #entryCount = 1;
  /** The entry that was found last. */
  #lastNumber = 0;
  #usedBytes = 0;

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get heldBytes(): number {
    return this.#bytes.byteLength + this.#entries.byteLength + this.#slots.byteLength;
  }

  /** The series of the entry behind the one that was found last, if these are its bytes. */
  findNext(tenantNumber: number, view: DataView, start: number, end: number): SeriesRef {
    const number = this.#lastNumber + 1;
    if (number >= this.#entryCount) return NO_SERIES;
    const entries = this.#entries;
    const entry = number * ENTRY_WORDS;
    if (entries[entry + LENGTH] !== end - start || entries[entry + TENANT] !== tenantNumber) return NO_SERIES;
    if (!equalBytes(this.#view, entries[entry + START]!, view, start, end - start)) return NO_SERIES;
    this.#lastNumber = number;
    return entries[entry + SERIES]! >>> 0;
  }

  find(hash: number, tenantNumber: number, view: DataView, start: number, end: number): SeriesRef {
    const entry = this.#entryOf(hash, tenantNumber, view, start, end);
    if (entry < 0) return NO_SERIES;
    this.#lastNumber = entry / ENTRY_WORDS;
    return this.#entries[entry + SERIES]! >>> 0;
  }

  replace(
    hash: number,
    tenantNumber: number,
    view: DataView,
    start: number,
    end: number,
    seriesRef: SeriesRef,
  ): boolean {
    const entry = this.#entryOf(hash, tenantNumber, view, start, end);
    if (entry >= 0) this.#entries[entry + SERIES] = seriesRef;
    return entry >= 0;
  }

  add(hash: number, tenantNumber: number, bytes: Uint8Array, start: number, end: number, seriesRef: SeriesRef): void {
    const length = end - start;
    this.#reserve(length);
    const entry = this.#entryCount * ENTRY_WORDS;
    this.#bytes.set(bytes.subarray(start, end), this.#usedBytes);
    this.#entries[entry + HASH] = hash;
    this.#entries[entry + TENANT] = tenantNumber;
    this.#entries[entry + SERIES] = seriesRef;
    this.#entries[entry + START] = this.#usedBytes;
    this.#entries[entry + LENGTH] = length;
    this.#usedBytes += length;
    this.#place(hash, this.#entryCount);
    this.#entryCount += 1;
  }

  /** The start of an entry's words, -1 when there is none. */
  #entryOf(hash: number, tenantNumber: number, view: DataView, start: number, end: number): number {
    const slots = this.#slots;
    const entries = this.#entries;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]!;
      if (number === 0) return -1;
      const entry = number * ENTRY_WORDS;
      if (
        entries[entry + HASH] === hash &&
        entries[entry + TENANT] === tenantNumber &&
        entries[entry + LENGTH] === end - start &&
        equalBytes(this.#view, entries[entry + START]!, view, start, end - start)
      ) {
        return entry;
      }
    }
  }

  #place(hash: number, number: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number;
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
      for (let number = 1; number < this.#entryCount; number++) {
        this.#place(this.#entries[number * ENTRY_WORDS + HASH]!, number);
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
  let i = 0;
  for (; i + 4 <= length; i += 4) if (a.getInt32(startA + i, true) !== b.getInt32(startB + i, true)) return false;
  for (; i < length; i++) if (a.getUint8(startA + i) !== b.getUint8(startB + i)) return false;
  return true;
}
