import { paceMs, settle } from '../../model/clock.ts';

/** As a slice of other long work. */
const SLICE_MS = 10;

/** Lets the event loop turn in between the parts of long work. */
export class Pauses {
  #sliceEndMs = paceMs() + SLICE_MS;

  /** Pauses when the slice is over. @throws the signal's reason when it aborts */
  async afterWork(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (paceMs() < this.#sliceEndMs) return;
    await settle();
    this.#sliceEndMs = paceMs() + SLICE_MS;
    signal.throwIfAborted();
  }
}
