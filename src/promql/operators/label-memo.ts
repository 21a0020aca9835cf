import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';

/** Of all lists together: what is kept of a series takes some hundred bytes. */
const SERIES_LIMIT = 50_000;

/**
 * What was made of a list of labels, as long as the list itself is kept by somebody. A store hands out the same list for
 * the same selection until a series comes or goes, so a dashboard that asks again finds its groups and partners as they
 * were.
 */
export class LabelMemo<Made> {
  #bySeries = new WeakMap<readonly Labels[], Map<string, Made>>();
  readonly #weightOf: (made: Made) => number;
  #seriesCount = 0;

  /** `weightOf` tells what is made beside a number or a label set for each series, in series. */
  constructor(weightOf: (made: Made) => number = () => 0) {
    this.#weightOf = weightOf;
  }

  /** What `make` makes of `series`, which is frozen. The same `key` says that it is the same that is wanted; frozen too. */
  *of(series: readonly Labels[], key: string, make: () => Work<Made>): Work<Made> {
    const known = this.#bySeries.get(series)?.get(key);
    if (known !== undefined) return known;
    const made = yield* make();
    const weight = series.length + this.#weightOf(made);
    if (weight > SERIES_LIMIT) return made;
    this.#seriesCount += weight;
    if (this.#seriesCount > SERIES_LIMIT) {
      this.#bySeries = new WeakMap();
      this.#seriesCount = weight;
    }
    const ofSeries = this.#bySeries.get(series) ?? new Map<string, Made>();
    ofSeries.set(key, made);
    this.#bySeries.set(series, ofSeries);
    return made;
  }
}

/** The same text for the same names or other texts, given in the same order. */
export function namesKey(names: readonly string[]): string {
  let key = '';
  for (const name of names) key += `${name.length} ${name}`;
  return key;
}
