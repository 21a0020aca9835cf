import { ABSENT } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { MatrixValue, QueryResult, VectorValue } from '../../model/query-result.ts';
import type { ActiveAlerts, FoundAlert } from '../active-alerts.ts';
import { type AlertTemplates, checkDistinct, foundAlerts, isTemplate, labelsOfAlert } from '../alerting-rule.ts';
import type { AlertingRule, TextMap } from '../rule-group.ts';

export interface FoundOptions {
  readonly rule: AlertingRule;
  /** The rule's own labels and the group's. */
  readonly labels: Labels;
  /** What templates know at a tick. */
  readonly templatesAt: (timeMs: number) => AlertTemplates;
  /** Nobody sees annotations before the last tick. */
  readonly isDeaf: boolean;
}

const NO_TEXTS: TextMap = {};

/** The alerts that the values of a rule's expression stand for, tick by tick. */
export class FoundAtTicks {
  readonly #series: MatrixValue['series'];
  readonly #options: FoundOptions;
  /** Of each series, where its alert has the same labels at every tick. */
  readonly #alertLabels: readonly Labels[] | undefined;
  /** Whether two series stand for the same alert: at one tick they must not. */
  readonly #mayCollide: boolean;
  readonly #hasPlainAnnotations: boolean;
  /** By the keys of alerts: where they were found last. */
  readonly #last = new Map<string, { readonly own: Labels; readonly value: number; readonly timeMs: number }>();

  constructor({ series }: MatrixValue, options: FoundOptions) {
    this.#series = series;
    this.#options = options;
    const { rule, labels, isDeaf } = options;
    this.#hasPlainAnnotations = !Object.values(rule.annotations).some(isTemplate);
    const areLabelsPlain = ![...labels].some(([, value]) => isTemplate(value));
    this.#alertLabels =
      areLabelsPlain && (this.#hasPlainAnnotations || isDeaf)
        ? series.map((one) => labelsOfAlert(one.labels, { rule, labels }))
        : undefined;
    this.#mayCollide = new Set(this.#alertLabels?.map(({ key }) => key)).size < series.length;
  }

  /** @throws {Error} as `foundAlerts` */
  at(tick: number, timeMs: number): readonly FoundAlert[] | Promise<readonly FoundAlert[]> {
    const alertLabels = this.#alertLabels;
    if (!alertLabels) return this.#expandedAt(tick, timeMs);
    const found: FoundAlert[] = [];
    for (const [index, { labels: own, column }] of this.#series.entries()) {
      if (column.present[tick] === ABSENT) continue;
      const labels = alertLabels[index]!;
      const value = column.values[tick]!;
      if (!this.#hasPlainAnnotations) this.#last.set(labels.key, { own, value, timeMs });
      found.push({ labels, annotations: this.#hasPlainAnnotations ? this.#options.rule.annotations : NO_TEXTS, value });
    }
    if (this.#mayCollide) checkDistinct(found);
    return found;
  }

  /** Gives alerts the annotations that they had when they were found last. */
  async annotate(alerts: ActiveAlerts): Promise<void> {
    const { rule, labels, templatesAt } = this.#options;
    const texts = new Map<string, TextMap>();
    for (const key of alerts.keys()) {
      const last = this.#last.get(key);
      if (!last) continue;
      const result = resultOf({ labels: [last.own], values: Float64Array.of(last.value), timestampMs: last.timeMs });
      const [found] = await foundAlerts(result, { rule, labels }, templatesAt(last.timeMs));
      texts.set(key, found!.annotations);
    }
    alerts.annotate((key) => texts.get(key));
  }

  #expandedAt(tick: number, timeMs: number): Promise<FoundAlert[]> {
    const { rule, labels, templatesAt } = this.#options;
    const there = this.#series.filter(({ column }) => column.present[tick] !== ABSENT);
    const result = resultOf({
      labels: there.map((one) => one.labels),
      values: Float64Array.from(there, ({ column }) => column.values[tick]!),
      timestampMs: timeMs,
    });
    return foundAlerts(result, { rule, labels }, templatesAt(timeMs));
  }
}

function resultOf(vector: Omit<VectorValue, 'kind'>): Pick<QueryResult, 'value'> {
  return { value: { kind: 'vector', ...vector } };
}
