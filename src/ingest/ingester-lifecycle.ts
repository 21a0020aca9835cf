import { PocketCortexError } from '../model/errors.ts';
import type { SeriesSource } from '../model/series-source.ts';

/** Where Cortex's ingester listens for its own kind; nobody does here. */
export const INGESTER_ADDRESS = '127.0.0.1:9095';

/** Cortex's words: what the one ingester is to the ring. `LEFT` is for good. */
export type IngesterState = 'ACTIVE' | 'READONLY' | 'LEFT';

/** Whether the ingester takes writes and answers queries: administrators may set it read-only, or shut it down. */
export class IngesterLifecycle {
  #state: IngesterState = 'ACTIVE';

  get state(): IngesterState {
    return this.#state;
  }

  /** Has no effect once it has left. */
  setMode(state: 'ACTIVE' | 'READONLY'): void {
    if (this.#state !== 'LEFT') this.#state = state;
  }

  leave(): void {
    this.#state = 'LEFT';
  }

  /** Cortex's text for a write that finds no ingester, which is a 500; undefined when there is one. */
  writeRefusal(): string | undefined {
    switch (this.#state) {
      case 'ACTIVE':
        return undefined;
      case 'READONLY':
        return `at least 1 live replicas required, could only find 0 - unhealthy instances: ${INGESTER_ADDRESS}`;
      case 'LEFT':
        return 'DoBatch: InstancesCount <= 0';
    }
  }

  /** @throws {PocketCortexError} `empty-ring` once it has left */
  expectReadable(context = ''): void {
    if (this.#state === 'LEFT') throw new PocketCortexError('empty-ring', `${context}empty ring`);
  }

  /** `source` as queries see it: with nothing behind it once the ingester has left. */
  guard(source: SeriesSource): SeriesSource {
    return {
      selectInSlices: (request) => {
        this.expectReadable('expanding series: ');
        return source.selectInSlices(request);
      },
      select: (request) => {
        this.expectReadable('expanding series: ');
        return source.select(request);
      },
      ...(source.forQuery && { forQuery: () => this.guard(source.forQuery!()) }),
    };
  }
}
