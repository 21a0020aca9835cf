import type { TenantLimits } from '../limits/limits.ts';
import { formatGoDuration } from '../model/duration.ts';
import { PocketCortexError } from '../model/errors.ts';
import { isLegacyLabelName } from '../model/labels.ts';
import type { ServerSettings } from './server-settings.ts';

/**
 * What Cortex asks of limits together with other settings, at the start and of every override.
 * @throws {PocketCortexError} `bad-config` in Cortex's words
 */
export function checkLimits(limits: TenantLimits, server: ServerSettings): void {
  const fault = limitsFault(limits, server);
  if (fault !== undefined) throw new PocketCortexError('bad-config', fault);
}

/** What is wrong with them, in Cortex's words. */
export function limitsFault(limits: TenantLimits, server: ServerSettings): string | undefined {
  const { shardByAllLabels, activeSeriesMetricsEnabled, haTrackerUpdateTimeoutMs, haTrackerJitterMs } = server;
  if (limits.maxGlobalSeriesPerUser > 0 && !shardByAllLabels) {
    return 'the ingester.max-global-series-per-user limit is unsupported if distributor.shard-by-all-labels is disabled';
  }
  if (limits.maxGlobalNativeHistogramSeriesPerUser > 0 && !(shardByAllLabels && activeSeriesMetricsEnabled)) {
    return 'the ingester.max-global-native-histogram-series-per-user limit is unsupported if distributor.shard-by-all-labels or ingester.active-series-metrics-enabled is disabled';
  }
  if (limits.maxNativeHistogramSeriesPerUser > 0 && !activeSeriesMetricsEnabled) {
    return 'the ingester.max-local-native-histogram-series-per-user limit is unsupported if ingester.active-series-metrics-enabled is disabled';
  }
  for (const name of Object.keys(limits.rulerExternalLabels)) {
    if (!isLegacyLabelName(name)) return `invalid label name: ${JSON.stringify(name)}`;
  }
  const failoverMs = limits.haTrackerFailoverTimeoutMs;
  const leastMs = haTrackerUpdateTimeoutMs + haTrackerJitterMs + 1000;
  if (failoverMs >= leastMs) return undefined;
  return `HA Tracker failover timeout (${formatGoDuration(failoverMs)}) must be at least 1s greater than update timeout - max jitter (${formatGoDuration(leastMs)})`;
}
