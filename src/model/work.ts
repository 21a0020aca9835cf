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

/** Runs `work` to its end without a pause: for work that is known to be small, and for tests. */
export function runAtOnce<Result>(work: Work<Result>): Result {
  for (;;) {
    const turn = work.next();
    if (turn.done) return turn.value;
  }
}
