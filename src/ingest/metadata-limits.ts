import type { TenantLimits } from '../limits/limits.ts';
import type { MetricMetadata } from '../model/write-batch.ts';
import { defaultIngestSettings, type IngestSettings } from './ingest-settings.ts';
import { effectiveLimit } from './ingester-errors.ts';

export interface KeptMetadata {
  readonly kept: readonly MetricMetadata[];
  readonly overUserLimit: number;
  readonly overMetricLimit: number;
}

/**
 * What of `incoming` the limits on metadata let in beside `stored`. Too much is dropped and no error, as in Cortex; and
 * as there, a metric that is full takes not even an entry that it has.
 */
export function keepMetadata(
  incoming: readonly MetricMetadata[],
  stored: readonly MetricMetadata[],
  limits: TenantLimits,
  { shardByAllLabels }: Pick<IngestSettings, 'shardByAllLabels'> = defaultIngestSettings,
): KeptMetadata {
  const globalPerUser = shardByAllLabels ? limits.maxGlobalMetadataPerUser : 0;
  const maxMetadataPerUser = effectiveLimit(limits.maxMetadataPerUser, globalPerUser);
  const maxMetadataPerMetric = effectiveLimit(limits.maxMetadataPerMetric, limits.maxGlobalMetadataPerMetric);
  const entriesByMetric = new Map<string, Set<string>>();
  for (const entry of stored) entriesOf(entriesByMetric, entry.metric).add(entryKey(entry));
  const kept: MetricMetadata[] = [];
  let overUserLimit = 0;
  let overMetricLimit = 0;
  for (const entry of incoming) {
    if (!entriesByMetric.has(entry.metric) && maxMetadataPerUser > 0 && entriesByMetric.size >= maxMetadataPerUser) {
      overUserLimit += 1;
      continue;
    }
    const entries = entriesOf(entriesByMetric, entry.metric);
    if (maxMetadataPerMetric > 0 && entries.size >= maxMetadataPerMetric) {
      overMetricLimit += 1;
      continue;
    }
    entries.add(entryKey(entry));
    kept.push(entry);
  }
  return { kept, overUserLimit, overMetricLimit };
}

function entriesOf(entriesByMetric: Map<string, Set<string>>, metric: string): Set<string> {
  const known = entriesByMetric.get(metric);
  if (known) return known;
  const entries = new Set<string>();
  entriesByMetric.set(metric, entries);
  return entries;
}

function entryKey({ type, help, unit }: MetricMetadata): string {
  return JSON.stringify([type, help, unit]);
}
