import type { ParseOptions } from '../../grammar/promql.ts';

export interface RulerSettings {
  /** `-ruler.evaluation-interval`: of groups that name none. */
  readonly evaluationIntervalMs: number;
  /** `-ruler.rule-path`: not a directory here, but it decides on the slots of groups, and stands in metrics. */
  readonly rulePath: string;
  /** `-ruler.external.url`: where pages are that alerts link to, without a slash at its end. */
  readonly externalUrl: string;
  /** `external_labels`: of alerts that have no such label themselves. */
  readonly externalLabels: Readonly<Record<string, string>>;
  /** `-ruler.resend-delay`: how often a receiver is told of an alert that goes on. */
  readonly resendDelayMs: number;
  /** `-ruler.for-outage-tolerance` and `-ruler.for-grace-period`: see `RestoreOptions`. */
  readonly forOutageToleranceMs: number;
  readonly forGracePeriodMs: number;
  /** `-ruler.enabled-tenants` and `-ruler.disabled-tenants`: whose rules are evaluated; an empty first list is everybody. */
  readonly enabledTenants: readonly string[];
  readonly disabledTenants: readonly string[];
  /** `-ruler.max-concurrent-evals`, where `-ruler.concurrent-evals-enabled`, else 1: rules of a group at a time. */
  readonly maxConcurrentEvals: number;
  /** `-ruler.poll-interval`: when changes are noticed, if they are waited for; undefined to act on them at once. */
  readonly pollIntervalMs: number | undefined;
  /** `-ruler.disable-rule-group-label`: metrics of groups are sums over those of a tenant. */
  readonly disablesRuleGroupLabel: boolean;
  /** The PromQL that expressions may use. */
  readonly parse?: ParseOptions;
}

/** Cortex's defaults, but that changes are acted on at once. */
export const defaultRulerSettings: RulerSettings = {
  evaluationIntervalMs: 60_000,
  rulePath: '/rules',
  externalUrl: '',
  externalLabels: {},
  resendDelayMs: 60_000,
  forOutageToleranceMs: 3_600_000,
  forGracePeriodMs: 600_000,
  maxConcurrentEvals: 1,
  enabledTenants: [],
  disabledTenants: [],
  pollIntervalMs: undefined,
  disablesRuleGroupLabel: false,
};
