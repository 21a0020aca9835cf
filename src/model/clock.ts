/**
 * The one source of time. Nothing else in pocket-cortex reads the time or sets a timer, so whoever holds the clock
 * holds rule evaluations, default query times, rate limits, grace periods and retention.
 */
export interface Clock {
  /** Milliseconds since 1970, whole. */
  nowMs(): number;
  /** Milliseconds that only grow, with fractions, from an arbitrary origin: for measuring how long something took. */
  elapsedMs(): number;
  /**
   * Calls `callback` once, `delayMs` from now on this clock. A promise that it returns stands for the work it started:
   * `ManualClock` lets no time pass before that is done. It must not reject.
   */
  setTimer(callback: () => unknown, delayMs: number, options?: TimerOptions): Timer;
  /**
   * While time is moved by hand: up to when nothing will happen but timers that leave data alone, so that what is due until
   * then may as well be done now. Not after the present at any other time, and for clocks without such a thing.
   */
  aheadMs?(): number;
  /** Has time that is moved by hand wait for `work`, however long it takes; it must not wait for time itself, nor reject. */
  hold?(work: Promise<unknown>): void;
}

export interface TimerOptions {
  /** What the timer does changes no samples, rules or limits of a tenant, or only such as do not depend on when it does. */
  readonly leavesData?: boolean;
}

export interface Timer {
  /** Does nothing when the timer has fired or was cancelled. */
  cancel(): void;
}

/** Resolves `delayMs` from now on `clock`; at once, and cancelled, when `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = clock.setTimer(done, delayMs);
    function done(): void {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done);
  });
}

/** The machine's time. */
export class SystemClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  elapsedMs(): number {
    return performance.now();
  }

  setTimer(callback: () => unknown, delayMs: number): Timer {
    // setTimeout fires at once for delays above 2^31 - 1 ms, so a long delay is walked in stages.
    const longestMs = 2 ** 31 - 1;
    let handle = arm(delayMs);
    function arm(restMs: number): NodeJS.Timeout {
      return restMs <= longestMs
        ? setTimeout(callback, restMs)
        : setTimeout(() => {
            handle = arm(restMs - longestMs);
          }, longestMs);
    }
    return { cancel: () => clearTimeout(handle) };
  }
}

/**
 * Real milliseconds from an arbitrary origin, whatever clock a server runs on. Only for pacing work on the event loop:
 * it may decide when to pause, never what a result is.
 */
export function paceMs(): number {
  return performance.now();
}

interface PendingTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => unknown;
  readonly leavesData: boolean;
}

/** Work that time waits for. */
export class HeldWork {
  #count = 0;

  get isUnderWay(): boolean {
    return this.#count > 0;
  }

  /** Resolves when none is under way. */
  async ended(): Promise<void> {
    while (this.isUnderWay) await settle();
  }

  add(work: Promise<unknown>): void {
    this.#count += 1;
    void work.finally(() => {
      this.#count -= 1;
    });
  }
}

/** The time up to which, and not after `targetMs`, no timer is due that may change data. */
export function quietUntilMs(
  pending: Iterable<{ readonly dueMs: number; readonly leavesData: boolean }>,
  targetMs: number,
): number {
  let quietMs = targetMs;
  for (const { dueMs, leavesData } of pending) if (!leavesData && dueMs <= quietMs) quietMs = dueMs - 1;
  return quietMs;
}

/** Time that moves only when told to. */
export class ManualClock implements Clock {
  #nowMs: number;
  /** How far it is being moved. */
  #targetMs = -Infinity;
  #order = 0;
  readonly #pending = new Set<PendingTimer>();
  readonly #held = new HeldWork();

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  elapsedMs(): number {
    return this.#nowMs;
  }

  setTimer(callback: () => unknown, delayMs: number, { leavesData = false }: TimerOptions = {}): Timer {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback, leavesData };
    this.#pending.add(timer);
    return { cancel: () => this.#pending.delete(timer) };
  }

  aheadMs(): number {
    return this.#targetMs > this.#nowMs ? quietUntilMs(this.#pending, this.#targetMs) : this.#nowMs;
  }

  hold(work: Promise<unknown>): void {
    this.#held.add(work);
  }

  /**
   * Moves time forward by `byMs`, stopping at every timer on the way in order of time, then of creation; after each
   * one, work that it started gets to run (the promise it returned, and one turn of the event loop) before time moves
   * on.
   */
  async advance(byMs: number): Promise<void> {
    await this.#held.ended();
    const targetMs = this.#nowMs + byMs;
    this.#targetMs = targetMs;
    for (let next = this.#nextDue(targetMs); next !== undefined; next = this.#nextDue(targetMs)) {
      this.#pending.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      await finish(next.callback(), this.#held);
    }
    this.#targetMs = -Infinity;
    this.#nowMs = Math.max(this.#nowMs, targetMs);
    await settle();
  }

  #nextDue(untilMs: number): PendingTimer | undefined {
    let first: PendingTimer | undefined;
    for (const timer of this.#pending) {
      if (timer.dueMs > untilMs) continue;
      if (!first || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order))
        first = timer;
    }
    return first;
  }
}

/**
 * More turns, and longer, than any work needs that does not itself wait for this clock to move; that would never end.
 * Reading a file, asking a server or loading a module takes few turns, but its time.
 */
const TURNS_LIMIT = 10_000;
const PATIENCE_MS = 250;

/**
 * Lets the event loop turn until `work` is done, at least once; gives up on work that waits for time to move, unless it is
 * held.
 */
export async function finish(work: unknown, held: HeldWork): Promise<void> {
  let isDone = false;
  Promise.resolve(work).finally(() => {
    isDone = true;
  });
  const startedMs = paceMs();
  for (let turn = 0; turn < TURNS_LIMIT || paceMs() - startedMs < PATIENCE_MS || held.isUnderWay; turn++) {
    await settle();
    if (isDone) return;
  }
}

/** One turn of the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
