import { assert } from './assert.ts';
import type { NativeHistogram } from './native-histogram.ts';

/**
 * Samples of one series as columns, ascending in time, no timestamp twice. `timestampsMs` and `values` are at least
 * `count` long; what stands behind `count` is garbage. Timestamps are whole milliseconds (exact in a double).
 *
 * A staleness marker is a NaN with its own bits (`STALE_NAN`). Typed arrays keep the bits when they are copied as
 * arrays; a value that passed through a plain number may have lost them. Ask `isStaleMarker` on the array.
 *
 * Where a sample is a native histogram, `histograms` has it and `values` has 0; or, where it is a stale one, the
 * staleness marker too, so that whoever only looks for markers need not look at histograms.
 */
export class SampleColumns {
  timestampsMs: Float64Array;
  /**
   * `timestampsMs` again where it is frozen and also that of other series: what follows from the times alone can be kept from one
   * series to the next. Exactly `count` long. Undefined where it is this object's own.
   */
  sharedTimestampsMs: Float64Array | undefined = undefined;
  values: Float64Array;
  /** Aligned with `values`, `count` long or longer; undefined as long as all samples are floats. */
  histograms: (NativeHistogram | undefined)[] | undefined = undefined;
  /** When the counter of each sample began, 0 or nothing where nobody knows; undefined as long as no start is known. */
  startTimestampsMs: number[] | undefined = undefined;
  count = 0;
  #bits: Uint32Array;
  /** Waits here while others' times are shared. */
  #ownTimestampsMs: Float64Array;

  constructor(capacity = 128) {
    this.timestampsMs = new Float64Array(capacity);
    this.#ownTimestampsMs = this.timestampsMs;
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
    if (this.sharedTimestampsMs !== undefined) this.#setOwnTimestamps();
    this.count = 0;
    this.histograms = undefined;
    this.startTimestampsMs = undefined;
  }

  /** Makes room for `capacity` samples in all; keeps the first `count`. */
  reserve(capacity: number): void {
    if (this.sharedTimestampsMs !== undefined) this.ownTimestamps();
    if (capacity > this.values.length) this.#reserveValues(capacity);
    if (capacity <= this.timestampsMs.length) return;
    const timestampsMs = new Float64Array(this.values.length);
    timestampsMs.set(this.timestampsMs.subarray(0, this.count));
    this.timestampsMs = timestampsMs;
  }

