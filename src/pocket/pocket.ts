import type { FastifyInstance } from 'fastify';
import type { HttpSettings } from '../http/dependencies.ts';
import type { WriteObserver } from '../http/write-observer.ts';
import type { Clock } from '../model/clock.ts';
import type { Store } from '../storage/types.ts';
import { addPocketRoutes, hidePocketRoutes } from './api/pocket-api.ts';
import type { PocketRoute } from './api/route.ts';
import { FaultHooks } from './faults/fault-hooks.ts';
import { faultRoutes } from './faults/fault-routes.ts';
import { Faults } from './faults/faults.ts';

export interface PocketOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: Pick<HttpSettings, 'authEnabled' | 'federation'>;
  /** Whether it answers under `/pocket/v1`; the library can do without. */
  readonly apiEnabled: boolean;
  /** Routes of other parts. */
  readonly routes?: readonly PocketRoute[];
}

/** What a server has beside being a Cortex: its parts, and how they hang together with HTTP. */
export class Pocket {
  readonly faults = new Faults();
  readonly writeObserver: WriteObserver;
  readonly #options: PocketOptions;
  readonly #faultHooks: FaultHooks;

  constructor(options: PocketOptions) {
    this.#options = options;
    const { faults } = this;
    const faultHooks = new FaultHooks(faults, options.clock, options.settings);
    this.#faultHooks = faultHooks;
    this.writeObserver = {
      get isWatching() {
        return faults.areSet;
      },
      saw: (request, write) => faultHooks.saw(request, write),
    };
  }

  /** For `AppDependencies.extend`. */
  extend(app: FastifyInstance): void {
    const { apiEnabled, routes = [], store } = this.#options;
    this.#faultHooks.install(app);
    if (apiEnabled) addPocketRoutes(app, [...faultRoutes(this.faults, store), ...routes]);
    else hidePocketRoutes(app);
  }
}
