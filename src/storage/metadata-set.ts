import { compareText } from '../model/labels.ts';
import type { MetricMetadata } from '../model/write-batch.ts';

/** What a tenant's targets say of their metrics, each saying once. */
export class MetadataSet {
  /** Its lists are never written into. */
  #byMetric = new Map<string, readonly MetricMetadata[]>();
  /** A copy has the same map: it is copied before it is changed. */
  #isShared = false;
  #sorted: readonly MetricMetadata[] | undefined;

  get metricCount(): number {
    return this.#byMetric.size;
  }

  /** What is said of `metric`. Frozen. */
  ofMetric(metric: string): readonly MetricMetadata[] {
    return this.#byMetric.get(metric) ?? [];
  }

  /** Whether it was new. */
  add(metadata: MetricMetadata): boolean {
    const entries = this.#byMetric.get(metadata.metric) ?? [];
    for (const { type, help, unit } of entries) {
      if (type === metadata.type && help === metadata.help && unit === metadata.unit) return false;
    }
    if (this.#isShared) this.#byMetric = new Map(this.#byMetric);
    this.#isShared = false;
    this.#byMetric.set(metadata.metric, [...entries, metadata]);
    this.#sorted = undefined;
    return true;
  }

  copy(): MetadataSet {
    const copy = new MetadataSet();
    copy.#byMetric = this.#byMetric;
    copy.#sorted = this.#sorted;
    copy.#isShared = true;
    this.#isShared = true;
    return copy;
  }

  /** Sorted by metric. Frozen: senders repeat what they say of all their metrics every minute, and each time it is asked for. */
  all(): readonly MetricMetadata[] {
    this.#sorted ??= [...this.#byMetric.keys()].sort(compareText).flatMap((metric) => this.#byMetric.get(metric)!);
    return this.#sorted;
  }
}
