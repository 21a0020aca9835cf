import type { SeriesNotation } from '../../../grammar/series-notation.ts';
import type { ResultRow } from '../../ruler/rule-results.ts';
import { MemorySource } from '../promtest/memory-source.ts';

/** The series of a unit test: what rules see at one time is what was there until then. */
export class TestSeries {
  readonly source = new MemorySource();
  readonly #pending: readonly SeriesNotation[];
  readonly #startMs: number;
  readonly #stepMs: number;
  #loadedCount = 0;

  constructor(series: readonly SeriesNotation[], times: { readonly startMs: number; readonly stepMs: number }) {
    // Of a series that is listed twice, the last one counts.
    this.#pending = [...new Map(series.map((item) => [item.labels.key, item])).values()];
    this.#startMs = times.startMs;
    this.#stepMs = times.stepMs;
  }

  /**
   * Adds the points up to `timeMs`.
   * @throws {PocketCortexError} `bad-data` for histograms that cannot be
   */
  loadUntil(timeMs: number): void {
    const count = Math.floor((timeMs - this.#startMs) / this.#stepMs) + 1;
    if (count <= this.#loadedCount) return;
    const startMs = this.#startMs + this.#loadedCount * this.#stepMs;
    for (const { labels, points } of this.#pending) {
      this.source.addPoints(labels, points.slice(this.#loadedCount, count), { startMs, stepMs: this.#stepMs });
    }
    this.#loadedCount = count;
  }

  /** Takes what rules yield; the texts of what was refused. */
  append(rows: readonly ResultRow[]): string[] {
    return rows.map((row) => this.source.append(row)).filter((refusal) => refusal !== undefined);
  }
}
