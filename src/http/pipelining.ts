import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Has a request wait until the one before it on its connection was answered. Node hands requests over as they come in: a
 * client that sends a query right behind a push, without waiting, would have it answered as if the push had not been.
 */
export function answerInTurn(app: FastifyInstance): void {
  const last = new WeakMap<Socket, ServerResponse>();
  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    const before = last.get(socket);
    last.set(socket, reply.raw);
    if (before === undefined || before.writableFinished || before.destroyed) done();
    else before.once('close', () => done());
  });
}
