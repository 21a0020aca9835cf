import { formatFloat } from '../../model/go-float.ts';
import { Labels } from '../../model/labels.ts';
import type { ColumnBatch } from './column-batch.ts';
import { CLASSIC_BOUNDS } from './latencies.ts';
import { countInto, type MinutePlaces, placesOf } from './minute-sums.ts';
import { MINUTE_MS, type Occurrence } from './occurrences.ts';
import { changesOf, type OccurrencesBetween, type PodPlace, type PodState, stateAt } from './pod-life.ts';
import { chanceAt, keyOf, wanderAt } from './seeded.ts';
import {
  CLASSIC,
  CLIENT_ERRORS,
  CPU,
  ERRORS,
  LATENCY,
  OK,
  PER_REQUEST,
  REQUESTS,
  type ServiceFlow,
} from './service-flow.ts';

const WARM_UP_MS = 20 * MINUTE_MS;
const PAGE_BYTES = 4096;

/** The times that are sampled next, ascending. */
export interface SampleTimes {
  readonly timesMs: Float64Array;
  /** The one before them. */
  readonly beforeMs: number;
  /** How unevenly counters are looked at. */
  readonly jitterMs: number;
}

/** A counter of a pod: which sum, and what of it. */
interface CounterSeries {
  readonly labels: Labels;
  readonly column: number;
  readonly scale: number;
  readonly unit: number;
}

/** The series that a pod has as long as it has its name. */
interface PodSeries {
  readonly up: Labels;
  readonly counters: readonly CounterSeries[];
  readonly memory: Labels;
  readonly constants: readonly { readonly labels: Labels; readonly valueIn: (state: PodState) => number }[];
}

/** One of the pods of a service, through all its names. */
export class Pod {
  readonly #flow: ServiceFlow;
  readonly #place: PodPlace;
  readonly #share: number;
  readonly #key: number;
  #state: PodState;
  /** The sums of its flow when its counters began. */
  #base: Float64Array | undefined;
  #series: PodSeries;

  constructor(flow: ServiceFlow, slot: number, timeMs: number, occurrencesBetween: OccurrencesBetween) {
    const { service, place } = flow;
    this.#flow = flow;
    this.#place = { ...place, service, slot };
    this.#key = keyOf(place.seed, place.tenant, place.cluster, service.name, `${slot}`);
    this.#share = shareOf(this.#place);
    this.#state = stateAt(this.#place, occurrencesBetween, timeMs);
    this.#series = this.#seriesOf(this.#state);
  }

  /** The minute in which its counters began. */
  get birthMinute(): number {
    return this.#state.birthMs / MINUTE_MS;
  }

