import type { Scratch } from '../model/scratch.ts';
import type { SeriesNames } from '../model/write-batch.ts';
import type { LabelFieldWriter } from './label-field-writer.ts';
import { ProtoReader } from './proto-reader.ts';
import { grown } from './sample-columns.ts';
import type { SymbolTable } from './symbol-table.ts';

/**
 * The labels of the series of a remote-write 2.0 request, as references to its texts: name and value in turn. The field of a
 * series that was found by its bytes is passed over, and read when somebody asks after all.
 */
export class LabelRefs {
  readonly #scratch: Scratch;
  readonly #bytes: Uint8Array;
  /** Those of series `i` are `[starts[i], starts[i + 1])`, none of one that was passed over. */
  #refs: Uint32Array;
  #starts: Uint32Array;
  #count = 0;
  /** Per series: the field of its references, tag and length included. Empty when they are not all in one packed field. */
  #fieldStarts: Uint32Array;
  #fieldEnds: Uint32Array;
  #fieldCount = 0;
  #passedBytes = 0;
  /** Reads what was passed over. */
  readonly #again: ProtoReader;

  /** `bytes` is what references are read from, borrowed. */
  constructor(bytes: Uint8Array, scratch: Scratch, capacity: number) {
    this.#bytes = bytes;
    this.#again = new ProtoReader(bytes);
    this.#scratch = scratch;
    this.#refs = scratch.uint32(capacity * 16);
    this.#starts = scratch.uint32(capacity + 1);
    this.#starts[0] = 0;
    this.#fieldStarts = scratch.uint32(capacity);
    this.#fieldEnds = scratch.uint32(capacity);
  }

  /** Of all series, at most. */
  get count(): number {
    return this.#count + this.#passedBytes;
  }

  /** Makes room for so many series. */
  grow(capacity: number): void {
    this.#starts = grown(this.#starts, this.#scratch.uint32(capacity + 1));
    this.#fieldStarts = grown(this.#fieldStarts, this.#scratch.uint32(capacity));
    this.#fieldEnds = grown(this.#fieldEnds, this.#scratch.uint32(capacity));
  }

  /** Nothing has been read of the series. */
  begin(seriesIndex: number): void {
    this.#fieldStarts[seriesIndex] = 0;
    this.#fieldEnds[seriesIndex] = 0;
    this.#fieldCount = 0;
  }

  /** The field that stands in `[start, end)` is known to be good. */
  passOver(seriesIndex: number, start: number, end: number): void {
    this.#fieldStarts[seriesIndex] = start;
    this.#fieldEnds[seriesIndex] = end;
    this.#passedBytes += end - start;
  }