  #reserveValues(capacity: number): void {
    const values = new Float64Array(Math.max(capacity, this.values.length * 2));
    values.set(this.values.subarray(0, this.count));
    this.values = values;
    this.#bits = new Uint32Array(values.buffer);
  }

  /**
   * Makes these the samples: at the times of `timestampsMs`, which is frozen and as long as they are many, with values that the
   * caller writes next, all of them. Holds none before.
   */
  shareTimestamps(timestampsMs: Float64Array): void {
    assert(this.count === 0, 'times are shared by all samples of a column');
    if (timestampsMs.length > this.values.length) this.#reserveValues(timestampsMs.length);
    if (this.sharedTimestampsMs === undefined) this.#ownTimestampsMs = this.timestampsMs;
    this.timestampsMs = timestampsMs;
    this.sharedTimestampsMs = timestampsMs;
    this.count = timestampsMs.length;
  }

  /** To call before a time is changed in place: shared ones are copied. */
  ownTimestamps(): void {
    const shared = this.sharedTimestampsMs;
    if (shared === undefined) return;
    this.#setOwnTimestamps();
    if (this.timestampsMs.length < shared.length) this.timestampsMs = new Float64Array(this.values.length);
    this.timestampsMs.set(shared);
  }

  #setOwnTimestamps(): void {
    this.timestampsMs = this.#ownTimestampsMs;
    this.sharedTimestampsMs = undefined;
  }

  /** Appends samples of the given arrays from index `from` up to, not including, `to`. Copies bits. */
  append(
    timestampsMs: Float64Array,
    values: Float64Array,
    from: number,
    to: number,
    histograms?: readonly (NativeHistogram | undefined)[] | undefined,
  ): void {
    this.reserve(this.count + to - from);
    if (to - from > SHORT_COPY || !this.#appendShort(timestampsMs, values, from, to)) {
      this.timestampsMs.set(timestampsMs.subarray(from, to), this.count);
      this.values.set(values.subarray(from, to), this.count);
    }
    if (histograms) {
      const own = this.histogramColumn();
      for (let i = from; i < to; i++) own[this.count + i - from] = histograms[i];
    } else if (this.histograms) {
      for (let i = from; i < to; i++) this.histograms[this.count + i - from] = undefined;
    }
    this.count += to - from;
  }

  /** A view costs more than copying a few. False where there is a NaN: as a plain number it may lose its bits. */
  #appendShort(timestampsMs: Float64Array, values: Float64Array, from: number, to: number): boolean {
    const ownTimestampsMs = this.timestampsMs;
    const ownValues = this.values;
    let at = this.count;
    for (let i = from; i < to; i++, at++) {
      const value = values[i]!;
      if (Number.isNaN(value)) return false;
      ownTimestampsMs[at] = timestampsMs[i]!;
      ownValues[at] = value;
    }
    return true;
  }

  /** `append` with the histograms of `other`. */
  appendFrom(other: SampleColumns, from: number, to: number): void {
    const start = this.count;
    this.append(other.timestampsMs, other.values, from, to, other.histograms);
    if (!other.startTimestampsMs) return;
    for (let i = from; i < to; i++) this.#setStart(start + i - from, other.startTimestampsMs[i]!);
  }

  /** Says when the counter of the last sample began. */
  setLastStart(startTimestampMs: number): void {
    this.#setStart(this.count - 1, startTimestampMs);
  }

  #setStart(index: number, startTimestampMs: number): void {
    this.startTimestampsMs ??= [];
    while (this.startTimestampsMs.length < index) this.startTimestampsMs.push(0);
    this.startTimestampsMs[index] = startTimestampMs;
  }

  /** Appends one sample that is no staleness marker. */
  push(timestampMs: number, value: number): void {
    this.reserve(this.count + 1);
    this.timestampsMs[this.count] = timestampMs;
    this.values[this.count] = value;
    if (this.histograms) this.histograms[this.count] = undefined;
    this.count += 1;
  }

  /** Appends a native histogram, stale ones too. */
  pushHistogram(timestampMs: number, histogram: NativeHistogram): void {
    if (histogram.isStale) this.pushStaleMarker(timestampMs);
    else this.push(timestampMs, 0);
    this.histogramColumn()[this.count - 1] = histogram;
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

  /** `histograms`, made when there is none yet: to write those of samples that were appended as floats. */
  histogramColumn(): (NativeHistogram | undefined)[] {
    // Filled, so that reading a place never goes past the end.
    this.histograms ??= new Array<NativeHistogram | undefined>(this.count).fill(undefined);
    return this.histograms;
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
 * The values of one series at every step of a query. `present[step]` says what is there: `ABSENT`, `FLOAT` or
 * `HISTOGRAM`. `values[step]` is garbage where no float is, `histograms[step]` where no histogram is. NaN is a value.
 */
export interface StepColumn {
  readonly values: Float64Array;
  readonly present: Uint8Array;
  /** May be left out as long as no step is a `HISTOGRAM`; who writes the first one makes it. */
  histograms?: (NativeHistogram | undefined)[] | undefined;
}

export function createStepColumn(stepCount: number): StepColumn {
  return { values: new Float64Array(stepCount), present: new Uint8Array(stepCount), histograms: undefined };
}

/** Overwrites `into` with `present`, which is as long. */
export function copyPresent(present: Uint8Array, into: Uint8Array): void {
  // For a few numbers a loop is done before a copy of memory has begun.
  if (present.length > SHORT_COPY) into.set(present);
  else for (let step = 0; step < present.length; step++) into[step] = present[step]!;
}

/** Recognises columns that have a float at every step, as most have. */
export class WholeColumns {
  readonly #whole: Uint8Array;

  constructor(stepCount: number) {
    this.#whole = new Uint8Array(stepCount).fill(FLOAT);
  }

  isWhole(present: Uint8Array): boolean {
    if (present.length > SHORT_COPY) return Buffer.compare(present, this.#whole) === 0;
    for (let step = 0; step < present.length; step++) if (present[step] !== FLOAT) return false;
    return true;
  }
}

/** Puts a native histogram at `step`. */
export function setHistogram(column: StepColumn, step: number, histogram: NativeHistogram): void {
  column.histograms ??= new Array<NativeHistogram | undefined>(column.present.length).fill(undefined);
  column.histograms[step] = histogram;
  column.present[step] = HISTOGRAM;
}

/** The native histogram at `step`, if one is there. */
export function histogramAt({ present, histograms }: StepColumn, step: number): NativeHistogram | undefined {
  return present[step] === HISTOGRAM ? histograms![step] : undefined;
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
