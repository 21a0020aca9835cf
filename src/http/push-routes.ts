import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { WrittenCounts } from '../ingest/distributor.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import type { WriteBatch } from '../model/write-batch.ts';
import { decodeRemoteWrite } from '../wire/remote-write.ts';
import { decodeRemoteWriteV2 } from '../wire/remote-write-v2.ts';
import { decompressSnappy } from '../wire/snappy.ts';
import { SymbolNumbers } from '../wire/symbol-numbers.ts';
import type { AppDependencies } from './dependencies.ts';
import { readBody } from './read-body.ts';
import { remoteWriteType, V2_REFUSAL } from './remote-write-type.ts';
import { sendText } from './replies.ts';
import { readTenant, type TenantReading } from './tenant.ts';
import { tellWouldRefuse } from './would-refuse.ts';
import { passesObserver } from './write-observer.ts';

/** Remote write, at its own path, at the legacy one, and where Cortex's ingester takes it directly. */
export function pushRoutes(deps: AppDependencies): FastifyPluginAsync {
  const { settings } = deps;
  const symbolNumbers = new SymbolNumbers();
  return async (app) => {
    const paths = ['/api/v1/push', `${settings.httpPrefix}/push`, '/ingester/push', '/push'];
    for (const path of paths) app.post(path, (request, reply) => push(deps, symbolNumbers, request, reply));
  };
}

async function push(
  deps: AppDependencies,
  symbolNumbers: SymbolNumbers,
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
  if (type.version === 1) return pushV1(deps, request, reply, reading);
  if (!settings.remoteWriteV2Enabled) return sendText(reply, 415, V2_REFUSAL);
  if (reading.kind === 'malformed') return sendText(reply, 401, reading.reason);
  return pushV2(deps, request, reply, { tenant: reading.tenant, symbolNumbers });
}

async function pushV1(
  deps: AppDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  reading: Exclude<TenantReading, { readonly kind: 'missing' }>,
): Promise<FastifyReply> {
  const batch = await readBatch(deps, request, (body) =>
    decodeRemoteWrite(body, reading.kind === 'tenant' ? deps.store.seriesFinder(reading.tenant, 'fields') : undefined),
  );
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
  { tenant, symbolNumbers }: { readonly tenant: TenantId; readonly symbolNumbers: SymbolNumbers },
): Promise<FastifyReply> {
  const { enableTypeAndUnitLabels, enableStartTimestamp } = deps.limits.forTenant(tenant);
  const batch = await readBatch(deps, request, (body, labelsLimitBytes) =>
    decodeRemoteWriteV2(body, {
      labelsLimitBytes,
      typeAndUnitLabels: enableTypeAndUnitLabels,
      startTimestamps: enableStartTimestamp,
      exemplarOnlySeries: deps.settings.acceptExemplarOnlySeries,
      symbolNumbers,
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
  decode: (body: Uint8Array, limitBytes: number) => WriteBatch,
): Promise<WriteBatch | string> {
  const limitBytes = settings.maxRecvMsgSizeBytes;
  const body = await readBody(request.raw, limitBytes);
  if (body.kind === 'too-large') return `received message larger than max (${body.seenBytes} vs ${limitBytes})`;
  try {
    return decode(decompressSnappy(body.body, limitBytes), limitBytes);
  } catch (error) {
    if (error instanceof PocketCortexError) return error.message;
    throw error;
  }
}
