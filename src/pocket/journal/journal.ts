import type { WriteProtocol } from '../../http/write-observer.ts';
import type { Clock, Timer } from '../../model/clock.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { TenantId } from '../../model/tenant.ts';
import { type JournalEntry, receivedSeries, sizeOfEntry } from './entry.ts';

/** How much a journal remembers. */
export interface JournalLimits {
  /** 0 switches it off. */
  readonly maxRequests: number;
  /** Of memory, about. */
  readonly maxBytes: number;
}

export const DEFAULT_JOURNAL_BYTES = 32 << 20;

/** Which requests; what is left out does not matter. */
export interface JournalFilter {
  readonly tenant?: TenantId | undefined;
  /** `write` is any of the others. */
  readonly protocol?: WriteProtocol | 'write' | undefined;
  readonly path?: string | undefined;
  readonly status?: number | undefined;
  /** Only writes with a series that passes all of these. */
  readonly matchers?: readonly Matcher[] | undefined;
  /** Only what was answered after this one. */
  readonly afterSequence?: number | undefined;
}

export interface Waiting {
  /** How long to wait, in time of the machine: whoever waits does so whatever the server's clock says. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The last requests of a server, what their writes carried and what they were answered. Off until somebody gives it room:
 * then nothing is spent on it.
 */
export class Journal {
  #limits: JournalLimits = { maxRequests: 0, maxBytes: DEFAULT_JOURNAL_BYTES };
  #entries: JournalEntry[] = [];
  #sizeBytes = 0;
  #lastSequence = 0;
  readonly #listeners = new Set<(entry: JournalEntry) => void>();
  readonly #patience: Clock;

  /** `patience` is the clock that waiting goes by. */
  constructor(patience: Clock) {
    this.#patience = patience;
  }

  get isOn(): boolean {
    return this.#limits.maxRequests > 0;
  }

  get limits(): JournalLimits {
    return this.#limits;
  }

  /** The number of the last request; 0 before the first. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Keeps so much from now on. */
  setLimits(limits: Partial<JournalLimits>): void {
    this.#limits = { ...this.#limits, ...limits };
    this.#trim();
  }

  /** Forgets all requests; numbers go on. */
  clear(): void {
    this.#entries = [];
    this.#sizeBytes = 0;
  }

  /** A request has been answered. Takes `entry` over. */
  record(entry: JournalEntry): void {
    if (!this.isOn) return;
    this.#lastSequence += 1;
    entry.sequence = this.#lastSequence;
    this.#entries.push(entry);
    entry.sizeBytes = sizeOfEntry(entry) + (entry.write?.sizeBytes ?? 0);
    this.#sizeBytes += entry.sizeBytes;
    this.#trim();
    for (const listener of this.#listeners) listener(entry);
  }

  /** Oldest first. */
  find(filter: JournalFilter = {}): readonly JournalEntry[] {
    return this.#entries.filter((entry) => passes(filter, entry));
  }

  /**
   * Resolves as soon as `count` requests pass `filter`, those that are there counted, to these; or to what passes when
   * time is up.
   */
  async waitFor(
    filter: JournalFilter,
    count: number,
    { timeoutMs, signal }: Waiting,
  ): Promise<readonly JournalEntry[]> {
    const found = [...this.find(filter)];
    if (found.length >= count) return found;
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const end = (): void => {
        timer?.cancel();
        this.#listeners.delete(listener);
        signal?.removeEventListener('abort', end);
        resolve(found);
      };
      const listener = (entry: JournalEntry): void => {
        if (!passes(filter, entry)) return;
        found.push(entry);
        if (found.length >= count) end();
      };
      this.#listeners.add(listener);
      signal?.addEventListener('abort', end);
      timer = this.#patience.setTimer(end, timeoutMs);
    });
  }

  /** The first write from now on that passes `filter`, or undefined when none has come in time. */
  async nextWrite(filter: JournalFilter, waiting: Waiting): Promise<JournalEntry | undefined> {
    const afterSequence = filter.afterSequence ?? this.#lastSequence;
    return (await this.waitFor({ protocol: 'write', ...filter, afterSequence }, 1, waiting))[0];
  }

  #trim(): void {
    const { maxRequests, maxBytes } = this.#limits;
    let dropCount = 0;
    while (this.#entries.length - dropCount > maxRequests || this.#sizeBytes > maxBytes) {
      this.#sizeBytes -= this.#entries[dropCount++]!.sizeBytes;
    }
    if (dropCount > 0) this.#entries = this.#entries.slice(dropCount);
  }
}

function passes(filter: JournalFilter, { sequence, tenant, path, status, write }: JournalEntry): boolean {
  const { protocol, matchers } = filter;
  if (sequence <= (filter.afterSequence ?? 0)) return false;
  if (filter.tenant !== undefined && filter.tenant !== tenant) return false;
  if (filter.path !== undefined && filter.path !== path) return false;
  if (filter.status !== undefined && filter.status !== status) return false;
  if (protocol !== undefined && (write === undefined || (protocol !== 'write' && protocol !== write.protocol)))
    return false;
  if (matchers === undefined || matchers.length === 0) return true;
  return write !== undefined && receivedSeries(write, matchers).next().done === false;
}
