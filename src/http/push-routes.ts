import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WrittenCounts } from '../ingest/distributor.ts';
import { PocketCortexError } from '../model/errors.ts';
import { type Scratch, ScratchPool } from '../model/scratch.ts';
import type { TenantId } from '../model/tenant.ts';
import type { WriteBatch } from '../model/write-batch.ts';
import { KnownTables } from '../wire/known-tables.ts';
import { decodeRemoteWrite } from '../wire/remote-write.ts';
import { decodeRemoteWriteV2 } from '../wire/remote-write-v2.ts';
import { decompressSnappy } from '../wire/snappy.ts';
import { SymbolNumbers } from '../wire/symbol-numbers.ts';
import type { AppDependencies } from './dependencies.ts';
import { readBody } from './read-body.ts';
import { remoteWriteType, V2_REFUSAL } from './remote-write-type.ts';
import { sendText } from './replies.ts';
import type { AddRoutes } from './routes.ts';
import { readTenant, type TenantReading } from './tenant.ts';
import { tellWouldRefuse } from './would-refuse.ts';
import { passesObserver } from './write-observer.ts';

/** Remote write, at its own path, at the legacy one, and where Cortex's ingester takes it directly. */
export function pushRoutes(deps: AppDependencies): AddRoutes {
  const { settings } = deps;
  const memory: RouteMemory = {
    symbols: { symbolNumbers: new SymbolNumbers(), knownTables: new KnownTables() },
    scratch: new ScratchPool(),
  };
  deps.quiet.onQuiet(() => memory.scratch.trim());
  return (routes) => {
    const paths = ['/api/v1/push', `${settings.httpPrefix}/push`, '/ingester/push', '/push'];
    for (const path of paths) routes.post(path, (request, reply) => push(deps, memory, request, reply));
  };
}

/** What stays from request to request. */
interface RouteMemory {
  readonly symbols: SymbolMemory;
  readonly scratch: ScratchPool;
}

interface SymbolMemory {
  readonly symbolNumbers: SymbolNumbers;
  readonly knownTables: KnownTables;
}

async function push(
  deps: AppDependencies,
  { symbols, scratch: pool }: RouteMemory,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { settings } = deps;
  const reading = readTenant(request, settings);
  if (reading.kind === 'missing') return sendText(reply, 401, 'no org id');
  const type = remoteWriteType(request.contentType, settings);
  if (type.kind === 'refused') return sendText(reply, 415, type.text);
  const refusal = encodingRefusal(request);
  if (refusal !== undefined) return sendText(reply, 415, refusal);
  const scratch = pool.borrow();
  try {
    if (type.version === 1) return await pushV1(deps, request, reply, { reading, scratch });
    if (!settings.remoteWriteV2Enabled) return sendText(reply, 415, V2_REFUSAL);
    if (reading.kind === 'malformed') return sendText(reply, 401, reading.reason);
    return await pushV2(deps, request, reply, { tenant: reading.tenant, symbols, scratch });
  } finally {
    scratch.release();
  }
}

async function pushV1(
  deps: AppDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  {
    reading,
    scratch,
  }: { readonly reading: Exclude<TenantReading, { readonly kind: 'missing' }>; readonly scratch: Scratch },
): Promise<FastifyReply> {
  const batch = await readBatch(deps, request, scratch, (body) => {
    const finder = reading.kind === 'tenant' ? deps.store.seriesFinder(reading.tenant, 'fields') : undefined;
    return decodeRemoteWrite(body, { finder, scratch });
  });
  if (typeof batch === 'string') return sendText(reply, 400, batch);
  // Cortex looks at the id of a tenant only when it has the data in its hands.
  if (reading.kind === 'malformed') return sendText(reply, 500, reading.reason);
  const withoutIngester = deps.ingester.writeRefusal();
  if (withoutIngester !== undefined) return sendText(reply, 500, withoutIngester);
  const { tenant } = reading;
  if (!passesObserver(deps, request, { tenant, protocol: 'remote-write-1', batch })) return reply.send();
  const outcome = await deps.distributor.push(tenant, batch);
  tellWouldRefuse(reply, outcome);
  const { status, message } = outcome;
  return status === 200 ? reply.code(200).send() : sendText(reply, status, message);
}

/** Answers with what was written, all zero where nothing was or nobody knows. */
async function pushV2(
  deps: AppDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  {
    tenant,
    symbols,
    scratch,
  }: { readonly tenant: TenantId; readonly symbols: SymbolMemory; readonly scratch: Scratch },
): Promise<FastifyReply> {
  const { enableTypeAndUnitLabels, enableStartTimestamp } = deps.limits.forTenant(tenant);
  const batch = await readBatch(deps, request, scratch, (body, labelsLimitBytes) =>
    decodeRemoteWriteV2(body, {
      labelsLimitBytes,
      typeAndUnitLabels: enableTypeAndUnitLabels,
      startTimestamps: enableStartTimestamp,
      exemplarOnlySeries: deps.settings.acceptExemplarOnlySeries,
      ...symbols,
      seriesFinder: (form) => deps.store.seriesFinder(tenant, form),
      scratch,
    }),
  );
  if (typeof batch === 'string') return sendText(reply, 400, batch);
  tellWritten(reply, { samples: 0, histograms: 0, exemplars: 0 });
  const withoutIngester = deps.ingester.writeRefusal();
  if (withoutIngester !== undefined) return sendText(reply, 500, withoutIngester);
  if (!passesObserver(deps, request, { tenant, protocol: 'remote-write-2', batch })) return reply.send();
  const outcome = await deps.distributor.push(tenant, batch);
  tellWouldRefuse(reply, outcome);
  const { status, message, written } = outcome;
  tellWritten(reply, written);
  return status === 200 ? reply.code(204).send() : sendText(reply, status, message);
}

function tellWritten(reply: FastifyReply, { samples, histograms, exemplars }: WrittenCounts): void {
  reply.header('x-prometheus-remote-write-samples-written', samples);
  reply.header('x-prometheus-remote-write-histograms-written', histograms);
  reply.header('x-prometheus-remote-write-exemplars-written', exemplars);
}

function encodingRefusal(request: FastifyRequest): string | undefined {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === '' || encoding === 'snappy') return undefined;
  return `${encoding} encoding (compression) is not accepted by this server; only snappy is acceptable`;
}

/** The body as a batch, or what is wrong with it. */
async function readBatch(
  { settings }: AppDependencies,
  request: FastifyRequest,
  scratch: Scratch,
  decode: (body: Uint8Array, limitBytes: number) => WriteBatch,
): Promise<WriteBatch | string> {
  const limitBytes = settings.maxRecvMsgSizeBytes;
  const body = await readBody(request.raw, limitBytes);
  if (body.kind === 'too-large') return `received message larger than max (${body.seenBytes} vs ${limitBytes})`;
  try {
    return decode(decompressSnappy(body.body, limitBytes, scratch), limitBytes);
  } catch (error) {
    if (error instanceof PocketCortexError) return error.message;
    throw error;
  }
}
