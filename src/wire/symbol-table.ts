import { METRIC_NAME } from '../model/labels.ts';
import type { Scratch } from '../model/scratch.ts';
import { decodeUtf8 } from '../model/utf8.ts';
import type { KnownTable } from './known-tables.ts';
import { malformed } from './proto-reader.ts';
import { grown } from './sample-columns.ts';
import type { SymbolNumbers } from './symbol-numbers.ts';

/** The texts of a remote-write 2.0 request, each by its place. */
export class SymbolTable {
  count = 0;
  starts: Uint32Array;
  ends: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #scratch: Scratch;
  readonly #texts: (string | undefined)[] = [];
  /** The reference that was `METRIC_NAME` last. */
  #metricName = -1;
  #longestBytes = 0;
  #known: KnownTable | undefined;

  /** `bytes` is what texts are ranges of, borrowed. */
  constructor(bytes: Uint8Array, scratch: Scratch) {
    this.#bytes = bytes;
    this.#scratch = scratch;
    this.starts = scratch.uint32(1024);
    this.ends = scratch.uint32(1024);
  }

  /** The length of the longest text. */
  get longestBytes(): number {
    return this.#longestBytes;
  }

  /** The table is this one, which the bytes begin with. Nothing was added before. */
  adopt(known: KnownTable): void {
    this.#known = known;
    this.count = known.count;
    this.starts = known.starts;
    this.ends = known.ends;
    this.#longestBytes = known.longestBytes;
  }

  add(start: number, end: number): void {
    const index = this.count;
    if (this.#known !== undefined) {
      // More than what was known: its columns are not ours to write.
      this.#known = undefined;
      this.starts = grown(this.starts, this.#scratch.uint32(index * 2));
      this.ends = grown(this.ends, this.#scratch.uint32(index * 2));
    }
    if (index === this.starts.length) {
      this.starts = grown(this.starts, this.#scratch.uint32(index * 2));
      this.ends = grown(this.ends, this.#scratch.uint32(index * 2));
    }
    this.starts[index] = start;
    this.ends[index] = end;
    if (end - start > this.#longestBytes) this.#longestBytes = end - start;
    this.count = index + 1;
  }

  isEmpty(ref: number): boolean {
    return this.starts[ref] === this.ends[ref];
  }

  text(ref: number): string {
    const known = this.#texts[ref];
    if (known !== undefined) return known;
    const text = decodeUtf8(this.#bytes, this.starts[ref]!, this.ends[ref]!);
    this.#texts[ref] = text;
    return text;
  }

  isMetricName(ref: number): boolean {
    if (ref === this.#metricName) return true;
    if (this.ends[ref]! - this.starts[ref]! !== METRIC_NAME.length || this.text(ref) !== METRIC_NAME) return false;
    this.#metricName = ref;
    return true;
  }

  /** The number of every text; undefined when there is one without. `view` is over the same bytes. */
  numbers(view: DataView, numbers: SymbolNumbers): Int32Array | undefined {
    const { count, starts, ends } = this;
    if (this.#known !== undefined) return this.#known.numbers;
    const column = this.#scratch.int32(count);
    for (let ref = 0; ref < count; ref++) {
      const number = numbers.of(view, starts[ref]!, ends[ref]!);
      if (number === 0) return undefined;
      column[ref] = number;
    }
    return column;
  }

  /** @throws {PocketCortexError} `malformed-body` unless `[start, end)` of `refs` are pairs that refer to texts */
  checkPairs(refs: ArrayLike<number>, start: number, end: number): void {
    if ((end - start) % 2 !== 0) throw malformed(`invalid labelRefs length ${end - start}`);
    const { count } = this;
    for (let i = start; i < end; i += 2) {
      const name = refs[i]!;
      const value = refs[i + 1]!;
      if (name < count && value < count) continue;
      throw malformed(`labelRefs ${name} (name) = ${value} (value) outside of symbols table (size ${count})`);
    }
  }

  /** @throws {PocketCortexError} `malformed-body` unless `ref`, which stood in `field`, refers to a text */
  check(field: string, ref: number): void {
    if (ref < this.count) return;
    throw malformed(`invalid ${field} ${ref}: exceeds symbols length ${this.count}`);
  }
}
