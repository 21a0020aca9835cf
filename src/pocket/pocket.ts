import type { FastifyInstance } from 'fastify';
import type { HttpSettings } from '../http/dependencies.ts';
import type { NotFound } from '../http/paths.ts';
import type { Routes } from '../http/routes.ts';
import type { WriteObserver } from '../http/write-observer.ts';
import { type Clock, SystemClock } from '../model/clock.ts';
import type { Store } from '../storage/types.ts';
import { addPocketRoutes, hidePocketRoutes } from './api/pocket-api.ts';
import type { PocketRoute } from './api/route.ts';
import { FaultHooks } from './faults/fault-hooks.ts';
import { faultRoutes } from './faults/fault-routes.ts';
import { Faults } from './faults/faults.ts';
import { Journal } from './journal/journal.ts';
import { JournalHooks } from './journal/journal-hooks.ts';
import { journalRoutes } from './journal/journal-routes.ts';

export interface PocketOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** The time that whoever sends requests waits by, when somebody holds `clock`. */
  readonly machine: Clock;
  readonly settings: Pick<HttpSettings, 'authEnabled' | 'federation'>;
  /** Whether it answers under `/pocket/v1`; the library can do without. */
  readonly apiEnabled: boolean;
  /** How many requests the journal keeps from the start on; 0 leaves it off. */
  readonly journalRequests: number;
  /** Routes of other parts. */
  readonly routes?: readonly PocketRoute[];
}

/** What a server has beside being a Cortex: its parts, and how they hang together with HTTP. */
export class Pocket {
  readonly faults = new Faults();
  /** Whoever waits for a request waits in time of the machine: the server's may stand still. */
  readonly journal = new Journal(new SystemClock());
  readonly writeObserver: WriteObserver;
  readonly #options: PocketOptions;
  readonly #faultHooks: FaultHooks;
  readonly #journalHooks: JournalHooks;

  constructor(options: PocketOptions) {
    this.#options = options;
    const { clock, machine, settings, journalRequests } = options;
    const { faults, journal } = this;
    if (journalRequests > 0) journal.setLimits({ maxRequests: journalRequests });
    const faultHooks = new FaultHooks({ faults, clock, machine, settings });
    const journalHooks = new JournalHooks(journal, clock, settings);
    this.#faultHooks = faultHooks;
    this.#journalHooks = journalHooks;
    this.writeObserver = {
      get isWatching() {
        return faults.areSet || journal.isOn;
      },
      saw(request, write) {
        journalHooks.saw(request, write);
        return faultHooks.saw(request, write);
      },
    };
  }

  /** For `AppDependencies.extend`. */
  extend(app: FastifyInstance, served: Routes): NotFound | undefined {
    const { apiEnabled, routes = [], store } = this.#options;
    this.#journalHooks.installFirst(app);
    this.#faultHooks.install(app);
    this.#journalHooks.installLast(app);
    if (apiEnabled) {
      return addPocketRoutes(served, [...faultRoutes(this.faults, store), ...journalRoutes(this.journal), ...routes]);
    }
    hidePocketRoutes(app);
    return undefined;
  }
}
