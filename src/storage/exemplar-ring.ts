import type { Exemplar } from '../model/write-batch.ts';
import type { ExemplarRow } from './tables/exemplars-table.ts';
import type { SeriesRef } from './types.ts';

/** A tenant's exemplars: a bounded number, the first to come goes first. Ordered within each series. */
export class ExemplarRing {
  /** In the order they came; the first `#gone` are not kept any more. */
  #rows: ExemplarRow[] = [];
  #gone = 0;
  #bySeries = new Map<SeriesRef, ExemplarRow[]>();
  #nextSequence = 1;
  /** A copy has the same lists: they are copied before they are changed. */
  #isShared = false;

  get count(): number {
    return this.#rows.length - this.#gone;
  }

  /** Oldest first, frozen. */
  ofSeries(seriesRef: SeriesRef): readonly ExemplarRow[] {
    return this.#bySeries.get(seriesRef) ?? [];
  }

  /** What Prometheus's exemplar storage would say to `exemplar`: a duplicate is fine, and not kept. */
  judge(seriesRef: SeriesRef, exemplar: Exemplar): 'new' | 'duplicate' | 'out-of-order' {
    const newest = this.#bySeries.get(seriesRef)?.at(-1)?.exemplar;
    if (newest === undefined) return 'new';
    if (exemplar.timestampMs !== newest.timestampMs) {
      return exemplar.timestampMs < newest.timestampMs ? 'out-of-order' : 'new';
    }
    if (exemplar.value < newest.value) return 'out-of-order';
    return exemplar.value === newest.value && sameLabels(exemplar, newest) ? 'duplicate' : 'new';
  }

  add(seriesRef: SeriesRef, exemplar: Exemplar): ExemplarRow {
    const row = { sequence: this.#nextSequence, seriesRef, exemplar };
    this.load(row);
    return row;
  }

  copy(): ExemplarRing {
    const copy = new ExemplarRing();
    copy.#rows = this.#rows;
    copy.#bySeries = this.#bySeries;
    copy.#gone = this.#gone;
    copy.#nextSequence = this.#nextSequence;
    copy.#isShared = true;
    this.#isShared = true;
    return copy;
  }

  /** Takes over an exemplar that is on disk; the sequence grows. */
  load(row: ExemplarRow): void {
    this.#own();
    this.skip(row.sequence);
    this.#rows.push(row);
    const ofSeries = this.#bySeries.get(row.seriesRef);
    if (ofSeries) ofSeries.push(row);
    else this.#bySeries.set(row.seriesRef, [row]);
  }

  /** A row on disk has this sequence, though its series is no more. */
  skip(sequence: number): void {
    this.#nextSequence = sequence + 1;
  }

  /** Drops the oldest until `limit` are left; the sequence of the last that went, 0 when none did. */
  trim(limit: number): number {
    let lastGone = 0;
    if (this.count > limit) this.#own();
    while (this.count > limit) {
      const row = this.#rows[this.#gone++]!;
      lastGone = row.sequence;
      const ofSeries = this.#bySeries.get(row.seriesRef);
      ofSeries?.shift();
      if (ofSeries?.length === 0) this.#bySeries.delete(row.seriesRef);
    }
    if (this.#gone > 1000 && this.#gone * 2 > this.#rows.length) {
      this.#rows = this.#rows.slice(this.#gone);
      this.#gone = 0;
    }
    return lastGone;
  }

  /** Forgets those of series that are no more. Their rows stay until they are the oldest. */
  removeSeries(seriesRefs: ReadonlySet<SeriesRef>): void {
    this.#own();
    for (const seriesRef of seriesRefs) this.#bySeries.delete(seriesRef);
  }

  #own(): void {
    if (!this.#isShared) return;
    this.#rows = this.#rows.slice();
    this.#bySeries = new Map([...this.#bySeries].map(([seriesRef, rows]) => [seriesRef, rows.slice()]));
    this.#isShared = false;
  }
}

/** Whether two exemplars have the same labels, in whatever order. */
function sameLabels(a: Exemplar, b: Exemplar): boolean {
  return labelsKey(a) === labelsKey(b);
}

function labelsKey({ labels }: Exemplar): string {
  return JSON.stringify(labels.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
