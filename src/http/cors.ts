import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { compileRegex } from '../model/regex.ts';

const corsHeaders = {
  'access-control-allow-headers': 'Accept, Authorization, Content-Type, Origin',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-expose-headers': 'Date',
} as const;

/** Sets the headers that let a page of another origin read an answer of the query API. Preflights are not answered. */
export function createCors(originExpression: string): (request: FastifyRequest, reply: FastifyReply) => void {
  const { matches } = compileRegex(originExpression);
  return (request, reply) => {
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined) return;
    reply.headers(corsHeaders);
    if (matches(origin)) reply.header('access-control-allow-origin', origin);
  };
}

const preflightHeaders = {
  'access-control-allow-headers':
    'Accept, Authorization, Content-Encoding, Content-Type, Origin, X-Prometheus-Remote-Read-Version, X-Prometheus-Remote-Write-Version, X-Scope-OrgID',
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-max-age': '600',
} as const;

/**
 * `-pocket.cors-preflight`: answers a browser that asks whether a page may send a request, and lets the page read every
 * answer, errors included.
 */
export function allowOtherOrigins(app: FastifyInstance, originExpression: string): void {
  const setCors = createCors(originExpression);
  const { matches } = compileRegex(originExpression);
  app.addHook('onRequest', async (request, reply) => {
    setCors(request, reply);
    const { origin, 'access-control-request-method': wantedMethod } = request.headers;
    if (request.method !== 'OPTIONS' || origin === undefined || wantedMethod === undefined) return;
    if (matches(origin)) reply.headers(preflightHeaders);
    return reply.code(204).send();
  });
}
