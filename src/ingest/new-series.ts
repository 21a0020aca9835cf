import { type Label, labelsOfList } from '../model/label.ts';
import type { Labels } from '../model/labels.ts';

/**
 * The series of a request that the store does not know by their names, in the order of the request: their labels stand end to end,
 * those of each sorted by name and fit to be stored.
 */
export class NewSeries {
  readonly #labels: Label[] = [];
  /** Of each: its index in the request, and where its labels end. */
  readonly #seriesIndexes: number[] = [];
  readonly #ends: number[] = [];

  get count(): number {
    return this.#ends.length;
  }

  /** Labels of all. Those behind the end of the last series are of one that is being read, and are the reader's. */
  get labels(): Label[] {
    return this.#labels;
  }

  /** Where the labels of the next series begin. */
  get end(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** The labels behind `end` are those of this series. */
  add(seriesIndex: number): void {
    this.#seriesIndexes.push(seriesIndex);
    this.#ends.push(this.#labels.length);
  }

  /** Forgets the labels behind `end`. */
  drop(): void {
    this.#labels.length = this.end;
  }

  seriesIndexAt(place: number): number {
    return this.#seriesIndexes[place]!;
  }

  startAt(place: number): number {
    return place === 0 ? 0 : this.#ends[place - 1]!;
  }

  endAt(place: number): number {
    return this.#ends[place]!;
  }

  labelsAt(place: number): Labels {
    return labelsOfList(this.#labels, this.startAt(place), this.endAt(place));
  }

  /** Of a series that is here. */
  labelsOf(seriesIndex: number): Labels {
    return this.labelsAt(this.#seriesIndexes.indexOf(seriesIndex));
  }

  without(seriesIndexes: ReadonlyMap<number, unknown>): NewSeries {
    const left = new NewSeries();
    for (let place = 0; place < this.count; place++) {
      const seriesIndex = this.seriesIndexAt(place);
      if (seriesIndexes.has(seriesIndex)) continue;
      for (let i = this.startAt(place); i < this.endAt(place); i++) left.#labels.push(this.#labels[i]!);
      left.add(seriesIndex);
    }
    return left;
  }
}
