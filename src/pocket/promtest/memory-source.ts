import { assert } from '../../model/assert.ts';
import { SampleColumns } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import { matchesAll } from '../../model/matcher.ts';
import type { SelectRequest, SeriesSet, SeriesSource } from '../../model/series-source.ts';
import { FAKE_TENANT, type TenantId } from '../../model/tenant.ts';

/** A point of the series notation, as `grammar/series-notation.ts` reads it. */
export type NotationPoint =
  | { readonly kind: 'absent' }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'stale' }
  | { readonly kind: 'histogram' };

/** Series of one tenant, held in memory as columns: what a test script loads, and what tests of the engine read. */
export class MemorySource implements SeriesSource {
  readonly #tenant: TenantId;
  readonly #samplesByKey = new Map<string, { readonly labels: Labels; readonly samples: SampleColumns }>();

  constructor(tenant: TenantId = FAKE_TENANT) {
    this.#tenant = tenant;
  }

  /** Appends samples that are newer than what the series has. Copies. */
  add(labels: Labels, samples: SampleColumns): void {
    const own = this.#samplesOf(labels);
    const isNewer =
      own.count === 0 || samples.count === 0 || own.timestampsMs[own.count - 1]! < samples.timestampsMs[0]!;
    assert(isNewer, 'samples of a memory source come in order');
    own.append(samples.timestampsMs, samples.values, 0, samples.count);
  }

  /**
   * Adds the points of a series notation, the first at `startMs`, one every `stepMs`. A point at a time that the series
   * already has is dropped; native histograms are left out.
   */
  addPoints(labels: Labels, points: readonly NotationPoint[], times: { startMs: number; stepMs: number }): void {
    const samples = this.#samplesOf(labels);
    for (let i = 0; i < points.length; i++) {
      const point = points[i]!;
      const timestampMs = times.startMs + i * times.stepMs;
      if (samples.count > 0 && timestampMs <= samples.timestampsMs[samples.count - 1]!) continue;
      if (point.kind === 'float') samples.push(timestampMs, point.value);
      else if (point.kind === 'stale') samples.pushStaleMarker(timestampMs);
    }
  }

  /** Forgets all series. */
  clear(): void {
    this.#samplesByKey.clear();
  }

  select({ tenant, matchers, startMs, endMs }: SelectRequest): SeriesSet {
    const selected = tenant === this.#tenant ? [...this.#samplesByKey.values()] : [];
    const series = selected
      .filter(({ labels, samples }) => matchesAll(matchers, labels) && overlaps(samples, startMs, endMs))
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

  #samplesOf(labels: Labels): SampleColumns {
    const known = this.#samplesByKey.get(labels.key);
    if (known) return known.samples;
    const samples = new SampleColumns(16);
    this.#samplesByKey.set(labels.key, { labels, samples });
    return samples;
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
