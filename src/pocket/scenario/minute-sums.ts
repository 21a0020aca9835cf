import { assert } from '../../model/assert.ts';
import { MINUTE_MS } from './occurrences.ts';

/**
 * Running sums of some quantities over minutes. What a minute adds is a whole number, so a difference between two minutes is
 * exact, and the same wherever the sums began: that is why a counter can be made from any time on.
 *
 *     minute       m0      m0+1     m0+2         stands for [m0 × 60 s, m0 × 60 s + 60 s)
 *     adds             a        b        c
 *     sums      0        a       a+b    a+b+c     at the begin of each minute
 */
export class MinuteSums {
  /** The first minute whose sum is kept. */
  firstMinute: number;
  /** The minute before which all is summed up. */
  endMinute: number;
  /** One for each quantity, from `firstMinute` on; what stands behind `endMinute` is garbage. */
  readonly columns: Float64Array[];

  constructor(columnCount: number, firstMinute: number) {
    this.firstMinute = firstMinute;
    this.endMinute = firstMinute;
    this.columns = Array.from({ length: columnCount }, () => new Float64Array(64));
  }

  /** Adds what the next minute brings. Whole numbers. */
  add(minute: Float64Array): void {
    const at = this.endMinute - this.firstMinute;
    for (let i = 0; i < this.columns.length; i++) {
      let column = this.columns[i]!;
      if (at + 1 >= column.length) {
        const longer = new Float64Array(column.length * 2);
        longer.set(column);
        column = longer;
        this.columns[i] = longer;
      }
      column[at + 1] = column[at]! + minute[i]!;
    }
    this.endMinute += 1;
  }

  /** Lets go of what was before `minute`. */
  forgetBefore(minute: number): void {
    const count = Math.min(minute, this.endMinute) - this.firstMinute;
    if (count <= 0) return;
    for (const column of this.columns) column.copyWithin(0, count, this.endMinute - this.firstMinute + 1);
    this.firstMinute += count;
  }

  /** The sums at the begin of `minute`, which is kept. */
  sumsAt(minute: number): Float64Array {
    assert(minute >= this.firstMinute && minute <= this.endMinute, 'sums of a minute that is kept');
    return Float64Array.from(this.columns, (column) => column[minute - this.firstMinute]!);
  }
}

/** Where in the minutes some moments lie: a place in the columns, and how far through its minute. */
export interface MinutePlaces {
  readonly indexes: Int32Array;
  readonly parts: Float64Array;
}

/**
 * The places of `timesMs`, each moved back by up to `jitterMs`, as if it had been looked at a little earlier: what makes rates
 * of a smooth counter uneven, and never lets it fall. Nothing lies before `birthMs`.
 */
export function placesOf(
  sums: MinuteSums,
  timesMs: Float64Array,
  { birthMs, jitterMs, chance }: { birthMs: number; jitterMs: number; chance: (timeMs: number) => number },
): MinutePlaces {
  const indexes = new Int32Array(timesMs.length);
  const parts = new Float64Array(timesMs.length);
  for (let i = 0; i < timesMs.length; i++) {
    const timeMs = timesMs[i]!;
    const position = Math.max(birthMs, timeMs - jitterMs * chance(timeMs)) / MINUTE_MS;
    const minute = Math.floor(position);
    indexes[i] = minute - sums.firstMinute;
    parts[i] = position - minute;
  }
  return { indexes, parts };
}

/**
 * Writes `scale` times what was added since the sum was `base`, at all places, rounded down to multiples of `unit`, into
 * `out` from `outStart` on.
 */
export function countInto(
  out: Float64Array,
  outStart: number,
  column: Float64Array,
  { indexes, parts }: MinutePlaces,
  { base, scale, unit }: { readonly base: number; readonly scale: number; readonly unit: number },
): void {
  // Whole units in one, so that 0.001 leaves no tail of binary digits.
  const perUnit = Math.round(1 / unit);
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i]!;
    const sum = column[index]!;
    const grown = sum - base + parts[i]! * (column[index + 1]! - sum);
    out[outStart + i] = Math.floor(grown * scale * perUnit) / perUnit;
  }
}
