import { CLASSIC_BOUNDS, Latencies } from './latencies.ts';
import { MinuteSums } from './minute-sums.ts';
import { type Calendar, isAt, MINUTE_MS, type Occurrence } from './occurrences.ts';
import { rhythmAt } from './rhythm.ts';
import type { Incident, Service } from './scenario.ts';
import { keyOf, wanderAt } from './seeded.ts';

/** Where the quantities of a service stand in its sums. Requests are thousandths, so that slow services have some too. */
export const OK = 0;
export const CLIENT_ERRORS = 1;
export const ERRORS = 2;
export const REQUESTS = 3;
/** Microseconds, for thousandths of requests. */
export const LATENCY = 4;
/** Microseconds of one pod. */
export const CPU = 5;
/** From here on one for each of `CLASSIC_BOUNDS`, then the native buckets, if there are any. */
export const CLASSIC = 6;
export const NATIVE = CLASSIC + CLASSIC_BOUNDS.length;
/** Thousandths in one request. */
export const PER_REQUEST = 1000;

/** How long latency wanders into one direction by chance. */
const LATENCY_TURN_MS = 8 * MINUTE_MS;

export interface FlowPlace {
  readonly seed: string;
  readonly tenant: string;
  readonly cluster: string;
  /** Of the tenant. */
  readonly traffic: number;
  readonly calendar: Calendar;
}

/** What runs through a service in a cluster, minute by minute. */
export class ServiceFlow {
  readonly service: Service;
  readonly place: FlowPlace;
  readonly latencies: Latencies;
  readonly sums: MinuteSums;
  /** Requests in an average minute. */
  readonly meanRequests: number;
  readonly #key: number;
  readonly #minute: Float64Array;

  constructor(service: Service, place: FlowPlace, firstMinute: number) {
    this.service = service;
    this.place = place;
    this.latencies = new Latencies({ medianMs: service.latencyMs, p99Ms: service.latencyP99Ms });
    const columnCount = NATIVE + (service.native ? this.latencies.nativeIndexes.length : 0);
    this.sums = new MinuteSums(columnCount, firstMinute);
    this.meanRequests = service.requestsPerSecond * place.traffic * 60;
    this.#key = keyOf(place.seed, place.tenant, place.cluster, service.name);
    this.#minute = new Float64Array(columnCount);
  }

  /** Whether an incident is one of this service here. */
  readonly isConcerned = (incident: Incident): boolean => {
    const { service, place } = this;
    if (!isAt(incident, place.tenant, place.cluster)) return false;
    return incident.services.length === 0 ? incident.metrics.length === 0 : incident.services.includes(service.name);
  };

  /** Sums up to `endMinute`. */
  extend(endMinute: number): void {
    const { sums } = this;
    if (endMinute <= sums.endMinute) return;
    const { calendar } = this.place;
    const occurrences = calendar.between(sums.endMinute * MINUTE_MS, endMinute * MINUTE_MS, this.isConcerned);
    while (sums.endMinute < endMinute) {
      this.#fill(sums.endMinute * MINUTE_MS, occurrences);
      sums.add(this.#minute);
    }
  }

  #fill(timeMs: number, occurrences: readonly Occurrence[]): void {
    const { service, latencies } = this;
    const minute = this.#minute;
    let requestFactor = 1;
    let latencyFactor = 1;
    let cpuFactor = 1;
    let errorShare = service.errors;
    for (const { incident, fromMs, toMs } of occurrences) {
      if (timeMs < fromMs || timeMs >= toMs) continue;
      requestFactor *= incident.requests;
      latencyFactor *= incident.latency;
      cpuFactor *= incident.cpu;
      if (incident.errors !== undefined) errorShare = Math.max(errorShare, incident.errors);
    }
    const load = rhythmAt(service, this.#key, timeMs) * requestFactor;
    const requests = Math.round(this.meanRequests * load * PER_REQUEST);
    const errors = Math.round(requests * errorShare);
    const clientErrors = Math.round((requests - errors) * service.clientErrors);
    // Who has more to do is a little slower.
    const chance = Math.max(0.1, 1 + service.noise * wanderAt(this.#key + LATENCY, timeMs, LATENCY_TURN_MS));
    const shares = latencies.at(service.latencyMs * latencyFactor * (0.85 + 0.15 * load) * chance);
    minute[OK] = requests - errors - clientErrors;
    minute[CLIENT_ERRORS] = clientErrors;
    minute[ERRORS] = errors;
    minute[REQUESTS] = requests;
    minute[LATENCY] = Math.round(requests * shares.meanMs);
    minute[CPU] = Math.round(service.cpuCores * cpuFactor * (0.1 + 0.9 * load) * 60e6);
    const { classic, native } = shares;
    for (let i = 0; i < classic.length; i++) minute[CLASSIC + i] = Math.round(requests * classic[i]!);
    if (service.native) for (let i = 0; i < native.length; i++) minute[NATIVE + i] = Math.round(requests * native[i]!);
  }
}
