import type { Notes } from './notes.ts';

/** Keeps of all notes about one step the latest: Prometheus's operators between vectors tell no more. */
export class StepNotes implements Notes {
  readonly #latest = new Map<number, { readonly isWarning: boolean; readonly text: string }>();
  #step = 0;

  /** The notes about `step`. Borrowed until the next call. */
  at(step: number): Notes {
    this.#step = step;
    return this;
  }

  readonly warn = (text: string): void => {
    this.#latest.set(this.#step, { isWarning: true, text });
  };

  readonly inform = (text: string): void => {
    this.#latest.set(this.#step, { isWarning: false, text });
  };

  /** Passes on what it kept. */
  flush(to: Notes): void {
    for (const { isWarning, text } of this.#latest.values()) (isWarning ? to.warn : to.inform)(text);
    this.#latest.clear();
  }
}
