import { paceMs } from './clock.ts';

/**
 * Work on the event loop that can pause: a generator that yields wherever it could stop for a moment (between two
 * series, say) and returns its result. Yielding is cheap; the runner decides whether to pause.
 */
export type Work<Result> = Generator<void, Result, void>;

/** Slices are about this long: long enough to amortise the pause, short enough for `/ready` and pushes to get in. */
const SLICE_MS = 10;

/**
 * Runs `work` in slices, letting the event loop turn between them.
 * @throws the signal's reason when `signal` aborts (the work is closed, its `finally` blocks run), and whatever the work throws.
 */
export async function runInSlices<Result>(work: Work<Result>, signal?: AbortSignal): Promise<Result> {
  try {
    for (;;) {
      signal?.throwIfAborted();
      const sliceEndMs = paceMs() + SLICE_MS;
      do {
        const turn = work.next();
        if (turn.done) return turn.value;
      } while (paceMs() < sliceEndMs);
      await new Promise((resolve) => setImmediate(resolve));
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
  let sliceEndMs = paceMs() + SLICE_MS;
  for (const item of items) {
    yield item;
    if (paceMs() < sliceEndMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    sliceEndMs = paceMs() + SLICE_MS;
  }
}

/** Runs `work` to its end without a pause: for work that is known to be small, and for tests. */
export function runAtOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const turn = work.next();
    if (turn.done) return turn.value;
  }
}
