import { assert } from './assert.ts';

/**
 * Samples of one series as columns, ascending in time, no timestamp twice. `timestampsMs` and `values` are at least
 * `count` long; what stands behind `count` is garbage. Timestamps are whole milliseconds (exact in a double).
 *
 * A staleness marker is a NaN with its own bits (`STALE_NAN`). Typed arrays keep the bits when they are copied as
 * arrays; a value that passed through a plain number may have lost them. Ask `isStaleMarker` on the array.
 */
export class SampleColumns {
  timestampsMs: Float64Array;
  values: Float64Array;
  count = 0;
  #bits: Uint32Array;

  constructor(capacity = 128) {
    this.timestampsMs = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
    this.#bits = new Uint32Array(this.values.buffer);
  }

  /** Over arrays that exist: `count` is their length. They are shared, not copied; `values` starts at its buffer's begin. */
  static over(timestampsMs: Float64Array, values: Float64Array): SampleColumns {
    assert(timestampsMs.length === values.length, 'columns are of one length');
    assert(values.byteOffset === 0, 'a value column starts at the begin of its buffer');
    const columns = new SampleColumns(0);
    columns.timestampsMs = timestampsMs;
    columns.values = values;
    columns.#bits = new Uint32Array(values.buffer, 0, values.length * 2);
    columns.count = timestampsMs.length;
    return columns;
  }

  /** Forgets all samples, keeps the room. */
  clear(): void {
    this.count = 0;
  }

  /** Makes room for `capacity` samples in all; keeps the first `count`. */
  reserve(capacity: number): void {
    if (capacity <= this.values.length) return;
    const room = Math.max(capacity, this.values.length * 2);
    const timestampsMs = new Float64Array(room);
    timestampsMs.set(this.timestampsMs.subarray(0, this.count));
    const values = new Float64Array(room);
    values.set(this.values.subarray(0, this.count));
    this.timestampsMs = timestampsMs;
    this.values = values;
    this.#bits = new Uint32Array(values.buffer);
  }

  /** Appends samples of the given arrays from index `from` up to, not including, `to`. Copies bits. */
  append(timestampsMs: Float64Array, values: Float64Array, from: number, to: number): void {
    this.reserve(this.count + to - from);
    if (to - from <= SHORT_COPY) {
      // A view costs more than copying so few. Not so the values: a plain number may lose the bits of a NaN.
      const target = this.timestampsMs;
      let at = this.count;
      for (let i = from; i < to; i++) target[at++] = timestampsMs[i]!;
    } else {
      this.timestampsMs.set(timestampsMs.subarray(from, to), this.count);
    }
    this.values.set(values.subarray(from, to), this.count);
    this.count += to - from;
  }

  /** Appends one sample that is no staleness marker. */
  push(timestampMs: number, value: number): void {
    this.reserve(this.count + 1);
    this.timestampsMs[this.count] = timestampMs;
    this.values[this.count] = value;
    this.count += 1;
  }

  pushStaleMarker(timestampMs: number): void {
    this.push(timestampMs, 0);
    writeStaleMarker(this.#bits, this.count - 1);
  }

  /** Whether sample `index` is a staleness marker. Cheap for numbers: only a NaN is looked at twice. */
  isStale(index: number): boolean {
    const value = this.values[index]!;
    return Number.isNaN(value) && isStaleMarker(this.#bits, index);
  }

  /** The bits of `values`, two words a value: for kernels that check `isStaleMarker` themselves. Borrowed. */
  get bits(): Uint32Array {
    return this.#bits;
  }
}

const SHORT_COPY = 64;

/** The bits of the staleness marker: 0x7ff0000000000002 (Prometheus `model/value`). */
const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 0x00000002;
const [LOW_WORD, HIGH_WORD] = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0];

/** Whether value `index` is the staleness marker; `bits` are the words of a Float64Array. */
export function isStaleMarker(bits: Uint32Array, index: number): boolean {
  return bits[index * 2 + HIGH_WORD] === STALE_HIGH && bits[index * 2 + LOW_WORD] === STALE_LOW;
}

/** Makes value `index` the staleness marker; `bits` are the words of a Float64Array. */
export function writeStaleMarker(bits: Uint32Array, index: number): void {
  writeValueBits(bits, index, STALE_HIGH, STALE_LOW);
}

/** Sets value `index` by its IEEE 754 halves, so that a NaN keeps its payload; `bits` are the words of a Float64Array. */
export function writeValueBits(bits: Uint32Array, index: number, high: number, low: number): void {
  bits[index * 2 + HIGH_WORD] = high;
  bits[index * 2 + LOW_WORD] = low;
}

/** What stands at a step of a `StepColumn`. `HISTOGRAM` has its value in a column of its own. */
export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/**
 * The values of one series at every step of a query. `present[step]` says what is there: `ABSENT` or `FLOAT`
 * (`HISTOGRAM` is kept for native histograms). Where it is absent, `values[step]` is garbage. NaN is a value.
 */
export interface StepColumn {
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

export function createStepColumn(stepCount: number): StepColumn {
  return { values: new Float64Array(stepCount), present: new Uint8Array(stepCount) };
}

/**
 * The moments a query is evaluated at: `startMs`, `startMs + stepMs`, …, `count` of them. An instant query has one step
 * (and any `stepMs` above 0).
 */
export interface StepGrid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
}
