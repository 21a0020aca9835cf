import { paceMs } from './clock.ts';
import type { StopSignal } from './stop-signal.ts';

/**
 * Work on the event loop that can pause: a generator that yields wherever it could stop for a moment (between two
 * series, say) and returns its result. Yielding is cheap; the runner decides whether to pause.
 */
export type Work<Result> = Generator<void, Result, void>;

/** Slices are about this long: long enough to amortise the pause, short enough for `/ready` and pushes to get in. */
const SLICE_MS = 10;
/** Looking at the clock takes about as long as a piece of a small query: while pieces are short, there are some between two looks. */
const UNWATCHED_MS = 0.05;
const UNWATCHED_PIECES = 16;

/** Who waits for a slice: those that begin go first, as most of them are over in it; then those that go on, in their order. */
const waiting = { first: [] as (() => void)[], further: [] as (() => void)[] };

/**
 * Runs `work` in slices, letting the event loop turn between them; of all work there is one slice a turn, so that twenty queries
 * keep nobody waiting longer than one.
 * @throws the signal's reason when `signal` aborts (the work is closed, its `finally` blocks run), and whatever the work throws.
 */
export async function runInSlices<Result>(work: Work<Result>, signal?: StopSignal): Promise<Result> {
  try {
    if (isAnyWaiting()) await turn(waiting.first);
    for (;;) {
      signal?.throwIfAborted();
      let watchedMs = paceMs();
      const sliceEndMs = watchedMs + SLICE_MS;
      for (let pieceCount = 1; watchedMs < sliceEndMs; ) {
        for (let piece = 0; piece < pieceCount; piece++) {
          const { done, value } = work.next();
          if (done) return value;
        }
        const nowMs = paceMs();
        pieceCount = nowMs - watchedMs < UNWATCHED_MS ? Math.min(pieceCount * 2, UNWATCHED_PIECES) : 1;
        watchedMs = nowMs;
      }
      await turn(waiting.further);
    }
  } finally {
    work.return(undefined as Result);
  }
}

/**
 * Hands out items that take time to make, letting the event loop turn whenever a slice is over: whoever takes them may
 * ask for the next at once, again and again.
 */
export async function* makeInSlices<Item>(items: Iterable<Item>): AsyncGenerator<Item, void, undefined> {
  const pace = new Pace();
  for (const item of items) {
    yield item;
    if (pace.isSliceOver) await pace.turn();
  }
}

/** Slices of work that is done piece by piece. */
export class Pace {
  #sliceEndMs = paceMs() + SLICE_MS;

  /** Whether the work has to let the event loop turn before it goes on. */
  get isSliceOver(): boolean {
    return paceMs() >= this.#sliceEndMs;
  }

  /** Resolves when it may go on, with a slice. */
  async turn(): Promise<void> {
    await turn(waiting.further);
    this.#sliceEndMs = paceMs() + SLICE_MS;
  }
}

function turn(line: (() => void)[]): Promise<void> {
  return new Promise((resolve) => {
    if (!isAnyWaiting()) setImmediate(letOneOn);
    line.push(resolve);
  });
}

function letOneOn(): void {
  const next = waiting.first.shift() ?? waiting.further.shift();
  if (isAnyWaiting()) setImmediate(letOneOn);
  next?.();
}

function isAnyWaiting(): boolean {
  return waiting.first.length > 0 || waiting.further.length > 0;
}

/** Runs `work` to its end without a pause: for work that is known to be small, and for tests. */
export function runAtOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const turn = work.next();
    if (turn.done) return turn.value;
  }
}
