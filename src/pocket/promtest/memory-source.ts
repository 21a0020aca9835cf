import type { SeriesPoint } from '../../../grammar/series-notation.ts';
import { assert } from '../../model/assert.ts';
import { SampleColumns } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import { matchesAll } from '../../model/matcher.ts';
import type { SelectRequest, SeriesSet, SeriesSource } from '../../model/series-source.ts';
import { FAKE_TENANT, type TenantId } from '../../model/tenant.ts';

/** What some points have that is not kept here: a script's evaluation that selects such series has to wait for it. */
export type MissingTrait = 'native histograms' | 'start timestamps';

interface MemorySeries {
  readonly labels: Labels;
  readonly samples: SampleColumns;
  /** Missing traits, each with the first and the last time it has. */
  readonly missing: Map<MissingTrait, { firstMs: number; lastMs: number }>;
}

/** Series of one tenant, held in memory as columns: what a test script loads, and what tests of the engine read. */
export class MemorySource implements SeriesSource {
  readonly #tenant: TenantId;
  readonly #seriesByKey = new Map<string, MemorySeries>();
  readonly #selectedMissing = new Set<MissingTrait>();

  constructor(tenant: TenantId = FAKE_TENANT) {
    this.#tenant = tenant;
  }

  /** Appends samples that are newer than what the series has. Copies. */
  add(labels: Labels, samples: SampleColumns): void {
    const own = this.#seriesOf(labels).samples;
    const isNewer =
      own.count === 0 || samples.count === 0 || own.timestampsMs[own.count - 1]! < samples.timestampsMs[0]!;
    assert(isNewer, 'samples of a memory source come in order');
    own.append(samples.timestampsMs, samples.values, 0, samples.count);
  }

  /**
   * Adds the points of a series notation, the first at `startMs`, one every `stepMs`. A point at a time that the series
   * already has is dropped; of native histograms, only that they were there is noted.
   */
  addPoints(labels: Labels, points: readonly SeriesPoint[], times: { startMs: number; stepMs: number }): void {
    const { samples } = this.#seriesOf(labels);
    for (let i = 0; i < points.length; i++) {
      const point = points[i]!;
      const timestampMs = times.startMs + i * times.stepMs;
      if (samples.count > 0 && timestampMs <= samples.timestampsMs[samples.count - 1]!) continue;
      if (point.kind === 'float') samples.push(timestampMs, point.value);
      else if (point.kind === 'stale') samples.pushStaleMarker(timestampMs);
      else if (point.kind === 'histogram') this.noteMissing(labels, 'native histograms', timestampMs);
    }
  }

  /** Notes that the series has, at `timestampMs`, something that is not kept. */
  noteMissing(labels: Labels, trait: MissingTrait, timestampMs: number): void {
    const { missing } = this.#seriesOf(labels);
    const known = missing.get(trait);
    if (known) known.lastMs = timestampMs;
    else missing.set(trait, { firstMs: timestampMs, lastMs: timestampMs });
  }

  /** The missing traits of all that was selected since the last call. */
  takeSelectedMissing(): readonly MissingTrait[] {
    const taken = [...this.#selectedMissing];
    this.#selectedMissing.clear();
    return taken;
  }

  /** Forgets all series. */
  clear(): void {
    this.#seriesByKey.clear();
  }

  select({ tenant, matchers, startMs, endMs }: SelectRequest): SeriesSet {
    const matching =
      tenant === this.#tenant
        ? [...this.#seriesByKey.values()].filter(({ labels }) => matchesAll(matchers, labels))
        : [];
    for (const { missing } of matching) {
      for (const [trait, { firstMs, lastMs }] of missing) {
        if (firstMs <= endMs && lastMs >= startMs) this.#selectedMissing.add(trait);
      }
    }
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
        into.append(samples.timestampsMs, samples.values, from, to);
      },
    };
  }

  #seriesOf(labels: Labels): MemorySeries {
    const known = this.#seriesByKey.get(labels.key);
    if (known) return known;
    const series = { labels, samples: new SampleColumns(16), missing: new Map() };
    this.#seriesByKey.set(labels.key, series);
    return series;
  }
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
