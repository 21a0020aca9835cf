import type { Scratch } from '../model/scratch.ts';
import type { SeriesBytesForm, SeriesFinder } from '../model/series-finder.ts';
import type { FoundSeries, SeriesNames } from '../model/write-batch.ts';
import type { KnownTable, KnownTables } from './known-tables.ts';
import type { LabelRefs } from './label-refs.ts';
import type { ProtoReader } from './proto-reader.ts';
import { grown } from './sample-columns.ts';
import type { SymbolNumbers } from './symbol-numbers.ts';
import type { SymbolTable } from './symbol-table.ts';

/** The tag of a packed field of references. */
const PACKED_REFS = 0x0a;
/** More than what a text of a label takes in its field besides itself: tags and lengths. */
const LABEL_TEXT_OVERHEAD_BYTES = 16;

export interface SeriesByRefsOptions {
  readonly labelsLimitBytes: number;
  readonly typeAndUnitLabels: boolean;
  readonly symbolNumbers?: SymbolNumbers;
  readonly knownTables?: KnownTables;
  readonly seriesFinder?: (form: SeriesBytesForm) => SeriesFinder;
}

interface RequestParts {
  readonly reader: ProtoReader;
  readonly view: DataView;
  readonly symbols: SymbolTable;
  readonly labels: LabelRefs;
  readonly scratch: Scratch;
  /** For so many series there is room at first. */
  readonly capacity: number;
}

/**
 * Which series those of a remote-write 2.0 request are. Where the request begins with a table of symbols that is known, a series is
 * found by the bytes of its references, which are not read then; otherwise by the numbers of its texts, which takes longer and is
 * right whatever the table. Neither is done where labels are more than what references say.
 */
export class SeriesByRefs {
  readonly #reader: ProtoReader;
  readonly #view: DataView;
  readonly #symbols: SymbolTable;
  readonly #labels: LabelRefs;
  readonly #scratch: Scratch;
  readonly #options: SeriesByRefsOptions;
  readonly #hasNames: boolean;
  #table: KnownTable | undefined;
  #tableFinder: SeriesFinder | undefined;
  /** Per series: what was found, 0 for nothing. */
  #seriesRefs: Uint32Array;

  constructor({ reader, view, symbols, labels, scratch, capacity }: RequestParts, options: SeriesByRefsOptions) {
    this.#reader = reader;
    this.#view = view;
    this.#symbols = symbols;
    this.#labels = labels;
    this.#scratch = scratch;
    this.#options = options;
    this.#hasNames = options.symbolNumbers !== undefined && !options.typeAndUnitLabels;
    this.#seriesRefs = scratch.uint32(capacity);
  }

  grow(capacity: number): void {
    this.#seriesRefs = grown(this.#seriesRefs, this.#scratch.uint32(capacity));
  }

  /** Steps over the table that the request begins with, if it is known. */
  skipKnownTable(): void {
    const { knownTables, seriesFinder } = this.#options;
    if (knownTables === undefined || seriesFinder === undefined || !this.#hasNames) return;
    const table = knownTables.match(this.#reader.bytes);
    if (table === undefined) return;
    this.#table = table;
    this.#tableFinder = seriesFinder(`table ${table.number}`);
    this.#symbols.adopt(table);
    this.#reader.position = table.bytes.length;
  }

  /** Looks for the series by the field that comes next, and passes it over when its bytes are known. */
  find(seriesIndex: number): void {
    this.#seriesRefs[seriesIndex] = 0;
    const finder = this.#tableFinder;
    const reader = this.#reader;
    const { position } = reader;
    if (finder === undefined || position === reader.end || reader.bytes[position] !== PACKED_REFS) return;
    const matchedBytes = finder.matchNext(this.#view, position, reader.end);
    let end = position + matchedBytes;
    let seriesRef = matchedBytes === 0 ? 0 : finder.lastFound;
    if (matchedBytes === 0) {
      reader.position += 1;
      end = reader.length() + reader.position;
      seriesRef = finder.find(this.#view, position, end);
    }
    reader.position = seriesRef === 0 ? position : end;
    if (seriesRef === 0) return;
    this.#seriesRefs[seriesIndex] = seriesRef;
    this.#labels.passOver(seriesIndex, position, end);
  }

  /** The series has references in another field, too: what was found is another one. */
  expectMore(seriesIndex: number): void {
    if (this.#seriesRefs[seriesIndex] === 0) return;
    this.#seriesRefs[seriesIndex] = 0;
    this.#labels.readPassed(seriesIndex);
  }

  /** Series by the numbers of their texts; not when they may be too large. */
  names(seriesCount: number): SeriesNames | undefined {
    const { symbolNumbers, labelsLimitBytes, knownTables } = this.#options;
    if (symbolNumbers === undefined || !this.#hasNames) return undefined;
    const symbols = this.#symbols;
    const labels = this.#labels;
    if (labels.count * (symbols.longestBytes + LABEL_TEXT_OVERHEAD_BYTES) > labelsLimitBytes) return undefined;
    const numbers = symbols.numbers(this.#view, symbolNumbers);
    if (numbers === undefined) return undefined;
    if (this.#table === undefined) knownTables?.note(this.#reader.bytes, symbols, numbers);
    return labels.names(seriesCount, symbols, numbers);
  }

  /** Looks for the rest by their names, and has them found by their references from now on. */
  found(names: SeriesNames, seriesCount: number): FoundSeries | undefined {
    const { seriesFinder } = this.#options;
    if (seriesFinder === undefined) return undefined;
    const finder = seriesFinder(names.form);
    const seriesRefs = this.#seriesRefs.subarray(0, seriesCount);
    const first = seriesRefs.indexOf(0);
    if (first < 0) return { finder, seriesRefs };
    const { bytes, starts, ends } = names;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = first; i < seriesCount; i++) {
      if (seriesRefs[i] !== 0) continue;
      seriesRefs[i] = finder.find(view, starts[i]!, ends[i]!);
      this.#remember(i, seriesRefs[i]!);
    }
    return { finder, seriesRefs };
  }

  #remember(seriesIndex: number, seriesRef: number): void {
    if (this.#tableFinder === undefined || seriesRef === 0) return;
    const start = this.#labels.fieldStart(seriesIndex);
    const end = this.#labels.fieldEnd(seriesIndex);
    if (start < end) this.#tableFinder.remember(this.#view, start, end, seriesRef);
  }
}
