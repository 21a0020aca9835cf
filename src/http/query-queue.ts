import type { LazyAbort } from '../model/stop-signal.ts';
import type { TenantId } from '../model/tenant.ts';
import { QueryFailure } from './query-failure.ts';

export interface QueryQueueOptions {
  /** How many queries are evaluated at a time. */
  readonly maxConcurrent: number;
  /** How many of a tenant may wait; the next is refused. */
  readonly maxOutstanding: (tenant: TenantId) => number;
}

/** Lets so many queries run at a time; the others wait, tenants taking turns, as in Cortex's query frontend. */
export class QueryQueue {
  readonly #options: QueryQueueOptions;
  /** Whoever waits, by tenant; the tenant whose turn is next comes first. No list is empty. */
  readonly #waiting = new Map<TenantId, (() => void)[]>();
  #runningCount = 0;

  constructor(options: QueryQueueOptions) {
    this.#options = options;
  }

  /**
   * Calls `evaluate` when there is room.
   * @throws {QueryFailure} 429 when too many of the tenant wait; the reason of `abort` when it comes before; what
   * `evaluate` throws
   */
  async run<Result>(
    { tenant, abort }: { tenant: TenantId; abort: Pick<LazyAbort, 'signal' | 'throwIfAborted'> },
    evaluate: () => Promise<Result>,
  ): Promise<Result> {
    abort.throwIfAborted();
    if (this.#hasRoom(tenant)) this.#runningCount += 1;
    else await this.#turn(tenant, abort.signal);
    try {
      return await evaluate();
    } finally {
      this.#runningCount -= 1;
      this.#admitNext();
    }
  }

  #hasRoom(tenant: TenantId): boolean {
    const waitingCount = this.#waiting.get(tenant)?.length ?? 0;
    if (waitingCount >= this.#options.maxOutstanding(tenant)) throw tooManyOutstanding();
    return this.#runningCount < this.#options.maxConcurrent;
  }

  /** Resolves when room was made for who asks. */
  #turn(tenant: TenantId, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const ofTenant = this.#waiting.get(tenant) ?? [];
      const onTurn = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        ofTenant.splice(ofTenant.indexOf(onTurn), 1);
        if (ofTenant.length === 0) this.#waiting.delete(tenant);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      ofTenant.push(onTurn);
      this.#waiting.set(tenant, ofTenant);
    });
  }

  #admitNext(): void {
    for (const [tenant, ofTenant] of this.#waiting) {
      // Behind all others, until its next turn.
      this.#waiting.delete(tenant);
      const onTurn = ofTenant.shift()!;
      if (ofTenant.length > 0) this.#waiting.set(tenant, ofTenant);
      this.#runningCount += 1;
      onTurn();
      return;
    }
  }
}

function tooManyOutstanding(): QueryFailure {
  return new QueryFailure({ status: 429, errorType: 'server_error', message: 'too many outstanding requests' });
}
