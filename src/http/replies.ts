import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { replaceInvalidUtf8 } from '../model/utf8.ts';
import { makeInSlices } from '../model/work.ts';
import { errorJson } from '../wire/list-json.ts';

/** A plain answer as Go's `http.Error` writes it: a text that ends in a newline and must not be taken for HTML. */
export function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'text/plain; charset=utf-8')
    .header('x-content-type-options', 'nosniff')
    .send(`${replaceInvalidUtf8(text)}\n`);
}

/** An error of the Prometheus API. Some of Cortex's have no type. */
export interface ApiError {
  readonly status: number;
  readonly errorType: string | undefined;
  readonly message: string;
}

export function sendApiError(reply: FastifyReply, { status, errorType, message }: ApiError): FastifyReply {
  return sendJson(reply.code(status), errorJson(message, errorType));
}

export function sendJson(reply: FastifyReply, text: string): FastifyReply {
  // As bytes: Fastify would add a charset to the type of a text.
  return sendJsonBytes(reply, Buffer.from(text));
}

const EMPTY = new Uint8Array(0);

function sendJsonBytes(reply: FastifyReply, bytes: Uint8Array): FastifyReply {
  return reply.header('content-type', 'application/json').send(bytes);
}

/** Sends JSON that comes in chunks: one goes out as it is, more are produced as fast as the client takes them. */
export function sendJsonChunks(reply: FastifyReply, chunks: Iterable<Uint8Array>): FastifyReply {
  const iterator = chunks[Symbol.iterator]();
  const first = iterator.next();
  const second = first.done ? first : iterator.next();
  if (second.done) return sendJsonBytes(reply, first.done ? EMPTY : first.value);
  // A socket may take megabytes at once, and everybody else would wait until it has them.
  const paced = makeInSlices(concatenate([first.value, second.value], iterator));
  const stream = Readable.from(paced, { objectMode: false });
  return reply.header('content-type', 'application/json').send(stream);
}

function* concatenate<Chunk>(head: readonly Chunk[], rest: Iterator<Chunk>): Generator<Chunk, void> {
  yield* head;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
}
