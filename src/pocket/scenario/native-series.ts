import { Labels } from '../../model/labels.ts';
import { NativeHistogram } from '../../model/native-histogram.ts';
import type { ColumnBatch } from './column-batch.ts';
import { NATIVE_SCHEMA } from './latencies.ts';
import { placesOf } from './minute-sums.ts';
import { MINUTE_MS } from './occurrences.ts';
import { renewalBefore } from './pod-life.ts';
import type { SampleTimes } from './pods.ts';
import { chanceAt, keyOf } from './seeded.ts';
import { LATENCY, NATIVE, PER_REQUEST, type ServiceFlow } from './service-flow.ts';

/** The latency of a service in a cluster as a native histogram, as its ingress sees it. */
export class NativeSeries {
  readonly #flow: ServiceFlow;
  readonly #labels: Labels;
  readonly #key: number;
  #birthMs: number;
  #base: Float64Array | undefined;

  constructor(flow: ServiceFlow, timeMs: number) {
    const { service, place } = flow;
    this.#flow = flow;
    this.#labels = Labels.fromRecord({
      __name__: 'http_latency_seconds',
      cluster: place.cluster,
      service: service.name,
    });
    this.#key = keyOf(place.seed, place.tenant, place.cluster, service.name, 'native');
    this.#birthMs = renewalBefore(timeMs);
  }

  get birthMinute(): number {
    return this.#birthMs / MINUTE_MS;
  }

  /** As a `Pod`'s. */
  noteBase(): void {
    const { sums } = this.#flow;
    if (this.#base === undefined && this.birthMinute <= sums.endMinute) this.#base = sums.sumsAt(this.birthMinute);
  }

  addTo(batch: ColumnBatch, { timesMs, jitterMs }: SampleTimes): void {
    const birthMs = renewalBefore(timesMs.at(-1)!);
    let from = 0;
    if (birthMs > this.#birthMs) {
      while (timesMs[from]! < birthMs) from += 1;
      this.#addSpan(batch, timesMs.subarray(0, from), jitterMs);
      this.#birthMs = birthMs;
      this.#base = this.#flow.sums.sumsAt(this.birthMinute);
    }
    this.#addSpan(batch, timesMs.subarray(from), jitterMs);
  }

  #addSpan(batch: ColumnBatch, timesMs: Float64Array, jitterMs: number): void {
    const { sums, latencies } = this.#flow;
    const chance = (timeMs: number): number => chanceAt(this.#key, timeMs / 1000);
    const { indexes: places, parts } = placesOf(sums, timesMs, { birthMs: this.#birthMs, jitterMs, chance });
    const { nativeIndexes } = latencies;
    const base = this.#base!;
    const grown = (column: number, index: number, part: number): number => {
      const values = sums.columns[column]!;
      const sum = values[index]!;
      return sum - base[column]! + part * (values[index + 1]! - sum);
    };
    for (let i = 0; i < timesMs.length; i++) {
      const index = places[i]!;
      const part = parts[i]!;
      const counts = new Float64Array(nativeIndexes.length);
      let count = 0;
      for (let bucket = 0; bucket < counts.length; bucket++) {
        const observations = Math.floor(grown(NATIVE + bucket, index, part) / PER_REQUEST);
        counts[bucket] = observations;
        count += observations;
      }
      const sum = Math.floor(grown(LATENCY, index, part) / 1000) / 1000;
      const positive = { indexes: nativeIndexes, counts };
      const histogram = new NativeHistogram({ schema: NATIVE_SCHEMA, count, sum, positive, isInteger: true });
      batch.samples.pushHistogram(timesMs[i]!, histogram);
    }
    batch.endRun(this.#labels);
  }
}
