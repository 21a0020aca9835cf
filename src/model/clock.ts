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
  setTimer(callback: () => unknown, delayMs: number): Timer;
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
}

/** Time that moves only when told to. */
export class ManualClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #pending = new Set<PendingTimer>();

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  elapsedMs(): number {
    return this.#nowMs;
  }

  setTimer(callback: () => unknown, delayMs: number): Timer {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#pending.add(timer);
    return { cancel: () => this.#pending.delete(timer) };
  }

  /**
   * Moves time forward by `byMs`, stopping at every timer on the way in order of time, then of creation; after each
   * one, work that it started gets to run (the promise it returned, and one turn of the event loop) before time moves
   * on.
   */
  async advance(byMs: number): Promise<void> {
    const targetMs = this.#nowMs + byMs;
    for (let next = this.#nextDue(targetMs); next !== undefined; next = this.#nextDue(targetMs)) {
      this.#pending.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      await finish(next.callback());
    }
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

/** Lets the event loop turn until `work` is done, at least once; gives up on work that waits for time to move. */
export async function finish(work: unknown): Promise<void> {
  let isDone = false;
  Promise.resolve(work).finally(() => {
    isDone = true;
  });
  const startedMs = paceMs();
  for (let turn = 0; turn < TURNS_LIMIT || paceMs() - startedMs < PATIENCE_MS; turn++) {
    await settle();
    if (isDone) return;
  }
}

/** One turn of the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
