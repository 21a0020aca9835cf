import type { FastifyReply, FastifyRequest } from 'fastify';
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
