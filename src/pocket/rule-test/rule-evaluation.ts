import { Registry } from 'prom-client';
import { type ParseOptions, parseExpr, printExpr } from '../../../grammar/promql.ts';
import { ManualClock } from '../../model/clock.ts';
import type { QueryResult } from '../../model/query-result.ts';
import { FAKE_TENANT } from '../../model/tenant.ts';
import { Engine } from '../../promql/engine.ts';
import type { Alert } from '../../ruler/active-alerts.ts';
import { GroupEvaluation } from '../../ruler/group-evaluation.ts';
import { RulerMetrics } from '../../ruler/metrics.ts';
import type { RuleGroup } from '../../ruler/rule-group.ts';
import { defaultRulerSettings } from '../../ruler/ruler-settings.ts';
import { TestSeries } from './test-series.ts';
import type { UnitTest } from './unit-test-file.ts';

export interface RuleEvaluationOptions {
  readonly unit: UnitTest;
  readonly evaluationIntervalMs: number;
  /** In the order of their evaluation. */
  readonly groups: readonly RuleGroup[];
  readonly parse: ParseOptions | undefined;
}

/** A rule whose evaluation failed. */
export interface RuleFailure {
  readonly rule: string;
  readonly reason: string;
}

const LOOKBACK_MS = 5 * 60_000;
const MAX_SAMPLES = 50_000_000;

/** The ruler's own groups over the series of a unit test, evaluated whenever they are told to. */
export class RuleEvaluation {
  readonly #series: TestSeries;
  readonly #engine: Engine;
  readonly #groups: readonly GroupEvaluation[];
  readonly #clock: ManualClock;

  constructor({ unit, evaluationIntervalMs, groups, parse }: RuleEvaluationOptions) {
    const { startMs, intervalMs: stepMs, externalLabels, externalUrl } = unit;
    this.#series = new TestSeries(unit.series, { startMs, stepMs });
    this.#clock = new ManualClock(startMs);
    this.#engine = new Engine({
      source: this.#series.source,
      lookbackMs: LOOKBACK_MS,
      defaultStepMs: evaluationIntervalMs,
      maxSamples: MAX_SAMPLES,
      ...(parse && { parse }),
    });
    const ignore = (): void => {};
    const shared = {
      tenant: FAKE_TENANT,
      namespace: '',
      intervalMs: evaluationIntervalMs,
      loadTenant: async () => {},
      engine: this.#engine,
      appendRows: async (_tenant: unknown, rows: Parameters<TestSeries['append']>[0]) => this.#series.append(rows),
      isProducedElsewhere: () => false,
      alerting: {
        sink: { send: ignore },
        source: this.#series.source,
        externalUrl: () => externalUrl,
        generatorUrlTemplate: () => '',
        externalLabels: () => externalLabels,
        resendDelayMs: 0,
        outageToleranceMs: 0,
        gracePeriodMs: 0,
      },
      clock: this.#clock,
      logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      metrics: new RulerMetrics(new Registry(), defaultRulerSettings),
      metricLabels: { user: FAKE_TENANT, rule_group: '' },
    };
    this.#groups = groups.map((group) => {
      const queries = group.rules.map(({ expr }) => printExpr(parseExpr(expr, parse)));
      const queryOffsetMs = (): number => group.queryOffsetMs ?? 0;
      return new GroupEvaluation({ ...shared, group, queries, queryOffsetMs }, true);
    });
  }

  /**
   * Evaluates all groups for `timeMs`, which is later than the times before. The rules that failed.
   * @throws {PocketCortexError} `bad-data` for series with histograms that cannot be
   */
  async evaluate(timeMs: number): Promise<RuleFailure[]> {
    await this.#clock.advance(timeMs - this.#clock.nowMs());
    this.#series.loadUntil(timeMs);
    const failures: RuleFailure[] = [];
    for (const group of this.#groups) {
      await group.run({ timeMs, isRepeated: false }, new AbortController().signal);
      for (const { rule, lastError } of group.states()) {
        if (lastError !== '') failures.push({ rule: rule.name, reason: lastError });
      }
    }
    return failures;
  }

  /** The alerts of rules of this name that fire. */
  firingAlerts(alertname: string): Alert[] {
    return this.#groups
      .flatMap((group) => group.states())
      .filter(({ rule }) => rule.kind === 'alerting' && rule.name === alertname)
      .flatMap(({ alerts }) => alerts.filter(({ state }) => state === 'firing'));
  }

  /** @throws {PocketCortexError} as the engine */
  query(query: string, timeMs: number): Promise<QueryResult> {
    return this.#engine.instant({ tenant: FAKE_TENANT, query, timeMs });
  }
}
