import { pipeline, Readable } from 'node:stream';
import { createDeflate, createGzip, deflateSync, gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest, onSendAsyncHookHandler } from 'fastify';

type Encoding = 'gzip' | 'deflate';

const encoders = {
  gzip: { atOnce: gzipSync, stream: createGzip },
  deflate: { atOnce: deflateSync, stream: createDeflate },
} as const satisfies Record<Encoding, unknown>;

/** A small answer is not worth the bytes that an encoding adds; the bound is that of Cortex's gzip handler. */
const WORTH_COMPRESSING_BYTES = 1400;

/** Compresses whatever is sent, as Prometheus's API does for series and labels: the first encoding named wins. */
export function compressAlways(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const encoding = firstEncoding(request);
  return encoding ? compress(reply, encoding, payload) : payload;
}

/** `-api.response-compression-enabled`: gzip for every answer that is large enough. */
export const compressLarge: onSendAsyncHookHandler = async (request, reply, payload) => {
  reply.header('vary', withVary(reply, 'Accept-Encoding'));
  if (reply.hasHeader('content-encoding') || !acceptsGzip(request) || sizeOf(payload) < WORTH_COMPRESSING_BYTES) {
    return payload;
  }
  return compress(reply, 'gzip', payload);
};

/** `name` in front of what the answer varies by already. */
function withVary(reply: FastifyReply, name: string): string {
  const before = reply.getHeader('vary');
  return before === undefined ? name : `${name}, ${before}`;
}

export function acceptsGzip(request: FastifyRequest): boolean {
  return /(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i.test(acceptEncoding(request));
}

function firstEncoding(request: FastifyRequest): Encoding | undefined {
  for (const part of acceptEncoding(request).split(',')) {
    const name = part.trim();
    if (name === 'gzip' || name === 'deflate') return name;
  }
  return undefined;
}

function acceptEncoding(request: FastifyRequest): string {
  return `${request.headers['accept-encoding'] ?? ''}`;
}

function compress(reply: FastifyReply, encoding: Encoding, payload: unknown): unknown {
  const isWhole = typeof payload === 'string' || Buffer.isBuffer(payload);
  if (!isWhole && !(payload instanceof Readable)) return payload;
  reply.header('content-encoding', encoding).removeHeader('content-length');
  if (isWhole) return encoders[encoding].atOnce(payload);
  // The callback is there because it must be: when either end fails, Fastify hears of it from the encoder.
  return pipeline(payload, encoders[encoding].stream(), () => {});
}

/** Streams count as large: only what does not fit into a chunk is streamed. */
function sizeOf(payload: unknown): number {
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return Buffer.byteLength(payload);
  return payload instanceof Readable ? Infinity : 0;
}
