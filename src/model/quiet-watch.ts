import type { Clock, Timer } from './clock.ts';

/**
 * Notices that nothing has happened for a while: the moment to give back memory that is kept for what comes next. It counts
 * halves of that while, so it may be half of it late.
 */
export class QuietWatch {
  readonly #clock: Clock;
  readonly #quietMs: number;
  readonly #listeners: (() => void)[] = [];
  /** Halves of the time that have passed since the last touch. */
  #quietHalves = 0;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(clock: Clock, quietMs: number) {
    this.#clock = clock;
    this.#quietMs = quietMs;
  }

  /** Has `listener` called whenever it has become quiet, once until the next `touch`. */
  onQuiet(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Something happens. There is one timer, however often that is said. */
  touch(): void {
    this.#quietHalves = 0;
    if (this.#timer === undefined && !this.#isStopped) this.#arm();
  }

  /** Nobody is called any more. Idempotent. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = this.#clock.setTimer(() => this.#look(), this.#quietMs / 2, { leavesData: true });
  }

  #look(): void {
    this.#timer = undefined;
    this.#quietHalves += 1;
    // The first half began before the last touch, mostly.
    if (this.#quietHalves < 3) this.#arm();
    else for (const listener of this.#listeners) listener();
  }
}
