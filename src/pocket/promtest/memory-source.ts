import type { SeriesPoint } from '../../../grammar/series-notation.ts';
import { assert } from '../../model/assert.ts';
import { SampleColumns } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import { matchesAll } from '../../model/matcher.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { areHistogramsEqual } from '../../model/native-histogram-equality.ts';
import { storedHint } from '../../model/native-histogram-resets.ts';
import type { SelectRequest, SeriesSet, SeriesSource } from '../../model/series-source.ts';
import { FAKE_TENANT, type TenantId } from '../../model/tenant.ts';
import type { Work } from '../../model/work.ts';
import { histogramOfPoint } from './histogram-notation.ts';

interface MemorySeries {
  readonly labels: Labels;
  readonly samples: SampleColumns;
}

/** A sample on its way into a source; with a histogram or as a staleness marker, its value does not matter. */
export interface AppendedSample {
  readonly labels: Labels;
  readonly timestampMs: number;
  readonly value: number;
  readonly histogram?: NativeHistogram | undefined;
  readonly isStale?: boolean;
}

/** Series of one tenant, held in memory as columns: what a test script loads, and what tests of the engine read. */
export class MemorySource implements SeriesSource {
  readonly #tenant: TenantId;
  readonly #seriesByKey = new Map<string, MemorySeries>();

  constructor(tenant: TenantId = FAKE_TENANT) {
    this.#tenant = tenant;
  }

  /** Appends samples that are newer than what the series has. Copies. */
  add(labels: Labels, samples: SampleColumns): void {
    const own = this.#seriesOf(labels).samples;
    const isNewer =
      own.count === 0 || samples.count === 0 || own.timestampsMs[own.count - 1]! < samples.timestampsMs[0]!;
    assert(isNewer, 'samples of a memory source come in order');
    own.appendFrom(samples, 0, samples.count);
  }

  /**
   * Adds the points of a series notation, the first at `startMs`, one every `stepMs`; `startOffsetsMs` says how far from
   * each its counter began. A point at a time that the series already has is dropped.
   * @throws {PocketCortexError} `bad-data` for histograms that cannot be
   */
  addPoints(
    labels: Labels,
    points: readonly SeriesPoint[],
    times: { startMs: number; stepMs: number },
    startOffsetsMs?: readonly (number | undefined)[] | undefined,
  ): void {
    const { samples } = this.#seriesOf(labels);
    for (let i = 0; i < points.length; i++) {
      const point = points[i]!;
      const timestampMs = times.startMs + i * times.stepMs;
      if (point.kind === 'absent' || hasPassed(samples, timestampMs)) continue;
      if (point.kind === 'float') samples.push(timestampMs, point.value);
      else if (point.kind === 'stale') samples.pushStaleMarker(timestampMs);
      else this.addHistogram(labels, timestampMs, histogramOfPoint(point));
      const startOffsetMs = startOffsetsMs?.[i];
      if (startOffsetMs !== undefined) samples.setLastStart(timestampMs + startOffsetMs);
    }
  }

  /** Adds a native histogram, with the hint that a storage would give it. Dropped at a time that the series already has. */
  addHistogram(labels: Labels, timestampMs: number, histogram: NativeHistogram): void {
    const { samples } = this.#seriesOf(labels);
    if (hasPassed(samples, timestampMs)) return;
    const previous = samples.histograms?.[samples.count - 1];
    samples.pushHistogram(timestampMs, histogram.with({ counterResetHint: storedHint(histogram, previous) }));
  }

  /**
   * Appends one sample, as a storage without a window for late ones does. What is wrong with it, in Prometheus's words, when
   * its series has a newer one, or another one at that time.
   */
  append(row: AppendedSample): string | undefined {
    const { samples } = this.#seriesOf(row.labels);
    const last = samples.count - 1;
    if (last >= 0 && row.timestampMs < samples.timestampsMs[last]!) return 'out of order sample';
    if (last >= 0 && row.timestampMs === samples.timestampsMs[last]) {
      return isSame(row, samples, last) ? undefined : 'duplicate sample for timestamp';
    }
    if (row.histogram) this.addHistogram(row.labels, row.timestampMs, row.histogram);
    else if (row.isStale) samples.pushStaleMarker(row.timestampMs);
    else samples.push(row.timestampMs, row.value);
    return undefined;
  }

  /** Forgets all series. */
  clear(): void {
    this.#seriesByKey.clear();
  }

  *selectInSlices(request: SelectRequest): Work<SeriesSet> {
    return this.select(request);
  }

  select({ tenant, matchers, startMs, endMs }: SelectRequest): SeriesSet {
    const matching =
      tenant === this.#tenant
        ? [...this.#seriesByKey.values()].filter(({ labels }) => matchesAll(matchers, labels))
        : [];
    const series = matching
      .filter(({ samples }) => overlaps(samples, startMs, endMs))
      .sort((a, b) => a.labels.compare(b.labels));
    return {
      labels: series.map(({ labels }) => labels),
      read(seriesIndex, into) {
        const { samples } = series[seriesIndex]!;
        into.clear();
        const from = firstAtOrAfter(samples, startMs);
        let to = from;
        while (to < samples.count && samples.timestampsMs[to]! <= endMs) to += 1;
        into.appendFrom(samples, from, to);
      },
    };
  }

  #seriesOf(labels: Labels): MemorySeries {
    const known = this.#seriesByKey.get(labels.key);
    if (known) return known;
    const series = { labels, samples: new SampleColumns(16) };
    this.#seriesByKey.set(labels.key, series);
    return series;
  }
}

function isSame(row: AppendedSample, samples: SampleColumns, at: number): boolean {
  const histogram = samples.histograms?.[at];
  if (row.histogram || histogram) return !!row.histogram && !!histogram && areHistogramsEqual(row.histogram, histogram);
  if (row.isStale || samples.isStale(at)) return row.isStale === true && samples.isStale(at);
  return Object.is(row.value, samples.values[at]);
}

function hasPassed(samples: SampleColumns, timestampMs: number): boolean {
  return samples.count > 0 && timestampMs <= samples.timestampsMs[samples.count - 1]!;
}

function overlaps(samples: SampleColumns, startMs: number, endMs: number): boolean {
  const { count, timestampsMs } = samples;
  return count > 0 && timestampsMs[0]! <= endMs && timestampsMs[count - 1]! >= startMs;
}

function firstAtOrAfter(samples: SampleColumns, timestampMs: number): number {
  let low = 0;
  let high = samples.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (samples.timestampsMs[middle]! < timestampMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
