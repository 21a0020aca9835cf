import { SampleColumns } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Alert } from '../active-alerts.ts';
import { alertSeries, forStateOf } from '../alerting-rule.ts';
import type { AlertingRule } from '../rule-group.ts';
import type { SeriesSet } from '../running-rule.ts';
import type { ResultColumns } from './replay-writer.ts';

interface GrowingSeries {
  readonly labels: Labels;
  readonly samples: SampleColumns;
  lastMs: number;
}

interface SeriesOfAlert {
  readonly alert: GrowingSeries;
  readonly forState: GrowingSeries;
}

/** The samples of `ALERTS` and `ALERTS_FOR_STATE` of a rule, collected tick by tick. */
export class AlertSeries {
  readonly #rule: AlertingRule;
  readonly #ruleLabels: Labels;
  readonly #byKey = new Map<string, GrowingSeries>();
  /** By the keys of alerts, for each state. */
  readonly #ofAlerts = {
    pending: new Map<string, SeriesOfAlert>(),
    firing: new Map<string, SeriesOfAlert>(),
    inactive: new Map<string, SeriesOfAlert>(),
  };
  /** Those that the last tick wrote. */
  #standing: GrowingSeries[];

  /** `before` are the series that the rule yielded last. */
  constructor(rule: AlertingRule, ruleLabels: Labels, before: SeriesSet) {
    this.#rule = rule;
    this.#ruleLabels = ruleLabels;
    this.#standing = [...before.values()].map((labels) => this.#seriesOf(labels));
  }

  /** Whether nothing stands that would have to end. */
  get isEmpty(): boolean {
    return this.#standing.length === 0;
  }

  /** What the last tick wrote. */
  standing(): SeriesSet {
    return new Map(this.#standing.map(({ labels }) => [labels.key, labels]));
  }

  columns(): ResultColumns[] {
    return [...this.#byKey.values()].filter(({ samples }) => samples.count > 0);
  }

  /** The alerts that stand at the next tick, and markers for series that do not go on. */
  add(alerts: readonly Alert[], timestampMs: number): void {
    const before = this.#standing;
    this.#standing = [];
    for (const alert of alerts) {
      const series = this.#ofAlert(alert);
      this.#push(series.alert, timestampMs, 1);
      this.#push(series.forState, timestampMs, forStateOf(alert));
    }
    for (const { samples, lastMs } of before) if (lastMs !== timestampMs) samples.pushStaleMarker(timestampMs);
  }

  #push(series: GrowingSeries, timestampMs: number, value: number): void {
    series.samples.push(timestampMs, value);
    series.lastMs = timestampMs;
    this.#standing.push(series);
  }

  #ofAlert(alert: Alert): SeriesOfAlert {
    const ofState = this.#ofAlerts[alert.state];
    const { key } = alert.labels;
    const known = ofState.get(key);
    if (known) return known;
    const labels = alertSeries(alert, { rule: this.#rule, labels: this.#ruleLabels });
    const series = { alert: this.#seriesOf(labels.alert), forState: this.#seriesOf(labels.forState) };
    ofState.set(key, series);
    return series;
  }

  #seriesOf(labels: Labels): GrowingSeries {
    const known = this.#byKey.get(labels.key);
    if (known) return known;
    const series = { labels, samples: new SampleColumns(16), lastMs: -Infinity };
    this.#byKey.set(labels.key, series);
    return series;
  }
}
