import type { SampleColumns } from '../model/columns.ts';
import type { Stretches } from './stretches.ts';

/** Columns of times that are kept for one selection: about as many targets as a developer's machine has. */
const KEPT_COLUMNS = 64;
/** So many series in a row that share with none: the others will not either. */
const MISSES_LIMIT = 256;

/**
 * The times of a selection's series. Series that are scraped together have samples at the same times: they get one column of
 * times for all, so that nobody copies them, and whoever computed something from them need not do it again.
 */
export class SharedTimes {
  readonly #columns: KnownColumn[] = [];
  /** Behind the column that was found last: series of several targets mostly come in turn. */
  #next = 0;
  #misses = 0;

  /** Makes the samples of `stretches`, all of them floats, those of `into`, which has none. */
  read(stretches: Stretches, into: SampleColumns): void {
    const shared = this.#find(stretches) ?? this.#add(stretches);
    if (shared === undefined) {
      stretches.appendTo(into);
      return;
    }
    into.shareTimestamps(shared);
    let place = 0;
    for (let at = 0; at < stretches.count; at++) {
      const from = stretches.from[at]!;
      const to = stretches.to[at]!;
      copyValues(stretches.values[at]!, from, to, into.values, place);
      place += to - from;
    }
  }

  #find(stretches: Stretches): Float64Array | undefined {
    if (this.#misses === MISSES_LIMIT) return undefined;
    const columns = this.#columns;
    let at = this.#next;
    for (let tried = 0; tried < columns.length; tried++, at++) {
      if (at >= columns.length) at = 0;
      const column = columns[at]!;
      if (!isColumnOf(column, stretches)) continue;
      this.#next = at + 1 === columns.length ? 0 : at + 1;
      this.#misses = 0;
      return column.timestampsMs;
    }
    this.#misses += 1;
    return undefined;
  }

  #add(stretches: Stretches): Float64Array | undefined {
    if (this.#columns.length === KEPT_COLUMNS) return undefined;
    const timestampsMs = new Float64Array(stretches.sampleCount);
    const parts: TimesPart[] = [];
    let place = 0;
    for (let at = 0; at < stretches.count; at++) {
      const part = { timestampsMs: stretches.timestampsMs[at]!, from: stretches.from[at]!, to: stretches.to[at]! };
      parts.push(part);
      for (let i = part.from; i < part.to; i++) timestampsMs[place++] = part.timestampsMs[i]!;
    }
    this.#columns.push({ timestampsMs, parts });
    return timestampsMs;
  }
}

/** A column, and the parts that it was put together from: chunks that are scraped together mostly share theirs too. */
interface KnownColumn {
  readonly timestampsMs: Float64Array;
  readonly parts: readonly TimesPart[];
}

/** Samples `[from, to)` of a column. */
interface TimesPart {
  readonly timestampsMs: Float64Array;
  readonly from: number;
  readonly to: number;
}

function isColumnOf({ timestampsMs, parts }: KnownColumn, stretches: Stretches): boolean {
  if (timestampsMs.length !== stretches.sampleCount || parts.length !== stretches.count) return false;
  let place = 0;
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at]!;
    const times = stretches.timestampsMs[at]!;
    const from = stretches.from[at]!;
    const to = stretches.to[at]!;
    if (part.timestampsMs === times && part.from === from && part.to === to && stretches.isFrozen[at]) {
      place += to - from;
      continue;
    }
    for (let i = from; i < to; i++, place++) if (timestampsMs[place] !== times[i]!) return false;
  }
  return true;
}

/** A view costs more than copying a few. As bits where there is a NaN, which may lose its own as a plain number. */
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

const SHORT_COPY = 320;
