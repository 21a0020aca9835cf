import { ABSENT, FLOAT, type StepColumn } from '../../model/columns.ts';
import type { Work } from '../../model/work.ts';

/** So many values are sorted in some milliseconds. */
const SORTED_AT_ONCE = 1 << 16;

/**
 * How often each value comes at each step, by group: a row for each group and value. A value that stays for some steps is
 * one stretch, so a row takes the room of what happens in it and not of all steps: there may be a row for every sample.
 *
 *     slots      hash table, open addressing, at most half full: a row's number + 1, 0 when free
 *     rows       group | value | its latest stretch, or -1
 *     stretches  first step | step behind the last | the stretch of the same row before it, or -1
 */
export class ValueCounts {
  #slots = new Int32Array(256);
  #groups = new Int32Array(128);
  #values = new Float64Array(128);
  #latest = new Int32Array(128);
  #rowCount = 0;
  /** Rows that no value leads to. */
  readonly #otherRows: number[] = [];
  #firstSteps = new Int32Array(128);
  #endSteps = new Int32Array(128);
  #before = new Int32Array(128);
  #stretchCount = 0;

  get rowCount(): number {
    return this.#rowCount;
  }

  groupOf(row: number): number {
    return this.#groups[row]!;
  }

  /** NaN of a row that was made for something else. */
  valueOf(row: number): number {
    return this.#values[row]!;
  }

  /** Counts the floats of one series of `group`. All NaN are one value, the two zeros are two. */
  addFloats(group: number, { values, present }: StepColumn): void {
    const stepCount = present.length;
    for (let step = 0; step < stepCount; step++) {
      if (present[step] !== FLOAT) continue;
      const value = values[step]!;
      const first = step;
      while (step + 1 < stepCount && present[step + 1] === FLOAT && Object.is(values[step + 1], value)) step += 1;
      this.#addStretch(this.#rowOf(group, value), first, step + 1);
    }
  }

  /** A row for what is no float; the caller knows what it stands for. */
  addRow(group: number): number {
    const row = this.#createRow(group, NaN);
    this.#otherRows.push(row);
    return row;
  }

  addOne(row: number, step: number): void {
    this.#addStretch(row, step, step + 1);
  }

  /** All rows: group by group in the order of their values, or nearly so where they are very many, and then those of no value. */
  *rowsByValue(groupCount: number): Work<number[]> {
    const isOther = new Uint8Array(this.#rowCount);
    for (const row of this.#otherRows) isOther[row] = 1;
    const ends = new Int32Array(groupCount + 1);
    for (let row = 0; row < this.#rowCount; row++) if (isOther[row] === 0) ends[this.#groups[row]! + 1]! += 1;
    for (let group = 0; group < groupCount; group++) ends[group + 1]! += ends[group]!;
    const values = new Float64Array(ends[groupCount]!);
    const places = ends.slice();
    for (let row = 0; row < this.#rowCount; row++) {
      if (isOther[row] === 0) values[places[this.#groups[row]!]!++] = this.#values[row]!;
    }
    const rows: number[] = [];
    for (let group = 0; group < groupCount; group++) {
      for (let from = ends[group]!; from < ends[group + 1]!; from += SORTED_AT_ONCE) {
        const sorted = values.subarray(from, Math.min(from + SORTED_AT_ONCE, ends[group + 1]!)).sort();
        for (const value of sorted) rows.push(this.#rowOf(group, value));
        yield;
      }
    }
    for (const row of this.#otherRows) rows.push(row);
    return rows;
  }

  /** Overwrites `out` with the counts of a row. */
  writeRow(row: number, out: StepColumn): void {
    const { values, present } = out;
    out.histograms = undefined;
    present.fill(ABSENT);
    for (let stretch = this.#latest[row]!; stretch >= 0; stretch = this.#before[stretch]!) {
      const end = this.#endSteps[stretch]!;
      for (let step = this.#firstSteps[stretch]!; step < end; step++) {
        values[step] = present[step] === ABSENT ? 1 : values[step]! + 1;
        present[step] = FLOAT;
      }
    }
  }

  #rowOf(group: number, value: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(group, value) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const row = this.#slots[slot]! - 1;
      if (this.#groups[row] === group && Object.is(this.#values[row], value)) return row;
    }
    const row = this.#createRow(group, value);
    this.#slots[slot] = row + 1;
    if (2 * this.#rowCount > this.#slots.length) this.#widen();
    return row;
  }

  #createRow(group: number, value: number): number {
    const row = this.#rowCount++;
    if (row === this.#groups.length) {
      this.#groups = doubled(this.#groups);
      this.#latest = doubled(this.#latest);
      const values = new Float64Array(2 * row);
      values.set(this.#values);
      this.#values = values;
    }
    this.#groups[row] = group;
    this.#values[row] = value;
    this.#latest[row] = -1;
    return row;
  }

  #addStretch(row: number, firstStep: number, endStep: number): void {
    const stretch = this.#stretchCount++;
    if (stretch === this.#before.length) {
      this.#firstSteps = doubled(this.#firstSteps);
      this.#endSteps = doubled(this.#endSteps);
      this.#before = doubled(this.#before);
    }
    this.#firstSteps[stretch] = firstStep;
    this.#endSteps[stretch] = endStep;
    this.#before[stretch] = this.#latest[row]!;
    this.#latest[row] = stretch;
  }

  #widen(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (const entry of this.#slots) {
      if (entry === 0) continue;
      let slot = hashOf(this.#groups[entry - 1]!, this.#values[entry - 1]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
    this.#slots = slots;
  }
}

function doubled(column: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(2 * column.length);
  wider.set(column);
  return wider;
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** What follows is masked: low bits have to depend on all of the value. */
function hashOf(group: number, value: number): number {
  double[0] = Number.isNaN(value) ? NaN : value;
  let hash = Math.imul(words[0]!, 0x9e3779b1) ^ Math.imul(words[1]!, 0x85ebca6b) ^ Math.imul(group + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
