import type { SampleColumns } from '../model/columns.ts';

/** Columns of times that are kept for one selection: about as many targets as a developer's machine has. */
const KEPT_COLUMNS = 64;

/** Samples `[from, to)` of two columns. */
export interface Stretch {
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  /** Whether the times never change. */
  readonly isFrozen: boolean;
  readonly from: number;
  readonly to: number;
}

/**
 * The times of a selection's series. Series that are scraped together have samples at the same times: they get one column of
 * times for all, so that nobody copies them, and whoever computed something from them need not do it again.
 */
export class SharedTimes {
  readonly #columns: KnownColumn[] = [];
  /** Behind the column that was found last: series of several targets mostly come in turn. */
  #next = 0;

  /** Makes the samples of `stretches`, which follow each other, those of `into`, which has none. */
  read(stretches: readonly Stretch[], into: SampleColumns): void {
    let count = 0;
    for (let i = 0; i < stretches.length; i++) count += stretches[i]!.to - stretches[i]!.from;
    const shared = this.#find(stretches, count) ?? this.#add(stretches, count);
    if (shared === undefined) {
      for (const { timestampsMs, values, from, to } of stretches) into.append(timestampsMs, values, from, to);
      return;
    }
    into.shareTimestamps(shared);
    let place = 0;
    for (let i = 0; i < stretches.length; i++) {
      const { values, from, to } = stretches[i]!;
      copyValues(values, from, to, into.values, place);
      place += to - from;
    }
  }

  #find(stretches: readonly Stretch[], count: number): Float64Array | undefined {
    const columns = this.#columns;
    let at = this.#next;
    for (let tried = 0; tried < columns.length; tried++, at++) {
      if (at >= columns.length) at = 0;
      const { timestampsMs, parts } = columns[at]!;
      if (timestampsMs.length !== count || !isColumnOf(timestampsMs, parts, stretches)) continue;
      this.#next = at + 1 === columns.length ? 0 : at + 1;
      return timestampsMs;
    }
    return undefined;
  }

  #add(stretches: readonly Stretch[], count: number): Float64Array | undefined {
    if (this.#columns.length === KEPT_COLUMNS) return undefined;
    const column = new Float64Array(count);
    const parts = stretches.map(({ timestampsMs, from, to }) => ({ timestampsMs, from, to }));
    let place = 0;
    for (const { timestampsMs, from, to } of parts) {
      for (let i = from; i < to; i++) column[place++] = timestampsMs[i]!;
    }
    this.#columns.push({ timestampsMs: column, parts });
    return column;
  }
}

type TimesPart = Pick<Stretch, 'timestampsMs' | 'from' | 'to'>;

/** A column, and the parts that it was put together from: chunks that are scraped together mostly share theirs too. */
interface KnownColumn {
  readonly timestampsMs: Float64Array;
  readonly parts: readonly TimesPart[];
}

function isColumnOf(column: Float64Array, parts: readonly TimesPart[], stretches: readonly Stretch[]): boolean {
  let place = 0;
  if (parts.length !== stretches.length) return false;
  for (let k = 0; k < stretches.length; k++) {
    const { timestampsMs, isFrozen, from, to } = stretches[k]!;
    const { timestampsMs: known, from: knownFrom, to: knownTo } = parts[k]!;
    if (known === timestampsMs && knownFrom === from && knownTo === to && isFrozen) {
      place += to - from;
      continue;
    }
    for (let i = from; i < to; i++, place++) if (column[place] !== timestampsMs[i]!) return false;
  }
  return true;
}

/** A view costs more than copying a few. As words where there may be a NaN, which keeps its bits so. */
function copyValues(values: Float64Array, from: number, to: number, into: Float64Array, place: number): void {
  if (to - from <= SHORT_COPY) {
    let at = place;
    let i = from;
    for (; i < to; i++, at++) {
      const value = values[i]!;
      if (Number.isNaN(value)) break;
      into[at] = value;
    }
    if (i === to) return;
  }
  into.set(values.subarray(from, to), place);
}

const SHORT_COPY = 64;
