import type { FastifyReply } from 'fastify';
import { replaceInvalidUtf8 } from '../model/utf8.ts';
import type { JsonChunks } from '../wire/json-bytes.ts';
import { errorJson } from '../wire/list-json.ts';
import { JsonStream } from './json-stream.ts';

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

/** Without a copy: `bytes` must stay as they are until they have gone out. */
export function sendJsonBytes(reply: FastifyReply, bytes: Uint8Array): FastifyReply {
  return reply.header('content-type', 'application/json').send(bytes);
}

/** Sends JSON that comes in chunks: an only one goes out as it is, more are made as fast as the client takes them. */
export function sendJsonChunks(reply: FastifyReply, chunks: JsonChunks): FastifyReply {
  const first = chunks.next();
  if (first.done) return sendJsonBytes(reply, first.value);
  return reply.header('content-type', 'application/json').send(new JsonStream(first.value, chunks));
}
