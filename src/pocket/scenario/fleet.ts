import { addBomb } from './bomb-series.ts';
import { ColumnBatch } from './column-batch.ts';
import { type CustomSeries, customSeriesOf } from './custom-series.ts';
import { NativeSeries } from './native-series.ts';
import { Calendar, isAt, MINUTE_MS } from './occurrences.ts';
import { Pod, type SampleTimes } from './pods.ts';
import type { FleetTenant, Scenario, Service } from './scenario.ts';
import { type FlowPlace, ServiceFlow } from './service-flow.ts';

/** Minutes that are summed up at once on the way to the first sample. */
const LEAD_MINUTES = 1440;

export interface FleetOptions {
  readonly scenario: Scenario;
  readonly tenant: FleetTenant;
  /** When the scenario began, or will begin, to be live. */
  readonly startMs: number;
  /** There are no samples up to this time. */
  readonly afterMs: number;
}

/**
 * All series of a tenant, made as columns, forward in time and as far as one likes. What a sample is depends on scenario, seed,
 * series and time only: a fleet that begins later makes the same samples from there on.
 */
export class Fleet {
  readonly #services: ServiceInCluster[] = [];
  /** Those whose past has not been summed up yet, which takes its time. */
  readonly #toCome: (() => ServiceInCluster)[] = [];
  readonly #custom: CustomSeries[] = [];
  readonly #jitterMs: number;
  #afterMs: number;

  constructor({ scenario, tenant, startMs, afterMs }: FleetOptions) {
    this.#afterMs = afterMs;
    this.#jitterMs = scenario.stepMs * JITTER;
    const calendar = new Calendar(scenario.incidents, startMs);
    for (const cluster of tenant.clusters) {
      const place = { seed: scenario.seed, tenant: tenant.name, cluster, traffic: tenant.traffic, calendar };
      for (const service of scenario.services) {
        if (!isAt(service, tenant.name, cluster)) continue;
        this.#toCome.push(() => new ServiceInCluster(service, place, afterMs));
      }
      for (const metric of scenario.metrics) {
        if (isAt(metric, tenant.name, cluster)) this.#custom.push(...customSeriesOf(metric, place));
      }
    }
  }

  /** Up to where samples have been made. */
  get afterMs(): number {
    return this.#afterMs;
  }

  /**
   * The samples at these times, which are later than all before, series by series. A batch, which may be empty, is borrowed
   * until the next one is asked for; all have to be taken.
   */
  *advance(timesMs: Float64Array): Generator<ColumnBatch> {
    if (timesMs.length === 0) return;
    const times: SampleTimes = { timesMs, beforeMs: this.#afterMs, jitterMs: this.#jitterMs };
    const batch = new ColumnBatch();
    for (let next = this.#toCome.shift(); next !== undefined; next = this.#toCome.shift()) {
      this.#services.push(next());
      yield batch;
    }
    for (const service of this.#services) yield* service.advance(batch, times);
    for (const series of this.#custom) {
      series.addTo(batch, times);
      yield batch;
      batch.clear();
    }
    this.#afterMs = timesMs.at(-1)!;
  }
}

/** How much of a live step a counter may be looked at too early. */
const JITTER = 0.6;

/** What a service has in a cluster. */
class ServiceInCluster {
  readonly #flow: ServiceFlow;
  readonly #pods: Pod[] = [];
  readonly #native: NativeSeries | undefined;

  constructor(service: Service, place: FlowPlace, afterMs: number) {
    // Where the flow begins depends on the pods, and they ask it for nothing before that.
    const flow = new ServiceFlow(service, place, 0);
    const { calendar } = place;
    const between = (fromMs: number, toMs: number) => calendar.between(fromMs, toMs, flow.isConcerned);
    for (let slot = 0; slot < service.pods; slot++) this.#pods.push(new Pod(flow, slot, afterMs, between));
    this.#native = service.native ? new NativeSeries(flow, afterMs) : undefined;
    this.#flow = flow;
    this.#lead(afterMs);
  }

  /** Sums up from the oldest counter on. */
  #lead(afterMs: number): void {
    const counters = this.#native ? [...this.#pods, this.#native] : this.#pods;
    const untilMinute = Math.floor(afterMs / MINUTE_MS);
    const { sums } = this.#flow;
    sums.firstMinute = Math.min(untilMinute, ...counters.map(({ birthMinute }) => birthMinute));
    sums.endMinute = sums.firstMinute;
    for (;;) {
      const endMinute = Math.min(untilMinute, sums.endMinute + LEAD_MINUTES);
      this.#flow.extend(endMinute);
      for (const counter of counters) counter.noteBase();
      if (endMinute === untilMinute) return;
      sums.forgetBefore(endMinute - 1);
    }
  }

  *advance(batch: ColumnBatch, times: SampleTimes): Generator<ColumnBatch> {
    const { timesMs, beforeMs, jitterMs } = times;
    const flow = this.#flow;
    const toMs = timesMs.at(-1)!;
    flow.sums.forgetBefore(Math.floor(Math.min(beforeMs, timesMs[0]! - jitterMs) / MINUTE_MS));
    flow.extend(Math.floor(toMs / MINUTE_MS) + 1);
    const occurrences = flow.place.calendar.between(beforeMs, toMs + 1, flow.isConcerned);
    for (const pod of this.#pods) {
      pod.addTo(batch, times, occurrences);
      yield batch;
      batch.clear();
    }
    if (this.#native) {
      this.#native.addTo(batch, times);
      yield batch;
      batch.clear();
    }
    for (const occurrence of occurrences) {
      if (occurrence.incident.kind !== 'bomb') continue;
      addBomb(batch, flow, occurrence, times);
      yield batch;
      batch.clear();
    }
  }
}
