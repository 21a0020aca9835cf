import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SampleColumns } from '../model/columns.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import { makeInSlices, runInSlices, type Work } from '../model/work.ts';
import type { StoreReads } from '../storage/federated-reads.ts';
import { chunkedReadFrames } from '../wire/chunked-read.ts';
import {
  decodeReadRequest,
  encodeReadResponse,
  encodeReadSeries,
  type ReadQuery,
  type ReadRequest,
} from '../wire/remote-read.ts';
import { compressSnappy, decompressSnappy } from '../wire/snappy.ts';
import type { QueryApiArea } from './query-api-area.ts';
import { readTimes } from './query-time-limits.ts';
import { readBody } from './read-body.ts';
import { sendText } from './replies.ts';

/** A request holds a few queries: Cortex's bound on it. */
const REQUEST_LIMIT_BYTES = 1 << 20;

/** `read`: Prometheus's remote read. Cortex always answers it with samples. */
export const remoteReadRoutes: QueryApiArea =
  ({ store, limits, clock, settings }) =>
  (routes) => {
    routes.post('/read', async (request, reply) => {
      const read = await readRequest(request);
      if (read instanceof PocketCortexError) return sendText(reply, 400, read.message);
      const { queries, prefersChunks } = read;
      if (queries.some(({ startMs, endMs }) => endMs < startMs))
        return sendText(reply, 400, 'invalid blocks time range');
      const { tenant } = request;
      const allowed: ReadQuery[] = [];
      for (const query of queries) {
        const times = readTimes({ limits, clock }, tenant, query);
        if (times.kind === 'fault') return sendText(reply, 400, times.text);
        allowed.push(times.kind === 'empty' ? { ...query, matchers: [] } : { ...query, ...times.times });
      }
      if (prefersChunks && settings.remoteReadStreaming) return stream(reply, store, tenant, allowed);
      return answer(reply, store, tenant, allowed);
    });
  };

async function readRequest(request: FastifyRequest): Promise<ReadRequest | PocketCortexError> {
  const reading = await readBody(request.raw, REQUEST_LIMIT_BYTES);
  if (reading.kind === 'too-large') {
    const text = `received message larger than max (${reading.seenBytes} vs ${REQUEST_LIMIT_BYTES})`;
    return new PocketCortexError('limit-exceeded', text);
  }
  try {
    return decodeReadRequest(decompressSnappy(reading.body, REQUEST_LIMIT_BYTES));
  } catch (error) {
    if (error instanceof PocketCortexError) return error;
    throw error;
  }
}

async function answer(
  reply: FastifyReply,
  store: StoreReads,
  tenant: TenantId,
  queries: readonly ReadQuery[],
): Promise<FastifyReply> {
  const abort = new AbortController();
  const onClose = () => abort.abort(new PocketCortexError('query-cancelled', 'context canceled'));
  reply.raw.once('close', onClose);
  try {
    const results = await runInSlices(readAll(store, tenant, queries), abort.signal);
    return reply
      .header('content-type', 'application/x-protobuf')
      .header('content-encoding', 'snappy')
      .send(Buffer.from(compressSnappy(encodeReadResponse(results))));
  } finally {
    reply.raw.off('close', onClose);
  }
}

function* readAll(store: StoreReads, tenant: TenantId, queries: readonly ReadQuery[]): Work<Uint8Array[][]> {
  const results: Uint8Array[][] = [];
  const samples = new SampleColumns();
  for (const query of queries) {
    const series: Uint8Array[] = [];
    results.push(series);
    // Prometheus would read everything; Cortex reads nothing.
    if (query.matchers.length === 0) continue;
    const set = yield* store.selectInSlices({ tenant, ...query });
    for (let i = 0; i < set.labels.length; i++) {
      set.read(i, samples);
      if (samples.count > 0) series.push(encodeReadSeries(set.labels[i]!, samples));
      yield;
    }
  }
  return results;
}

/** Made as fast as the client takes it, and no further once it has gone: memory holds one series and a frame of it. */
function stream(reply: FastifyReply, store: StoreReads, tenant: TenantId, queries: readonly ReadQuery[]): FastifyReply {
  return reply
    .header('content-type', 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse')
    .send(Readable.from(streamAll(store, tenant, queries), { objectMode: false }));
}

async function* streamAll(
  store: StoreReads,
  tenant: TenantId,
  queries: readonly ReadQuery[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const samples = new SampleColumns();
  for (const [queryIndex, query] of queries.entries()) {
    if (query.matchers.length === 0) continue;
    const set = await runInSlices(store.selectInSlices({ tenant, ...query }));
    for await (const i of makeInSlices(set.labels.keys())) {
      set.read(i, samples);
      yield* makeInSlices(chunkedReadFrames(queryIndex, set.labels[i]!, samples));
    }
  }
}
