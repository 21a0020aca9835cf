import { Labels } from '../../model/labels.ts';
import type { ColumnBatch } from './column-batch.ts';
import { countInto, MinuteSums, placesOf } from './minute-sums.ts';
import { isAt, MINUTE_MS } from './occurrences.ts';
import { renewalBefore } from './pod-life.ts';
import type { SampleTimes } from './pods.ts';
import { rhythmAt } from './rhythm.ts';
import type { CustomMetric, Incident } from './scenario.ts';
import { chanceAt, keyOf } from './seeded.ts';
import type { FlowPlace } from './service-flow.ts';

/** Sums of counters are thousandths. */
const PER_UNIT = 1000;
const MINUTES_AT_ONCE = 1440;

/** A series of a metric that the scenario makes up itself. */
export class CustomSeries {
  readonly #metric: CustomMetric;
  readonly #place: FlowPlace;
  readonly #labels: Labels;
  readonly #key: number;
  /** Of a counter, since its birth. */
  #sums: MinuteSums | undefined;
  #birthMs = 0;

  constructor(metric: CustomMetric, place: FlowPlace, own: Readonly<Record<string, string>>) {
    this.#metric = metric;
    this.#place = place;
    this.#labels = Labels.fromRecord({ __name__: metric.name, cluster: place.cluster, ...own });
    this.#key = keyOf(place.seed, place.tenant, `${this.#labels}`);
  }

  addTo(batch: ColumnBatch, times: SampleTimes): void {
    const { timesMs } = times;
    if (this.#metric.kind === 'counter') {
      this.#addCounter(batch, times);
      return;
    }
    const levels = this.#levels(timesMs[0]!, timesMs.at(-1)!);
    const start = batch.run(this.#labels, timesMs);
    const { values } = batch.samples;
    for (let i = 0; i < timesMs.length; i++) values[start + i] = Math.round(levels(timesMs[i]!) * 1000) / 1000;
  }

  #addCounter(batch: ColumnBatch, { timesMs, jitterMs }: SampleTimes): void {
    if (this.#sums === undefined) this.#begin(renewalBefore(timesMs[0]!));
    const birthMs = renewalBefore(timesMs.at(-1)!);
    let from = 0;
    if (birthMs > this.#birthMs) {
      while (timesMs[from]! < birthMs) from += 1;
      this.#addSpan(batch, timesMs.subarray(0, from), jitterMs);
      this.#begin(birthMs);
    }
    this.#addSpan(batch, timesMs.subarray(from), jitterMs);
  }

  #begin(birthMs: number): void {
    this.#birthMs = birthMs;
    this.#sums = new MinuteSums(1, birthMs / MINUTE_MS);
  }

  #addSpan(batch: ColumnBatch, timesMs: Float64Array, jitterMs: number): void {
    if (timesMs.length === 0) return;
    const sums = this.#sums!;
    const firstMinute = Math.floor((timesMs[0]! - jitterMs) / MINUTE_MS);
    const endMinute = Math.floor(timesMs.at(-1)! / MINUTE_MS) + 1;
    const added = new Float64Array(1);
    while (sums.endMinute < endMinute) {
      const untilMinute = Math.min(endMinute, sums.endMinute + MINUTES_AT_ONCE);
      const levels = this.#levels(sums.endMinute * MINUTE_MS, untilMinute * MINUTE_MS);
      while (sums.endMinute < untilMinute) {
        added[0] = Math.round(levels(sums.endMinute * MINUTE_MS) * 60 * PER_UNIT);
        sums.add(added);
      }
      sums.forgetBefore(firstMinute);
    }
    sums.forgetBefore(firstMinute);
    const chance = (timeMs: number): number => chanceAt(this.#key, timeMs / 1000);
    const places = placesOf(sums, timesMs, { birthMs: this.#birthMs, jitterMs, chance });
    const start = batch.run(this.#labels, timesMs);
    const scale = { base: 0, scale: 1 / PER_UNIT, unit: 1 };
    countInto(batch.samples.values, start, sums.columns[0]!, places, scale);
  }

  /** What its value, or its growth, is from time to time. */
  #levels(fromMs: number, toMs: number): (timeMs: number) => number {
    const metric = this.#metric;
    const { tenant, cluster, traffic, calendar } = this.#place;
    const isMeant = (incident: Incident): boolean =>
      incident.metrics.includes(metric.name) && isAt(incident, tenant, cluster);
    const occurrences = calendar.between(fromMs, toMs + 1, isMeant);
    const mean = metric.kind === 'counter' ? metric.value * traffic : metric.value;
    return (timeMs) => {
      let level = mean * rhythmAt(metric, this.#key, timeMs);
      for (const { incident, ...span } of occurrences) {
        if (timeMs >= span.fromMs && timeMs < span.toMs) level *= incident.value;
      }
      return level;
    };
  }
}

/** The series of a metric in a cluster: one for each combination of values of its labels. */
export function customSeriesOf(metric: CustomMetric, place: FlowPlace): CustomSeries[] {
  let combinations: Readonly<Record<string, string>>[] = [{}];
  for (const [label, values] of Object.entries(metric.labels)) {
    combinations = combinations.flatMap((others) => values.map((value) => ({ ...others, [label]: value })));
  }
  return combinations.map((own) => new CustomSeries(metric, place, own));
}
