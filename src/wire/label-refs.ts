import type { Scratch } from '../model/scratch.ts';
import type { SeriesNames } from '../model/write-batch.ts';
import type { LabelFieldWriter } from './label-field-writer.ts';
import type { ProtoReader } from './proto-reader.ts';
import { grown } from './sample-columns.ts';
import type { SymbolTable } from './symbol-table.ts';

/** The labels of the series of a remote-write 2.0 request, as references to its texts: name and value in turn. */
export class LabelRefs {
  readonly #scratch: Scratch;
  /** Those of series `i` are `[starts[i], starts[i + 1])`. */
  #refs: Uint32Array;
  #starts: Uint32Array;
  #count = 0;

  constructor(scratch: Scratch, capacity: number) {
    this.#scratch = scratch;
    this.#refs = scratch.uint32(capacity * 16);
    this.#starts = scratch.uint32(capacity + 1);
    this.#starts[0] = 0;
  }

  /** Of all series. */
  get count(): number {
    return this.#count;
  }

  /** Makes room for so many series. */
  grow(capacity: number): void {
    this.#starts = grown(this.#starts, this.#scratch.uint32(capacity + 1));
  }

  /** Reads one reference. */
  readOne(reader: ProtoReader): void {
    this.#reserve(1);
    this.#refs[this.#count++] = reader.uint32();
  }

  /** Reads a packed field of references, length first. */
  readPacked(reader: ProtoReader): void {
    const length = reader.length();
    const packedEnd = reader.position + length;
    // Each takes a byte at least.
    this.#reserve(length);
    const refs = this.#refs;
    let count = this.#count;
    while (reader.position < packedEnd) refs[count++] = reader.uint32();
    this.#count = count;
  }

  /** All references of the series have been read. */
  endSeries(seriesIndex: number): void {
    this.#starts[seriesIndex + 1] = this.#count;
  }

  /** @throws {PocketCortexError} `malformed-body`, see `SymbolTable.checkPairs` */
  check(seriesIndex: number, symbols: SymbolTable): void {
    symbols.checkPairs(this.#refs, this.#starts[seriesIndex]!, this.#starts[seriesIndex + 1]!);
  }

  /** name, value, name, value …, as they came. */
  texts(seriesIndex: number, symbols: SymbolTable): string[] {
    const flat: string[] = [];
    const end = this.#starts[seriesIndex + 1]!;
    for (let i = this.#starts[seriesIndex]!; i < end; i++) flat.push(symbols.text(this.#refs[i]!));
    return flat;
  }

  /** Writes the labels as fields. */
  write(seriesIndex: number, symbols: SymbolTable, into: LabelFieldWriter): void {
    const { starts, ends } = symbols;
    const end = this.#starts[seriesIndex + 1]!;
    for (let i = this.#starts[seriesIndex]!; i < end; i += 2) {
      const name = this.#refs[i]!;
      const value = this.#refs[i + 1]!;
      into.writeRanges(starts[name]!, ends[name]!, starts[value]!, ends[value]!);
    }
  }

  /** The reference of the metric's name. */
  metric(seriesIndex: number, symbols: SymbolTable): number | undefined {
    const end = this.#starts[seriesIndex + 1]!;
    for (let i = this.#starts[seriesIndex]!; i < end; i += 2) {
      if (symbols.isMetricName(this.#refs[i]!)) return this.#refs[i + 1]!;
    }
    return undefined;
  }

  /** Series named by the numbers of their texts. `numbers` has one for each text. */
  names(seriesCount: number, symbols: SymbolTable, numbers: Int32Array): SeriesNames {
    const refs = this.#refs;
    const count = this.#count;
    const named = this.#scratch.int32(count);
    // What refers to nothing gets 0 here, and is found later.
    for (let i = 0; i < count; i++) named[i] = numbers[refs[i]!]!;
    const starts = this.#scratch.uint32(seriesCount);
    const ends = this.#scratch.uint32(seriesCount);
    for (let i = 0; i < seriesCount; i++) {
      starts[i] = this.#starts[i]! * 4;
      ends[i] = this.#starts[i + 1]! * 4;
    }
    const bytes = new Uint8Array(named.buffer, 0, count * 4);
    return { form: 'symbols', bytes, starts, ends, labelsOf: (seriesIndex) => this.texts(seriesIndex, symbols) };
  }

  #reserve(count: number): void {
    const needed = this.#count + count;
    if (needed <= this.#refs.length) return;
    this.#refs = grown(this.#refs, this.#scratch.uint32(Math.max(needed, this.#refs.length * 2)));
  }
}
