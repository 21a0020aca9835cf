/** A longer column is not kept: one huge query is no reason to hold its room for good. */
const KEPT_LIMIT = 1 << 18;

/**
 * Room that a kernel needs for the length of one call, kept between calls so that no series allocates. A kernel never
 * pauses, so two users of one scratch never meet.
 */
export class Scratch<Column extends Float64Array | Int32Array> {
  readonly #create: (length: number) => Column;
  #column: Column;

  constructor(create: (length: number) => Column) {
    this.#create = create;
    this.#column = create(64);
  }

  /** A column of at least `length`, with whatever stood in it. Borrowed until the next call. */
  take(length: number): Column {
    if (length > KEPT_LIMIT) return this.#create(length);
    if (this.#column.length < length) this.#column = this.#create(Math.max(length, this.#column.length * 2));
    return this.#column;
  }
}

export function floatScratch(): Scratch<Float64Array> {
  return new Scratch((length) => new Float64Array(length));
}

export function indexScratch(): Scratch<Int32Array> {
  return new Scratch((length) => new Int32Array(length));
}
