import type { Clock, Timer } from './clock.ts';

/** A clock on which time passes `speed` times as fast as on another one, from the time on that it was made. */
export class ScaledClock implements Clock {
  readonly #base: Clock;
  readonly #speed: number;
  readonly #originMs: number;

  constructor(base: Clock, speed: number) {
    this.#base = base;
    this.#speed = speed;
    this.#originMs = base.nowMs();
  }

  nowMs(): number {
    return Math.floor(this.#originMs + (this.#base.nowMs() - this.#originMs) * this.#speed);
  }

  elapsedMs(): number {
    return this.#base.elapsedMs() * this.#speed;
  }

  setTimer(callback: () => unknown, delayMs: number): Timer {
    return this.#base.setTimer(callback, delayMs / this.#speed);
  }
}
