import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** The `Content-Type` header as it came. */
    contentType: string | undefined;
  }
}

/**
 * Makes Fastify leave bodies alone: routes read the raw stream, each with its own limit, and decide themselves what a
 * content type means. Fastify would answer 415 to those it finds malformed, where Cortex looks at them or does not.
 */
export function takeOverBodies(app: FastifyInstance): void {
  app.decorateRequest('contentType', undefined);
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    request.contentType = headers['content-type'];
    // Not deleted: an object that something was deleted from is slow to read for all who come after.
    headers['content-type'] = undefined;
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
}
