import { ByteWriter } from './bytes.ts';
import type { SeriesRef } from './types.ts';

/*
 * Series that follow each other are written as one blob, their labels in the order of their numbers:
 *
 *     run      labels (0 labels)*
 *     labels   numbers of label pairs, varints above 0, in the order of label names; none for a series that is no more
 *
 * A run without bytes is one series without labels.
 */

/** Some kilobytes: what is written again when one of them goes. */
const RUN_SERIES = 512;
const SEPARATOR = 0;
/** What is kept for the next series after very many. */
const KEPT_BYTES = 1 << 16;

interface Run {
  readonly seriesRef: SeriesRef;
  readonly start: number;
  count: number;
}

/** Puts series into runs as they come. */
export class SeriesRuns {
  #writer = new ByteWriter();
  #runs: Run[] = [];

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  /** `labelCount` calls of `pair` follow. */
  series(seriesRef: SeriesRef, labelCount: number): void {
    const last = this.#runs.at(-1);
    const isNext = last !== undefined && last.seriesRef + last.count === seriesRef && last.count < RUN_SERIES;
    if (isNext && labelCount > 0 && last.start < this.#writer.length) {
      last.count += 1;
      this.#writer.byte(SEPARATOR);
    } else {
      this.#runs.push({ seriesRef, start: this.#writer.length, count: 1 });
    }
  }

  /** The next label of the series. */
  pair(number: number): void {
    this.#writer.varint(number);
  }

  /** `run` is borrowed for the call. */
  forEach(visit: (seriesRef: SeriesRef, count: number, run: Uint8Array) => void): void {
    for (const [i, { seriesRef, start, count }] of this.#runs.entries()) {
      const end = this.#runs[i + 1]?.start ?? this.#writer.length;
      visit(seriesRef, count, this.#writer.bytes.subarray(start, end));
    }
  }

  clear(): void {
    this.#runs = [];
    this.#writer.clear();
    if (this.#writer.bytes.length > KEPT_BYTES) this.#writer = new ByteWriter();
  }
}

/** Reads a run that begins with `firstRef`; the number behind its last series. `pairs` are borrowed for the call. */
export function readRun(
  firstRef: SeriesRef,
  run: Uint8Array,
  visit: (seriesRef: SeriesRef, pairs: readonly number[]) => void,
): SeriesRef {
  const pairs: number[] = [];
  let seriesRef = firstRef;
  let number = 0;
  let factor = 1;
  for (let i = 0; i < run.length; i++) {
    const byte = run[i]!;
    if (byte === SEPARATOR) {
      if (pairs.length > 0) visit(seriesRef, pairs);
      seriesRef += 1;
      pairs.length = 0;
      continue;
    }
    number += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte > 0x7f) continue;
    pairs.push(number);
    number = 0;
    factor = 1;
  }
  if (pairs.length > 0 || run.length === 0) visit(seriesRef, pairs);
  return seriesRef + 1;
}

/** What is left of a run without the series of `gone`: how many, and where the run ended. */
export function withoutSeries(
  firstRef: SeriesRef,
  run: Uint8Array,
  gone: ReadonlySet<SeriesRef>,
): { readonly run: Uint8Array; readonly count: number; readonly end: SeriesRef } {
  const left = new ByteWriter(run.length);
  let count = 0;
  let at = firstRef;
  const end = readRun(firstRef, run, (seriesRef, pairs) => {
    if (gone.has(seriesRef)) return;
    count += 1;
    for (; at < seriesRef; at++) left.byte(SEPARATOR);
    for (const pair of pairs) left.varint(pair);
  });
  return { run: left.toBytes(), count, end };
}