  /** Notes the sums at its birth, if they are kept now. */
  noteBase(): void {
    const { sums } = this.#flow;
    if (this.#base === undefined && this.birthMinute <= sums.endMinute) this.#base = sums.sumsAt(this.birthMinute);
  }

  /** Adds its samples at the next times; its flow has been extended up to them. */
  addTo(batch: ColumnBatch, times: SampleTimes, occurrences: readonly Occurrence[]): void {
    const { timesMs, beforeMs } = times;
    const toMs = timesMs.at(-1)!;
    const changes = changesOf(this.#place, occurrences, { fromMs: beforeMs, toMs }, this.#state);
    let from = 0;
    for (const { atMs, state } of changes) {
      let to = from;
      while (timesMs[to]! < atMs) to += 1;
      this.#addSpan(batch, timesMs.subarray(from, to), times, occurrences);
      this.#turnInto(state, batch, timesMs[to]!);
      from = to;
    }
    this.#addSpan(batch, timesMs.subarray(from), times, occurrences);
  }

  #turnInto(state: PodState, batch: ColumnBatch, timeMs: number): void {
    const before = this.#state;
    const { up, counters, memory, constants } = this.#series;
    const isReplaced = state.name !== before.name;
    if (isReplaced) batch.stale(up, timeMs);
    if ((isReplaced || state.isDown) && !before.isDown) {
      for (const { labels } of counters) batch.stale(labels, timeMs);
      for (const { labels } of constants) batch.stale(labels, timeMs);
      batch.stale(memory, timeMs);
    }
    this.#state = state;
    if (isReplaced) this.#series = this.#seriesOf(state);
    this.#base = undefined;
    this.noteBase();
  }

  #addSpan(
    batch: ColumnBatch,
    timesMs: Float64Array,
    { jitterMs }: SampleTimes,
    occurrences: readonly Occurrence[],
  ): void {
    if (timesMs.length === 0) return;
    const { birthMs, isDown } = this.#state;
    const { up, counters, memory, constants } = this.#series;
    batch.constant(up, timesMs, isDown ? 0 : 1);
    if (isDown) return;
    const { sums } = this.#flow;
    const chance = (timeMs: number): number => chanceAt(this.#key, timeMs / 1000);
    const places = placesOf(sums, timesMs, { birthMs, jitterMs, chance });
    for (const { labels, column, scale, unit } of counters) {
      const start = batch.run(labels, timesMs);
      const base = this.#base![column]!;
      countInto(batch.samples.values, start, sums.columns[column]!, places, { base, scale, unit });
    }
    for (const { labels, valueIn } of constants) batch.constant(labels, timesMs, valueIn(this.#state));
    const start = batch.run(memory, timesMs);
    this.#memoryInto(batch.samples.values.subarray(start, start + timesMs.length), timesMs, places, occurrences);
  }

  #memoryInto(
    out: Float64Array,
    timesMs: Float64Array,
    { indexes }: MinutePlaces,
    occurrences: readonly Occurrence[],
  ): void {
    const { service, sums, meanRequests } = this.#flow;
    const { birthMs } = this.#state;
    const requests = sums.columns[REQUESTS]!;
    for (let i = 0; i < timesMs.length; i++) {
      const timeMs = timesMs[i]!;
      const index = indexes[i]!;
      const load = meanRequests === 0 ? 0 : (requests[index + 1]! - requests[index]!) / (meanRequests * PER_REQUEST);
      // A pod that has just begun has not filled its caches.
      const warmth = 1 - 0.4 * Math.exp((birthMs - timeMs) / WARM_UP_MS);
      let factor = (0.85 + 0.15 * load) * warmth * (1 + 0.02 * wanderAt(this.#key, timeMs, 7 * MINUTE_MS));
      for (const { incident, fromMs, toMs } of occurrences) {
        if (incident.memory === 1 || timeMs < fromMs || timeMs >= toMs) continue;
        const sinceMs = Math.max(fromMs, birthMs);
        factor += (incident.memory - 1) * ((timeMs - sinceMs) / (toMs - sinceMs));
      }
      out[i] = Math.round((service.memoryBytes * factor) / PAGE_BYTES) * PAGE_BYTES;
    }
  }

  #seriesOf({ name: pod, version }: PodState): PodSeries {
    const { service, cluster } = this.#place;
    const common = { cluster, service: service.name, pod };
    const labels = (name: string, more: Readonly<Record<string, string>> = {}): Labels =>
      Labels.fromRecord({ __name__: name, ...common, ...more });
    const share = this.#share;
    const requests = { scale: share / PER_REQUEST, unit: 1 };
    const counters: CounterSeries[] = [];
    for (const [route, part] of Object.entries(service.routes)) {
      for (const [code, column] of [
        ['200', OK],
        ['404', CLIENT_ERRORS],
        ['500', ERRORS],
      ] as const) {
        if (code === '404' && service.clientErrors === 0) continue;
        const scale = requests.scale * part;
        counters.push({ labels: labels('http_requests_total', { route, code }), column, scale, unit: 1 });
      }
    }
    const bucket = 'http_request_duration_seconds_bucket';
    CLASSIC_BOUNDS.forEach((bound, i) => {
      counters.push({ labels: labels(bucket, { le: formatFloat(bound) }), column: CLASSIC + i, ...requests });
    });
    counters.push(
      { labels: labels(bucket, { le: '+Inf' }), column: REQUESTS, ...requests },
      { labels: labels('http_request_duration_seconds_count'), column: REQUESTS, ...requests },
      { labels: labels('http_request_duration_seconds_sum'), column: LATENCY, scale: share / 1e6, unit: 0.001 },
      {
        labels: labels('container_cpu_usage_seconds_total'),
        column: CPU,
        scale: (share * service.pods) / 1e6,
        unit: 0.01,
      },
    );
    return {
      up: labels('up'),
      counters,
      memory: labels('container_memory_working_set_bytes'),
      constants: [
        { labels: labels('container_spec_memory_limit_bytes'), valueIn: () => service.memoryLimitBytes },
        { labels: labels('process_start_time_seconds'), valueIn: ({ birthMs }) => birthMs / 1000 },
        { labels: labels('app_info', { version }), valueIn: () => 1 },
      ],
    };
  }
}

/** The part of its service's requests that a pod gets: no load balancer is quite fair. */
function shareOf({ seed, tenant, cluster, service, slot }: PodPlace): number {
  const key = keyOf(seed, tenant, cluster, service.name);
  let total = 0;
  for (let i = 0; i < service.pods; i++) total += 0.85 + 0.3 * chanceAt(key, i);
  return (0.85 + 0.3 * chanceAt(key, slot)) / total;
}
