import { type Clock, paceMs } from '../model/clock.ts';

/** Where progress is shown: standard error, so that a pipe gets data only. */
export interface ProgressScreen {
  readonly write: (text: string) => void;
  /** Without a terminal nothing is drawn. */
  readonly isTerminal: boolean;
  readonly columns: number;
}

const REDRAW_MS = 100;
const BAR_COLUMNS = 24;

/** One line of a terminal that is drawn again and again: a bar where the end is known, counts, how fast. */
export class Progress {
  readonly #screen: ProgressScreen;
  readonly #clock: Clock;
  readonly #startedMs: number;
  #drawnMs = -Infinity;
  #isDrawn = false;

  constructor(screen: ProgressScreen, clock: Clock) {
    this.#screen = screen;
    this.#clock = clock;
    this.#startedMs = clock.elapsedMs();
  }

  get elapsedSeconds(): number {
    return (this.#clock.elapsedMs() - this.#startedMs) / 1000;
  }

  /** `share` is how much is done, from 0 to 1; undefined when nobody knows. */
  update(share: number | undefined, sampleCount: number): void {
    if (!this.#screen.isTerminal || paceMs() - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = paceMs();
    this.#isDrawn = true;
    const line = `${share === undefined ? '' : `${bar(share)} `}${countText(sampleCount)} samples, ${this.rateText(sampleCount)}`;
    this.#screen.write(`\r${line.slice(0, this.#screen.columns - 1)}\u001b[K`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isDrawn) this.#screen.write('\r\u001b[K');
    this.#isDrawn = false;
  }

  rateText(sampleCount: number): string {
    return `${countText(Math.round(sampleCount / Math.max(0.001, this.elapsedSeconds)))}/s`;
  }
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_COLUMNS);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_COLUMNS - filled)} ${`${Math.floor(share * 100)}`.padStart(3)}%`;
}

/** `1,234,567`. */
export function countText(count: number): string {
  return `${count}`.replace(/\B(?=(\d{3})+$)/g, ',');
}
