import type { TenantLimits } from '../limits/limits.ts';
import { formatFloatCompact } from '../model/go-float.ts';
import { Labels } from '../model/labels.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Exemplar } from '../model/write-batch.ts';
import type { RejectReason } from '../storage/types.ts';
import type { IngestSettings } from './ingest-settings.ts';

/** The words of Cortex's ingester for `cortex_discarded_samples_total`. */
export const discardReasons = {
  'out-of-order': 'sample-out-of-order',
  'duplicate-timestamp': 'new-value-for-timestamp',
  'out-of-bounds': 'sample-out-of-bounds',
  'too-old': 'sample-too-old',
} as const satisfies Record<RejectReason, string>;

export interface RejectedSample {
  readonly reason: RejectReason;
  readonly timestampMs: number;
  /** Undefined for a native histogram. */
  readonly value: number | undefined;
  /** Undefined for a native histogram. */
  readonly existingValue: number | undefined;
  /** The tenant's newest sample before the request; -Infinity without one. */
  readonly newestMs: number;
  readonly labels: Labels;
}

export function rejectedSampleText(sample: RejectedSample): string {
  const { reason, timestampMs, labels } = sample;
  const time = `timestamp=${formatTime(timestampMs)}`;
  const newest = sample.newestMs === -Infinity ? '' : ` tsdbHeadMaxTimestamp=${formatTime(sample.newestMs)},`;
  switch (reason) {
    case 'out-of-order':
      return `err: out of order sample. ${time}, series=${labels}`;
    case 'out-of-bounds':
      return `err: out of bounds. ${time},${newest} series=${labels}`;
    case 'too-old':
      return `err: too old sample. ${time},${newest} series=${labels}`;
    case 'duplicate-timestamp': {
      // Of a histogram Prometheus says no more, nor at the time 0, which its error takes for none.
      if (sample.value === undefined || timestampMs === 0) {
        return `err: duplicate sample for timestamp. series=${labels}`;
      }
      const { existingValue } = sample;
      const existing = existingValue === undefined ? 'is a histogram' : formatFloatCompact(existingValue);
      const refused = formatFloatCompact(sample.value);
      return `err: duplicate sample for timestamp ${timestampMs}; overrides not allowed: existing ${existing}, new value ${refused}. series=${labels}`;
    }
  }
}

export function rejectedExemplarText(exemplar: Exemplar, series: Labels, why: string): string {
  return `err: ${why}. timestamp=${formatTime(exemplar.timestampMs)}, series=${series}, exemplar=${Labels.of(exemplar.labels)}`;
}

/** What a limit on the number of series is when the one for this process and the global one are taken together. */
export function effectiveLimit(localLimit: number, globalLimit: number): number {
  if (localLimit === 0) return globalLimit;
  return globalLimit === 0 ? localLimit : Math.min(localLimit, globalLimit);
}

export function seriesPerUserText(
  { maxSeriesPerUser, maxGlobalSeriesPerUser }: TenantLimits,
  settings: IngestSettings,
): string {
  const limit = effectiveLimit(maxSeriesPerUser, maxGlobalSeriesPerUser);
  return `per-user series limit of ${limit} exceeded, ${advice(settings, maxSeriesPerUser, maxGlobalSeriesPerUser)}`;
}

export function histogramSeriesText(
  { maxNativeHistogramSeriesPerUser: local, maxGlobalNativeHistogramSeriesPerUser: global }: TenantLimits,
  settings: IngestSettings,
): string {
  const limit = effectiveLimit(local, global);
  return `per-user native histogram series limit of ${limit} exceeded, ${advice(settings, local, global)}`;
}

export function seriesPerMetricText(limits: TenantLimits, settings: IngestSettings, labels: Labels): string {
  const { maxSeriesPerMetric, maxGlobalSeriesPerMetric } = limits;
  const limit = effectiveLimit(maxSeriesPerMetric, maxGlobalSeriesPerMetric);
  return `per-metric series limit of ${limit} exceeded for metric ${labels.metricName}, ${advice(settings, maxSeriesPerMetric, maxGlobalSeriesPerMetric)} for series ${labels}`;
}

export function labelSetSeriesText(labelSet: string, limit: number, labels: Labels): string {
  return `per-labelset series limit of ${limit} exceeded (labelSet: ${labelSet}, global limit: ${limit} actual local limit: ${limit}) for series ${labels}`;
}

function advice({ adminLimitMessage }: IngestSettings, localLimit: number, globalLimit: number): string {
  const actual = effectiveLimit(localLimit, globalLimit);
  return `${adminLimitMessage} (local limit: ${localLimit} global limit: ${globalLimit} actual local limit: ${actual})`;
}

/**
 * How a client sees an error of the ingester: Cortex's distributor prints where it came from. One process has one
 * ingester, which Cortex calls by the default of its gRPC port.
 */
export function asIngesterError(tenant: TenantId, text: string, code: 'Code(400)' | 'Unknown' = 'Code(400)'): string {
  return `maxFailure (quorum) on a given error family, addr=127.0.0.1:9095 state=ACTIVE zone=, rpc error: code = ${code} desc = user=${tenant}: ${text}`;
}

/** Go's RFC 3339 with as many decimals as it takes: `2026-01-02T03:04:05.5Z`. */
function formatTime(timestampMs: number): string {
  const date = new Date(timestampMs);
  // Beyond what a calendar holds the number itself says more than an error would.
  if (Number.isNaN(date.getTime())) return `${timestampMs}`;
  return date.toISOString().replace(/\.?0*Z$/, 'Z');
}
