import { SampleColumns } from '../model/columns.ts';
import { type Labels, METRIC_NAME } from '../model/labels.ts';
import { createMatcher } from '../model/matcher.ts';
import type { SeriesSource } from '../model/series-source.ts';
import type { TenantId } from '../model/tenant.ts';
import type { ActiveAlerts } from './active-alerts.ts';
import { ALERT_NAME, FOR_STATE_METRIC } from './alerting-rule.ts';
import type { AlertingRule } from './rule-group.ts';

export interface RestoreOptions {
  readonly source: Pick<SeriesSource, 'select'>;
  readonly tenant: TenantId;
  /** The time to count from. */
  readonly nowMs: number;
  /** `-ruler.for-outage-tolerance`: what is older is forgotten. */
  readonly outageToleranceMs: number;
  /** `-ruler.for-grace-period`: how long a restored alert waits at least; rules with a shorter `for` start anew. */
  readonly gracePeriodMs: number;
}

/**
 * Gives alerts the time back that they had been pending before the process ended, as far as `ALERTS_FOR_STATE` knows of
 * it: the time in between does not count. Arithmetic in whole seconds, as in Prometheus.
 */
export function restoreAlerts(
  { rule, labels, alerts }: { readonly rule: AlertingRule; readonly labels: Labels; readonly alerts: ActiveAlerts },
  { source, tenant, nowMs, outageToleranceMs, gracePeriodMs }: RestoreOptions,
): void {
  if (rule.forMs < gracePeriodMs) return;
  // Labels with a template were expanded before they were written: those of the alert itself decide.
  const matchers = [...labels, [METRIC_NAME, FOR_STATE_METRIC] as const, [ALERT_NAME, rule.name] as const]
    .filter(([, value]) => !value.includes('{{'))
    .map(([name, value]) => createMatcher(name, '=', value));
  const series = source.select({ tenant, matchers, startMs: nowMs - outageToleranceMs, endMs: nowMs });
  const indexes = new Map(series.labels.map((own, index) => [own.withoutMetricName().key, index]));
  const samples = new SampleColumns();
  alerts.restore((own) => {
    const index = indexes.get(own.key);
    if (index === undefined) return undefined;
    series.read(index, samples);
    const last = samples.count - 1;
    // A staleness marker: it was not active.
    if (last < 0 || samples.isStale(last)) return undefined;
    const downAtMs = Math.floor(samples.timestampsMs[last]! / 1000) * 1000;
    const activeAtMs = samples.values[last]! * 1000;
    const remainingMs = rule.forMs - (downAtMs - activeAtMs);
    // It was firing: so it will be at the next evaluation.
    if (remainingMs <= 0) return activeAtMs;
    if (remainingMs < gracePeriodMs) return nowMs + gracePeriodMs - rule.forMs;
    return activeAtMs + nowMs - downAtMs;
  });
}
