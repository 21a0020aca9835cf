import { type Clock, finish, HeldWork, quietUntilMs, settle, type Timer, type TimerOptions } from './clock.ts';

interface SteeredTimer {
  /** On this clock. */
  dueMs: number;
  readonly order: number;
  readonly callback: () => unknown;
  readonly leavesData: boolean;
  /** What counts down on the clock beneath; undefined while time stands still. */
  countdown: Timer | undefined;
}

/**
 * A clock over another one that whoever holds it can stop, set, move on and let run again.
 *
 *     running ──freeze()──▶ frozen
 *        ▲                    │        set() and advance() leave it as it is: a running clock runs on from there
 *        └─────resume()───────┘
 */
export class SteerableClock implements Clock {
  readonly #base: Clock;
  #offsetMs = 0;
  #elapsedOffsetMs = 0;
  /** The time at which it stands still; undefined while it runs. */
  #frozenAtMs: number | undefined;
  #frozenElapsedMs = 0;
  #order = 0;
  #isMoving = false;
  /** How far it is being advanced. */
  #targetMs = -Infinity;
  readonly #pending = new Set<SteeredTimer>();
  readonly #held = new HeldWork();
  readonly #listeners = new Set<() => void>();
  /** Moves happen one after the other. */
  #moves: Promise<void> = Promise.resolve();

  /** Runs with `base` until told otherwise; with `frozenAtMs` it stands still there. */
  constructor(base: Clock, frozenAtMs?: number) {
    this.#base = base;
    if (frozenAtMs !== undefined) this.#frozenAtMs = frozenAtMs;
  }

  /** The clock beneath, which nobody holds. */
  get base(): Clock {
    return this.#base;
  }

  get isFrozen(): boolean {
    return this.#frozenAtMs !== undefined;
  }

  nowMs(): number {
    return this.#frozenAtMs ?? this.#base.nowMs() + this.#offsetMs;
  }

  elapsedMs(): number {
    return this.isFrozen ? this.#frozenElapsedMs : this.#base.elapsedMs() + this.#elapsedOffsetMs;
  }

  setTimer(callback: () => unknown, delayMs: number, { leavesData = false }: TimerOptions = {}): Timer {
    const timer: SteeredTimer = {
      dueMs: this.nowMs() + Math.max(0, delayMs),
      order: this.#order++,
      callback,
      leavesData,
      countdown: undefined,
    };
    this.#pending.add(timer);
    if (!this.isFrozen) this.#countDown(timer);
    return {
      cancel: () => {
        this.#pending.delete(timer);
        timer.countdown?.cancel();
      },
    };
  }

  hold(work: Promise<unknown>): void {
    this.#held.add(work);
  }

  aheadMs(): number {
    const nowMs = this.nowMs();
    return this.#targetMs > nowMs ? quietUntilMs(this.#pending, this.#targetMs) : nowMs;
  }

  /** Has `listener` called after every move of time that was asked for. Gives back what ends that. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops time. Does nothing when it stands still already. */
  freeze(): Promise<void> {
    return this.#move(async () => this.#stop());
  }

  /** Lets time run on from where it stands. Does nothing when it runs. */
  resume(): Promise<void> {
    return this.#move(async () => this.#run());
  }

  /**
   * Moves time forward, stopping at every timer on the way in order of time, then of creation; work that a timer started
   * is done before time moves on (as `ManualClock.advance`).
   */
  advance(byMs: number): Promise<void> {
    return this.#moveStanding(async () => {
      const targetMs = this.nowMs() + byMs;
      this.#targetMs = targetMs;
      for (let next = this.#nextDue(targetMs); next !== undefined; next = this.#nextDue(targetMs)) {
        this.#stand(Math.max(this.nowMs(), next.dueMs));
        await this.#fire(next);
      }
      this.#targetMs = -Infinity;
      this.#stand(targetMs);
      await settle();
    });
  }

  /**
   * Makes it `timeMs`, without stopping on the way. Forward, each timer that became due fires once. Back, timers keep the
   * time they have left.
   */
  set(timeMs: number): Promise<void> {
    return this.#moveStanding(async () => {
      const byMs = timeMs - this.nowMs();
      if (byMs < 0) for (const timer of this.#pending) timer.dueMs += byMs;
      this.#stand(timeMs);
      const due = [...this.#pending].filter(({ dueMs }) => dueMs <= timeMs).sort(compareDue);
      for (const timer of due) if (this.#pending.has(timer)) await this.#fire(timer);
    });
  }

  /** While time stands still: has what is due now happen. Does nothing while it is moved, which does that anyway. */
  async runDue(): Promise<void> {
    if (this.isFrozen && !this.#isMoving) await this.advance(0);
  }

  #move(work: () => Promise<void>): Promise<void> {
    const move = this.#moves.then(async () => {
      this.#isMoving = true;
      await work().finally(() => {
        this.#isMoving = false;
      });
      for (const listener of this.#listeners) listener();
    });
    this.#moves = move.catch(() => {});
    return move;
  }

  /** While it is moved, time stands still in between. */
  #moveStanding(work: () => Promise<void>): Promise<void> {
    return this.#move(async () => {
      const wasFrozen = this.isFrozen;
      this.#stop();
      await this.#held.ended();
      try {
        await work();
      } finally {
        if (!wasFrozen) this.#run();
      }
    });
  }

  #stop(): void {
    if (this.isFrozen) return;
    this.#frozenElapsedMs = this.elapsedMs();
    this.#frozenAtMs = this.nowMs();
    for (const timer of this.#pending) {
      timer.countdown?.cancel();
      timer.countdown = undefined;
    }
  }

  #stand(atMs: number): void {
    this.#frozenElapsedMs += Math.max(0, atMs - this.#frozenAtMs!);
    this.#frozenAtMs = atMs;
  }

  #run(): void {
    if (this.#frozenAtMs === undefined) return;
    this.#offsetMs = this.#frozenAtMs - this.#base.nowMs();
    this.#elapsedOffsetMs = this.#frozenElapsedMs - this.#base.elapsedMs();
    this.#frozenAtMs = undefined;
    for (const timer of this.#pending) this.#countDown(timer);
  }

  #countDown(timer: SteeredTimer): void {
    timer.countdown = this.#base.setTimer(
      () => {
        this.#pending.delete(timer);
        return timer.callback();
      },
      Math.max(0, timer.dueMs - this.nowMs()),
    );
  }

  async #fire(timer: SteeredTimer): Promise<void> {
    this.#pending.delete(timer);
    await finish(timer.callback(), this.#held);
  }

  #nextDue(untilMs: number): SteeredTimer | undefined {
    let first: SteeredTimer | undefined;
    for (const timer of this.#pending) {
      if (timer.dueMs <= untilMs && (first === undefined || compareDue(timer, first) < 0)) first = timer;
    }
    return first;
  }
}

function compareDue(a: SteeredTimer, b: SteeredTimer): number {
  return a.dueMs - b.dueMs || a.order - b.order;
}