  /** Reads what was passed over: it is not all of the series. */
  readPassed(seriesIndex: number): void {
    const start = this.#fieldStarts[seriesIndex]!;
    const end = this.#fieldEnds[seriesIndex]!;
    this.#passedBytes -= end - start;
    this.readPacked(new ProtoReader(this.#bytes, start + 1, end), seriesIndex);
  }

  /** Reads one reference. */
  readOne(reader: ProtoReader, seriesIndex: number): void {
    this.#reserve(1);
    this.#refs[this.#count++] = reader.uint32();
    this.#noteField(seriesIndex, 0, 0);
  }

  /** Reads a packed field of references, length first, its tag stands before. */
  readPacked(reader: ProtoReader, seriesIndex: number): void {
    const start = reader.position - 1;
    const length = reader.length();
    const packedEnd = reader.position + length;
    // Each takes a byte at least.
    this.#reserve(length);
    const refs = this.#refs;
    let count = this.#count;
    while (reader.position < packedEnd) refs[count++] = reader.uint32();
    this.#count = count;
    this.#noteField(seriesIndex, start, packedEnd);
  }

  /** All references of the series have been read. */
  endSeries(seriesIndex: number): void {
    this.#starts[seriesIndex + 1] = this.#count;
  }

  /** Where the bytes begin that say which references the series has. */
  fieldStart(seriesIndex: number): number {
    return this.#fieldStarts[seriesIndex]!;
  }

  /** Where they end; where they begin when there are none. */
  fieldEnd(seriesIndex: number): number {
    return this.#fieldEnds[seriesIndex]!;
  }

  /** @throws {PocketCortexError} `malformed-body`, see `SymbolTable.checkPairs`; what was passed over has been checked */
  check(seriesIndex: number, symbols: SymbolTable): void {
    symbols.checkPairs(this.#refs, this.#starts[seriesIndex]!, this.#starts[seriesIndex + 1]!);
  }

  /** name, value, name, value …, as they came. */
  texts(seriesIndex: number, symbols: SymbolTable): string[] {
    const flat: string[] = [];
    for (const ref of this.#refsOf(seriesIndex)) flat.push(symbols.text(ref));
    return flat;
  }

  /** Writes the labels as fields. */
  write(seriesIndex: number, symbols: SymbolTable, into: LabelFieldWriter): void {
    const { starts, ends } = symbols;
    const refs = this.#refsOf(seriesIndex);
    for (let i = 0; i < refs.length; i += 2) {
      const name = refs[i]!;
      const value = refs[i + 1]!;
      into.writeRanges(starts[name]!, ends[name]!, starts[value]!, ends[value]!);
    }
  }

  /** The reference of the metric's name. */
  metric(seriesIndex: number, symbols: SymbolTable): number | undefined {
    const first = this.#starts[seriesIndex]!;
    const end = this.#starts[seriesIndex + 1]!;
    for (let i = first; i < end; i += 2) {
      if (symbols.isMetricName(this.#refs[i]!)) return this.#refs[i + 1]!;
    }
    if (first < end) return undefined;
    const reader = this.#passed(seriesIndex);
    while (reader.position < reader.end) {
      const isMetric = symbols.isMetricName(reader.uint32());
      const value = reader.uint32();
      if (isMetric) return value;
    }
    return undefined;
  }

  /** Series named by the numbers of their texts. `numbers` has one for each text. The names are made when somebody looks at them. */
  names(seriesCount: number, symbols: SymbolTable, numbers: Int32Array): SeriesNames {
    let made: Pick<SeriesNames, 'bytes' | 'starts' | 'ends'> | undefined;
    const names = (): Pick<SeriesNames, 'bytes' | 'starts' | 'ends'> => {
      made ??= this.#names(seriesCount, numbers);
      return made;
    };
    return {
      form: 'symbols',
      get bytes() {
        return names().bytes;
      },
      get starts() {
        return names().starts;
      },
      get ends() {
        return names().ends;
      },
      labelsOf: (seriesIndex) => this.texts(seriesIndex, symbols),
    };
  }

  #names(seriesCount: number, numbers: Int32Array): Pick<SeriesNames, 'bytes' | 'starts' | 'ends'> {
    if (this.#passedBytes > 0) this.#readAllPassed(seriesCount);
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
    return { bytes: new Uint8Array(named.buffer, named.byteOffset, count * 4), starts, ends };
  }

  /** Puts the references of the series that were passed over between those of the others. */
  #readAllPassed(seriesCount: number): void {
    const all = new LabelRefs(this.#bytes, this.#scratch, seriesCount);
    for (let i = 0; i < seriesCount; i++) {
      for (const ref of this.#refsOf(i)) {
        all.#reserve(1);
        all.#refs[all.#count++] = ref;
      }
      all.endSeries(i);
    }
    this.#refs = all.#refs;
    this.#starts = all.#starts;
    this.#count = all.#count;
    this.#passedBytes = 0;
  }

  #refsOf(seriesIndex: number): ArrayLike<number> & Iterable<number> {
    const first = this.#starts[seriesIndex]!;
    const end = this.#starts[seriesIndex + 1]!;
    if (first < end) return this.#refs.subarray(first, end);
    const refs: number[] = [];
    const reader = this.#passed(seriesIndex);
    while (reader.position < reader.end) refs.push(reader.uint32());
    return refs;
  }

  /** Reads the references of a series that was passed over; there are none when it was not. */
  #passed(seriesIndex: number): ProtoReader {
    const reader = this.#again;
    reader.position = this.#fieldStarts[seriesIndex]!;
    reader.end = this.#fieldEnds[seriesIndex]!;
    if (reader.position < reader.end) {
      // The tag.
      reader.position += 1;
      reader.length();
    }
    return reader;
  }

  #noteField(seriesIndex: number, start: number, end: number): void {
    this.#fieldCount += 1;
    const isOnly = this.#fieldCount === 1 && start < end;
    this.#fieldStarts[seriesIndex] = isOnly ? start : 0;
    this.#fieldEnds[seriesIndex] = isOnly ? end : 0;
  }

  #reserve(count: number): void {
    const needed = this.#count + count;
    if (needed <= this.#refs.length) return;
    this.#refs = grown(this.#refs, this.#scratch.uint32(Math.max(needed, this.#refs.length * 2)));
  }
}
