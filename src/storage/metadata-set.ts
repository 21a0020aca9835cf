import { compareText } from '../model/labels.ts';
import type { MetricMetadata } from '../model/write-batch.ts';

/** What a tenant's targets say of their metrics, each saying once. */
export class MetadataSet {
  readonly #byMetric = new Map<string, MetricMetadata[]>();

  get metricCount(): number {
    return this.#byMetric.size;
  }

  entryCount(metric: string): number {
    return this.#byMetric.get(metric)?.length ?? 0;
  }

  /** Whether it was new. */
  add(metadata: MetricMetadata): boolean {
    const entries = this.#byMetric.get(metadata.metric);
    if (entries === undefined) {
      this.#byMetric.set(metadata.metric, [metadata]);
      return true;
    }
    for (const { type, help, unit } of entries) {
      if (type === metadata.type && help === metadata.help && unit === metadata.unit) return false;
    }
    entries.push(metadata);
    return true;
  }

  /** Sorted by metric. */
  all(): MetricMetadata[] {
    const metrics = [...this.#byMetric.keys()].sort(compareText);
    return metrics.flatMap((metric) => this.#byMetric.get(metric) ?? []);
  }
}
