import type { TenantLimits } from '../limits/limits.ts';
import { Labels } from '../model/labels.ts';
import type { Exemplar, MetricMetadata } from '../model/write-batch.ts';
import { byteLength, quoteShort } from './series-text.ts';
import type { Refusal } from './validate-series.ts';

/** The timestamps a tenant may write at this moment, both ends included. */
export interface TimeBounds {
  readonly oldestMs: number;
  readonly newestMs: number;
}

export function timeBounds(limits: TenantLimits, nowMs: number): TimeBounds {
  return {
    oldestMs: limits.rejectOldSamples ? nowMs - limits.rejectOldSamplesMaxAgeMs : -Infinity,
    newestMs: nowMs + limits.creationGracePeriodMs,
  };
}

/** The index in `[from, to)` of the first timestamp out of bounds, or -1. */
export function firstOutOfBounds(timestampsMs: Float64Array, from: number, to: number, bounds: TimeBounds): number {
  const { oldestMs, newestMs } = bounds;
  for (let i = from; i < to; i++) {
    const timestampMs = timestampsMs[i]!;
    if (timestampMs > newestMs || timestampMs < oldestMs) return i;
  }
  return -1;
}

/** What to say about a timestamp that `bounds` exclude. */
export function timestampRefusal(timestampMs: number, bounds: TimeBounds, metricName: string): Refusal {
  return timestampMs < bounds.oldestMs
    ? {
        reason: 'greater_than_max_sample_age',
        message: `timestamp too old: ${timestampMs} metric: ${quoteShort(metricName)}`,
      }
    : { reason: 'too_far_in_future', message: `timestamp too new: ${timestampMs} metric: ${quoteShort(metricName)}` };
}

/** OpenMetrics: the names and values of an exemplar's labels are at most this long together. */
const EXEMPLAR_LABELS_LIMIT_CHARACTERS = 128;

/** Holds whether exemplars are kept or not, as in Cortex. */
export function exemplarRefusal(exemplar: Exemplar, series: Labels): Refusal | undefined {
  const place = () =>
    `timestamp: ${exemplar.timestampMs} series: ${series} labels: ${Labels.of(exemplar.labels).toString()}`;
  if (exemplar.labels.length === 0) {
    return { reason: 'exemplar_labels_missing', message: `exemplar missing labels, ${place()}` };
  }
  if (exemplar.timestampMs === 0) {
    return { reason: 'exemplar_timestamp_invalid', message: `exemplar missing timestamp, ${place()}` };
  }
  let characters = 0;
  for (const [name, value] of exemplar.labels) characters += characterCount(name) + characterCount(value);
  if (characters <= EXEMPLAR_LABELS_LIMIT_CHARACTERS) return undefined;
  return {
    reason: 'exemplar_labels_too_long',
    message: `exemplar combined labelset exceeds ${EXEMPLAR_LABELS_LIMIT_CHARACTERS} characters, ${place()}`,
  };
}

function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

export function metadataRefusal(metadata: MetricMetadata, limits: TenantLimits): Refusal | undefined {
  if (limits.enforceMetadataMetricName && metadata.metric === '') {
    return { reason: 'missing_metric_name', message: 'metadata missing metric name' };
  }
  const fields = [
    ['METRIC_NAME', 'metric_name_too_long', metadata.metric],
    ['HELP', 'help_too_long', metadata.help],
    ['UNIT', 'unit_too_long', metadata.unit],
  ] as const;
  for (const [field, reason, text] of fields) {
    if (byteLength(text) <= limits.maxMetadataLength) continue;
    return {
      reason,
      message: `metadata '${field}' value too long: ${quoteShort(text)} metric ${quoteShort(metadata.metric)}`,
    };
  }
  return undefined;
}
