import { posix } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendText } from './replies.ts';
import type { Route, RouteTable } from './routes.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** What answers. */
    routes: RouteTable;
  }
  interface FastifyRequest {
    /** Who answers; undefined when nobody does, for its path or its method. */
    route: Route | undefined;
  }
}

/** Answers, or not, what no route answers: undefined leaves it to others. */
export type NotFound = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined;

/** Finds the route of every request. Register it before all other hooks. */
export function findRoutes(app: FastifyInstance, table: RouteTable): void {
  app.decorateRequest('route', undefined);
  app.addHook('onRequest', (request, _reply, done) => {
    const match = table.find(request.method, request.raw.url ?? '/');
    if (match !== undefined) {
      request.route = match.route;
      request.params = match.params;
    }
    done();
  });
}

/** An unclean path is answered with a redirect to the clean one, as Cortex's router does, before anybody asks for a tenant. */
export function redirectUnclean(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const url = request.raw.url ?? '/';
    // Only these can make a path unclean; nearly every request is done here.
    if (!url.includes('//') && !url.includes('/.')) return done();
    const [path, query] = splitUrl(url);
    const clean = cleanPath(path);
    if (clean === path) return done();
    reply
      .code(301)
      .header('location', query === undefined ? clean : `${clean}?${query}`)
      .send();
  });
}

/**
 * Has the routes of `table` answer: the server's own router has one route for all, as entering them there would be a fifth of
 * the start of a process. A known path with a wrong method is an empty 405, an unknown one a 404, as in Cortex, unless
 * `notFound` has words of its own. Register it behind all other hooks.
 */
export function answerByRoutes(app: FastifyInstance, table: RouteTable, notFound?: NotFound): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const onSend = request.route?.onSend;
    done(null, onSend === undefined ? payload : onSend(request, reply, payload));
  });
  const nobody = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const answered = notFound?.(request, reply);
    if (answered !== undefined) return answered;
    return table.knows(request.raw.url ?? '/') ? reply.code(405).send() : sendText(reply, 404, '404 page not found');
  };
  app.route({
    method: app.supportedMethods,
    url: '*',
    handler: (request, reply) => {
      const { route } = request;
      if (route === undefined) return nobody(request, reply);
      return route.before.length === 0 ? route.handler(request, reply) : answerAfterHooks(route, request, reply);
    },
  });
  // Methods that Fastify does not know.
  app.setNotFoundHandler(nobody);
}

async function answerAfterHooks(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  for (const hook of route.before) {
    const pending = hook(request, reply);
    if (pending === undefined) continue;
    // A reply that is returned is waited for until it was sent.
    await pending;
    if (reply.sent) return reply;
  }
  return route.handler(request, reply);
}

function splitUrl(url: string): [path: string, query: string | undefined] {
  const queryStart = url.indexOf('?');
  return queryStart < 0 ? [url, undefined] : [url.slice(0, queryStart), url.slice(queryStart + 1)];
}

/** `path` without empty segments, `.` and `..`; a slash at its end stays. */
export function cleanPath(path: string): string {
  return posix.normalize(path.startsWith('/') ? path : `/${path}`);
}
