import type { FastifyPluginAsync } from 'fastify';
import type { AppDependencies } from './dependencies.ts';
import type { Form } from './form.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Within the query API: the request's parameters. */
    form: Form;
  }
}

/** Routes below one prefix of the query API, such as `/prometheus/api/v1`. */
export type QueryApiArea = (deps: AppDependencies) => FastifyPluginAsync;
