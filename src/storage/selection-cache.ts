import type { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { SeriesRef } from './types.ts';

/** The series that pass some matchers, in the order of their labels, whatever times they have samples at. */
export interface Selection {
  readonly seriesRefs: readonly SeriesRef[];
  readonly labels: readonly Labels[];
}

/** Dashboards and rules ask the same again and again, and series come and go rarely. */
const SELECTION_LIMIT = 128;
/** Matchers with longer texts are not worth the memory. */
const KEY_LIMIT_CHARACTERS = 10_000;
/** Between them all: 8 bytes twice for a series. */
const SERIES_LIMIT = 1_000_000;

/** Selections of one tenant. Valid until a series comes or goes. */
export class SelectionCache {
  readonly #selections = new Map<string, Selection>();
  #seriesCount = 0;
  #version = 0;

  /** Changes whenever a series comes or goes. */
  get version(): number {
    return this.#version;
  }

  get(key: string): Selection | undefined {
    return this.#selections.get(key);
  }

  add(key: string, selection: Selection): void {
    if (key.length > KEY_LIMIT_CHARACTERS) return;
    if (this.#selections.size >= SELECTION_LIMIT || this.#seriesCount + selection.seriesRefs.length > SERIES_LIMIT) {
      this.#forget();
    }
    this.#seriesCount += selection.seriesRefs.length;
    this.#selections.set(key, selection);
  }

  clear(): void {
    this.#version += 1;
    if (this.#selections.size > 0) this.#forget();
  }

  #forget(): void {
    this.#selections.clear();
    this.#seriesCount = 0;
  }
}

/** The same text for the same matchers in the same order. */
export function matchersKey(matchers: readonly Matcher[]): string {
  let key = '';
  for (const { name, op, value } of matchers) key += `${name.length} ${name}${op}${value.length} ${value}`;
  return key;
}
