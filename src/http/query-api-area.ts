import type { StoreReads } from '../storage/federated-reads.ts';
import type { AppDependencies } from './dependencies.ts';
import type { Form } from './form.ts';
import type { AddRoutes } from './routes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Within the query API: the request's parameters. */
    form: Form;
  }
}

/** What the query API is given: of the store only reads, which may be of several tenants joined. */
export interface QueryApiDependencies extends Omit<AppDependencies, 'store'> {
  readonly store: StoreReads;
}

/** Routes below one prefix of the query API, such as `/prometheus/api/v1`. */
export type QueryApiArea = (deps: QueryApiDependencies) => AddRoutes;
