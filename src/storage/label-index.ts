import type { SeriesRef } from './types.ts';

/** A label name with a value, and the series that have it. Names and values of all series are these very strings. */
export interface LabelPair {
  /** Its number in the table of label pairs. */
  readonly pair: number;
  readonly name: string;
  readonly value: string;
  /** Ascending. */
  seriesRefs: SeriesRef[];
  /** Whether its row is on disk or on its way there. */
  isQueued: boolean;
}

/** The postings of one tenant: label name → value → series. */
export class LabelIndex {
  readonly #byName = new Map<string, Map<string, LabelPair>>();
  #nextPair = 1;

  get names(): IterableIterator<string> {
    return this.#byName.keys();
  }

  /** The values of a label that series have. */
  values(name: string): ReadonlyMap<string, LabelPair> {
    return this.#byName.get(name) ?? NO_VALUES;
  }

  find(name: string, value: string): LabelPair | undefined {
    return this.#byName.get(name)?.get(value);
  }

  findOrCreate(name: string, value: string): LabelPair {
    return this.find(name, value) ?? this.#create(this.#nextPair, name, value, false);
  }

  /** Takes over a pair that is on disk. */
  load({ pair, name, value }: { pair: number; name: string; value: string }): LabelPair {
    return this.#create(pair, name, value, true);
  }

  copy(): LabelIndex {
    const copy = new LabelIndex();
    copy.#nextPair = this.#nextPair;
    for (const [name, values] of this.#byName) {
      const copied = new Map<string, LabelPair>();
      for (const [value, { pair, name: sharedName, seriesRefs, isQueued }] of values) {
        copied.set(value, { pair, name: sharedName, value, seriesRefs: seriesRefs.slice(), isQueued });
      }
      copy.#byName.set(name, copied);
    }
    return copy;
  }

  /** Takes series out of the postings of `pairs`; forgets pairs that no series has any more. */
  remove(seriesRefs: ReadonlySet<SeriesRef>, pairs: ReadonlySet<LabelPair>): void {
    for (const pair of pairs) {
      pair.seriesRefs = pair.seriesRefs.filter((seriesRef) => !seriesRefs.has(seriesRef));
      if (pair.seriesRefs.length === 0) this.#forget(pair);
    }
  }

  #create(pair: number, name: string, value: string, isQueued: boolean): LabelPair {
    let values = this.#byName.get(name);
    if (values === undefined) {
      values = new Map();
      this.#byName.set(name, values);
    }
    // All pairs of a label share one string for its name.
    const sharedName = values.values().next().value?.name ?? name;
    const created: LabelPair = { pair, name: sharedName, value, seriesRefs: [], isQueued };
    values.set(value, created);
    this.#nextPair = Math.max(this.#nextPair, pair + 1);
    return created;
  }

  #forget(pair: LabelPair): void {
    const values = this.#byName.get(pair.name);
    values?.delete(pair.value);
    if (values?.size === 0) this.#byName.delete(pair.name);
  }
}

const NO_VALUES: ReadonlyMap<string, LabelPair> = new Map();
