import { posix } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { sendText } from './replies.ts';

/**
 * What Cortex's router does with paths: an unclean one is answered with a redirect to the clean one, a known path with
 * a wrong method with an empty 405, an unknown one with a 404. All of that comes before anybody asks for a tenant.
 * Register it before any route.
 */
export function routeLikeCortex(app: FastifyInstance): void {
  const knownPaths: RegExp[] = [];
  app.addHook('onRoute', ({ url }) => {
    knownPaths.push(pathPattern(url));
  });
  app.addHook('onRequest', async (request, reply) => {
    const url = request.raw.url ?? '/';
    // Only these can make a path unclean; nearly every request is done here.
    if (!url.includes('//') && !url.includes('/.')) return;
    const [path, query] = splitUrl(url);
    const clean = cleanPath(path);
    if (clean === path) return;
    return reply
      .code(301)
      .header('location', query === undefined ? clean : `${clean}?${query}`)
      .send();
  });
  app.setNotFoundHandler((request, reply) => {
    const [path] = splitUrl(request.raw.url ?? '/');
    if (knownPaths.some((known) => known.test(path))) return reply.code(405).send();
    return sendText(reply, 404, '404 page not found');
  });
}

function splitUrl(url: string): [path: string, query: string | undefined] {
  const queryStart = url.indexOf('?');
  return queryStart < 0 ? [url, undefined] : [url.slice(0, queryStart), url.slice(queryStart + 1)];
}

/** `path` without empty segments, `.` and `..`; a slash at its end stays. */
export function cleanPath(path: string): string {
  return posix.normalize(path.startsWith('/') ? path : `/${path}`);
}

function pathPattern(routeUrl: string): RegExp {
  const source = routeUrl
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:[A-Za-z]+/g, '[^/]+')
    .replace(/\*/g, '.*');
  return new RegExp(`^${source}$`);
}
