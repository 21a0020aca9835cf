import type { Clock } from '../model/clock.ts';
import type { TenantId } from '../model/tenant.ts';

export type Source = 'api' | 'rule';

/** Samples a second, by where they came from. */
export type Rates = Readonly<Record<Source, number>>;

const TICK_MS = 15_000;
/** How much of the newest tick goes into the average. */
const WEIGHT = 0.2;

/**
 * A moving average of what each tenant ingests, as Cortex shows it: it changes at ticks only, so right after the first
 * write it is still 0. There is no timer: ticks that have passed are caught up with when somebody writes or looks.
 */
export class IngestionRates {
  readonly #clock: Clock;
  readonly #averages = new Map<TenantId, Record<Source, MovingAverage>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(tenant: TenantId, source: Source, count: number): void {
    this.#of(tenant)[source].add(count, this.#clock.nowMs());
  }

  get(tenant: TenantId): Rates {
    const averages = this.#averages.get(tenant);
    if (!averages) return { api: 0, rule: 0 };
    const nowMs = this.#clock.nowMs();
    return { api: averages.api.rate(nowMs), rule: averages.rule.rate(nowMs) };
  }

  #of(tenant: TenantId): Record<Source, MovingAverage> {
    const known = this.#averages.get(tenant);
    if (known) return known;
    const nowMs = this.#clock.nowMs();
    const averages = { api: new MovingAverage(nowMs), rule: new MovingAverage(nowMs) };
    this.#averages.set(tenant, averages);
    return averages;
  }
}

class MovingAverage {
  #tickedAtMs: number;
  #rate: number | undefined;
  #sinceTick = 0;

  constructor(nowMs: number) {
    this.#tickedAtMs = nowMs;
  }

  add(count: number, nowMs: number): void {
    this.#catchUp(nowMs);
    this.#sinceTick += count;
  }

  rate(nowMs: number): number {
    this.#catchUp(nowMs);
    return this.#rate ?? 0;
  }

  #catchUp(nowMs: number): void {
    const tickCount = Math.floor((nowMs - this.#tickedAtMs) / TICK_MS);
    if (tickCount <= 0) return;
    const newest = this.#sinceTick / (TICK_MS / 1000);
    const first = this.#rate === undefined ? newest : this.#rate + WEIGHT * (newest - this.#rate);
    // In all ticks after the first of them nothing came.
    this.#rate = first * (1 - WEIGHT) ** (tickCount - 1);
    this.#sinceTick = 0;
    this.#tickedAtMs += tickCount * TICK_MS;
  }
}
