import { assert } from '../model/assert.ts';
import type { Label } from '../model/label.ts';
import { compareText } from '../model/labels.ts';
import { sortInSlices } from '../model/sort-in-slices.ts';
import type { Work } from '../model/work.ts';
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
  /** The index that may change it; see `LabelIndex`. */
  readonly owner: symbol;
}

interface LabelValues {
  readonly pairs: Map<string, LabelPair>;
  readonly owner: symbol;
}

/**
 * The postings of one tenant: label name → value → series. A copy shares values and pairs with its origin. What does not
 * bear an index's own mark is shared, and copied before it is changed.
 */
export class LabelIndex {
  readonly #byName: Map<string, LabelValues>;
  /** Undefined where a pair is no more. */
  readonly #byNumber: (LabelPair | undefined)[];
  #owner = Symbol('index');
  #nextPair = 1;

  constructor(
    byName: ReadonlyMap<string, LabelValues> = new Map(),
    byNumber: readonly (LabelPair | undefined)[] = [undefined],
  ) {
    this.#byName = new Map(byName);
    this.#byNumber = byNumber.slice();
  }

  get names(): IterableIterator<string> {
    return this.#byName.keys();
  }

  /** Pairs to come have this number or a higher one. */
  get nextPair(): number {
    return this.#nextPair;
  }

  /** The values of a label that series have. */
  values(name: string): ReadonlyMap<string, LabelPair> {
    return this.#byName.get(name)?.pairs ?? NO_VALUES;
  }

  find(name: string, value: string): LabelPair | undefined {
    return this.#byName.get(name)?.pairs.get(value);
  }

  /** The pair of a label, if series have it. */
  pairOf(label: Label): LabelPair | undefined {
    const known = label.indexedBy === this.#owner ? this.#byNumber[label.indexNumber] : undefined;
    if (known !== undefined) return known;
    const found = this.find(label.name, label.value);
    if (found !== undefined) this.#note(label, found);
    return found;
  }

  /** The pair with this number, which some series has. */
  pair(number: number): LabelPair {
    const pair = this.#byNumber[number];
    assert(pair !== undefined, 'the labels of a series have postings');
    return pair;
  }

  /** All pairs, by name, then by value. */
  *sorted(): Work<LabelPair[]> {
    const sorted: LabelPair[] = [];
    for (const name of [...this.#byName.keys()].sort(compareText)) {
      const pairs = [...this.values(name).values()];
      for (const pair of yield* sortInSlices(pairs, (a, b) => compareText(a.value, b.value))) sorted.push(pair);
    }
    return sorted;
  }

  /** The pair of a label that no series had, for whoever is going to add the first. */
  create(label: Label): LabelPair {
    const created = this.#create(this.#nextPair, label.name, label.value, false);
    this.#note(label, created);
    return created;
  }

  /** A pair of this index, for whoever is going to change it. */
  own(pair: LabelPair): LabelPair {
    if (pair.owner === this.#owner) return pair;
    const owned: LabelPair = { ...pair, seriesRefs: pair.seriesRefs.slice(), owner: this.#owner };
    this.#ownValues(pair.name).pairs.set(pair.value, owned);
    this.#byNumber[pair.pair] = owned;
    return owned;
  }

  /** Takes over a pair that is on disk. */
  load({ pair, name, value }: { pair: number; name: string; value: string }): LabelPair {
    return this.#create(pair, name, value, true);
  }

  /** No pair to come gets a lower number. */
  reservePairs(nextPair: number): void {
    this.#nextPair = Math.max(this.#nextPair, nextPair);
  }

  copy(): LabelIndex {
    // From now on all is shared.
    this.#owner = Symbol('index');
    const copy = new LabelIndex(this.#byName, this.#byNumber);
    copy.#nextPair = this.#nextPair;
    return copy;
  }

  /** Takes series out of the postings of `pairs`; forgets pairs that no series has any more. */
  remove(seriesRefs: ReadonlySet<SeriesRef>, pairs: ReadonlySet<LabelPair>): void {
    for (const shared of pairs) {
      const pair = this.own(shared);
      pair.seriesRefs = pair.seriesRefs.filter((seriesRef) => !seriesRefs.has(seriesRef));
      if (pair.seriesRefs.length === 0) this.#forget(pair);
    }
  }

  #create(pair: number, name: string, value: string, isQueued: boolean): LabelPair {
    const { pairs } = this.#ownValues(name);
    // All pairs of a label share one string for its name.
    const sharedName = pairs.values().next().value?.name ?? name;
    const created: LabelPair = { pair, name: sharedName, value, seriesRefs: [], isQueued, owner: this.#owner };
    pairs.set(value, created);
    while (this.#byNumber.length < pair) this.#byNumber.push(undefined);
    this.#byNumber[pair] = created;
    this.#nextPair = Math.max(this.#nextPair, pair + 1);
    return created;
  }

  #ownValues(name: string): LabelValues {
    const known = this.#byName.get(name);
    if (known?.owner === this.#owner) return known;
    const owned: LabelValues = { pairs: new Map(known?.pairs), owner: this.#owner };
    this.#byName.set(name, owned);
    return owned;
  }

  #note(label: Label, { pair }: LabelPair): void {
    label.indexedBy = this.#owner;
    label.indexNumber = pair;
  }

  #forget({ pair, name, value }: LabelPair): void {
    const { pairs } = this.#ownValues(name);
    pairs.delete(value);
    this.#byNumber[pair] = undefined;
    if (pairs.size === 0) this.#byName.delete(name);
  }
}

const NO_VALUES: ReadonlyMap<string, LabelPair> = new Map();
