import type { Scratch } from '../model/scratch.ts';
import type { MetricMetadata } from '../model/write-batch.ts';
import { metricTypes } from './remote-write.ts';
import { grown } from './sample-columns.ts';
import type { SymbolTable } from './symbol-table.ts';

/** What the series of a remote-write 2.0 request say of their metrics: type, help and unit of each, as references. */
export class MetadataRefs {
  readonly #scratch: Scratch;
  /** Three words a series. */
  #words: Uint32Array;
  readonly #entries: MetricMetadata[] = [];
  readonly #counts: number[] = [];
  /** Per entry: the series that said it first. */
  readonly #saidBy: number[] = [];
  /** By the reference of a metric: the entry about it that came last. */
  readonly #lastEntry = new Map<number, number>();
  /** The metric of the last series that said something, and the entry for that. */
  #lastMetric = -1;
  #lastSaid = -1;

  constructor(scratch: Scratch, capacity: number) {
    this.#scratch = scratch;
    this.#words = scratch.uint32(capacity * 3);
  }

  /** Each once, even if many series say it. */
  get entries(): readonly MetricMetadata[] {
    return this.#entries;
  }

  /** How many series say each entry. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  grow(capacity: number): void {
    this.#words = grown(this.#words, this.#scratch.uint32(capacity * 3));
  }

  /** The series says nothing so far. */
  begin(seriesIndex: number): void {
    const at = seriesIndex * 3;
    this.#words[at] = 0;
    this.#words[at + 1] = 0;
    this.#words[at + 2] = 0;
  }

  /** A type by its number, references to help and unit. */
  set(seriesIndex: number, type: number, help: number, unit: number): void {
    const at = seriesIndex * 3;
    this.#words[at] = type;
    this.#words[at + 1] = help;
    this.#words[at + 2] = unit;
  }

  typeOf(seriesIndex: number): number {
    return this.#words[seriesIndex * 3]!;
  }

  helpOf(seriesIndex: number): number {
    return this.#words[seriesIndex * 3 + 1]!;
  }

  unitOf(seriesIndex: number): number {
    return this.#words[seriesIndex * 3 + 2]!;
  }

  isEmpty(seriesIndex: number): boolean {
    const at = seriesIndex * 3;
    return this.#words[at] === 0 && this.#words[at + 1] === 0 && this.#words[at + 2] === 0;
  }

  /** Counts in what the series says of `metric`. All references are good. */
  collect(seriesIndex: number, metric: number, symbols: SymbolTable): void {
    // The series of a metric mostly stand together, and say the same.
    const before = metric === this.#lastMetric ? this.#lastSaid : this.#lastEntry.get(metric);
    this.#lastMetric = metric;
    if (before !== undefined && this.#saysTheSame(seriesIndex, this.#saidBy[before]!)) {
      this.#counts[before]! += 1;
      this.#lastSaid = before;
      return;
    }
    this.#lastSaid = this.#entries.length;
    this.#lastEntry.set(metric, this.#entries.length);
    this.#saidBy.push(seriesIndex);
    this.#counts.push(1);
    this.#entries.push({
      metric: symbols.text(metric),
      type: metricTypes[this.typeOf(seriesIndex)] ?? 'unknown',
      help: symbols.text(this.helpOf(seriesIndex)),
      unit: symbols.text(this.unitOf(seriesIndex)),
    });
  }

  #saysTheSame(a: number, b: number): boolean {
    const words = this.#words;
    return (
      words[a * 3] === words[b * 3] && words[a * 3 + 1] === words[b * 3 + 1] && words[a * 3 + 2] === words[b * 3 + 2]
    );
  }
}
