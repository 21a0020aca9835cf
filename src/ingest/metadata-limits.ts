import type { TenantLimits } from '../limits/limits.ts';
import type { MetricMetadata } from '../model/write-batch.ts';
import type { MetadataOfMetric } from '../storage/types.ts';
import type { SentMetadata } from './admission.ts';
import { defaultIngestSettings, type IngestSettings } from './ingest-settings.ts';
import { effectiveLimit } from './ingester-errors.ts';

export interface KeptMetadata {
  /** Each once. */
  readonly kept: readonly MetricMetadata[];
  /** How often these were sent. */
  readonly keptCount: number;
  readonly overUserLimit: number;
  readonly overMetricLimit: number;
}

/**
 * What of `incoming` the limits on metadata let in beside what is `stored` of a metric. Too much is dropped and no error, as
 * in Cortex; and as there, a metric that is full takes not even an entry that it has.
 */
export function keepMetadata(
  incoming: readonly SentMetadata[],
  stored: (metric: string) => MetadataOfMetric,
  limits: TenantLimits,
  { shardByAllLabels }: Pick<IngestSettings, 'shardByAllLabels'> = defaultIngestSettings,
): KeptMetadata {
  const globalPerUser = shardByAllLabels ? limits.maxGlobalMetadataPerUser : 0;
  const userLimit = effectiveLimit(limits.maxMetadataPerUser, globalPerUser) || Infinity;
  const metricLimit = effectiveLimit(limits.maxMetadataPerMetric, limits.maxGlobalMetadataPerMetric) || Infinity;
  /** Of the metrics of `incoming` that have an entry: all of their entries. */
  const entriesByMetric = new Map<string, readonly MetricMetadata[]>();
  const kept: MetricMetadata[] = [];
  let newMetricCount = 0;
  let [keptCount, overUserLimit, overMetricLimit] = [0, 0, 0];
  for (const { entry, count } of incoming) {
    const { metric } = entry;
    let entries = entriesByMetric.get(metric);
    if (entries === undefined) {
      const before = stored(metric);
      entries = before.entries;
      if (entries.length === 0) {
        if (before.metricCount + newMetricCount >= userLimit) {
          overUserLimit += count;
          continue;
        }
        newMetricCount += 1;
      }
    }
    if (entries.length >= metricLimit) {
      overMetricLimit += count;
      entriesByMetric.set(metric, entries);
      continue;
    }
    if (!entries.some((one) => areSame(one, entry))) entries = [...entries, entry];
    entriesByMetric.set(metric, entries);
    kept.push(entry);
    // Where it was the last one that had room, there is none for the same once more.
    const takenCount = entries.length >= metricLimit ? 1 : count;
    keptCount += takenCount;
    overMetricLimit += count - takenCount;
  }
  return { kept, keptCount, overUserLimit, overMetricLimit };
}

function areSame(a: MetricMetadata, b: MetricMetadata): boolean {
  return a.type === b.type && a.help === b.help && a.unit === b.unit;
}
