import type { Clock, Timer } from './clock.ts';

/** Notices that nothing has happened for a while: the moment to give back memory that is kept for what comes next. */
export class QuietWatch {
  readonly #clock: Clock;
  readonly #quietMs: number;
  readonly #listeners: (() => void)[] = [];
  #touchedMs = 0;
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
    this.#touchedMs = this.#clock.elapsedMs();
    if (this.#timer === undefined && !this.#isStopped) this.#arm(this.#quietMs);
  }

  /** Nobody is called any more. Idempotent. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.setTimer(() => this.#look(), delayMs, { leavesData: true });
  }

  #look(): void {
    this.#timer = undefined;
    const restMs = this.#touchedMs + this.#quietMs - this.#clock.elapsedMs();
    if (restMs > 0) this.#arm(restMs);
    else for (const listener of this.#listeners) listener();
  }
}
