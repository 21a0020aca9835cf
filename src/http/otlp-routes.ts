import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PocketCortexError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import type { WriteBatch } from '../model/write-batch.ts';
import type { AppDependencies } from './dependencies.ts';
import { readBody } from './read-body.ts';
import { sendText } from './replies.ts';
import type { AddRoutes } from './routes.ts';
import { readTenant } from './tenant.ts';
import { tellWouldRefuse } from './would-refuse.ts';
import { passesObserver } from './write-observer.ts';

const JSON_TYPE = 'application/json';
const PROTO_TYPE = 'application/x-protobuf';

/** OTLP metrics: the one signal that Cortex takes. */
export function otlpRoutes(deps: AppDependencies): AddRoutes {
  return (routes) => {
    routes.post('/api/v1/otlp/v1/metrics', (request, reply) => receive(deps, request, reply));
  };
}

async function receive(deps: AppDependencies, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const reading = readTenant(request, deps.settings);
  if (reading.kind === 'missing') return sendText(reply, 401, 'no org id');
  // Cortex gives up on such a tenant without a word.
  if (reading.kind === 'malformed') return reply.code(200).send();
  const translation = await translate(deps, request, reading.tenant);
  if (typeof translation === 'string') return sendText(reply, 400, translation);
  const withoutIngester = deps.ingester.writeRefusal();
  if (withoutIngester !== undefined) return sendText(reply, 500, withoutIngester);
  const { tenant } = reading;
  if (!passesObserver(deps, request, { tenant, protocol: 'otlp', batch: translation })) return reply.send();
  const outcome = await deps.distributor.push(tenant, translation);
  tellWouldRefuse(reply, outcome);
  const { status, message } = outcome;
  return status === 200 ? reply.code(200).send() : sendText(reply, status, message);
}

/** What the request says as a write, or Cortex's text for what is wrong with it. */
async function translate(
  deps: AppDependencies,
  request: FastifyRequest,
  tenant: TenantId,
): Promise<WriteBatch | string> {
  const { settings, limits, logger } = deps;
  try {
    const metrics = await readMetrics(request, settings.otlpMaxRecvMsgSizeBytes);
    // Most have no use for it, and they are to start fast.
    const { translateMetrics } = await import('../wire/otlp/translate.ts');
    const { promoteResourceAttributes, enableTypeAndUnitLabels } = limits.forTenant(tenant);
    const { batch, problems, isEmpty } = translateMetrics(metrics, {
      metricSuffixes: settings.otlpAddMetricSuffixes,
      targetInfo: !settings.otlpDisableTargetInfo,
      deltaTemporality: settings.otlpAllowDeltaTemporality,
      allAttributes: settings.otlpConvertAllAttributes,
      promotedAttributes: promoteResourceAttributes,
      typeAndUnitLabels: enableTypeAndUnitLabels,
    });
    if (problems !== '' && isEmpty) return problems;
    if (problems !== '') logger.warn({ tenant, problems }, 'some OTLP metrics cannot be translated');
    return batch;
  } catch (error) {
    if (error instanceof PocketCortexError) return error.message;
    throw error;
  }
}

/** @throws {PocketCortexError} with Cortex's text */
async function readMetrics(request: FastifyRequest, limitBytes: number) {
  const announcedBytes = Number(request.headers['content-length'] ?? 0);
  if (announcedBytes > limitBytes) throw tooLarge(announcedBytes, limitBytes);
  const encoding = request.headers['content-encoding'] ?? '';
  if (encoding !== '' && encoding !== 'gzip') {
    throw refused(
      `unsupported compression: ${encoding}, Supported compression types are "gzip" or '' (no compression)`,
    );
  }
  const type = request.contentType ?? '';
  if (type !== JSON_TYPE && type !== PROTO_TYPE) {
    throw refused(`unsupported content type: ${type}, supported: [${JSON_TYPE}, ${PROTO_TYPE}]`);
  }
  const reading = await readBody(request.raw, limitBytes);
  if (reading.kind === 'too-large') throw tooLarge(reading.seenBytes, limitBytes);
  const body = encoding === 'gzip' ? await gunzipped(reading.body, limitBytes) : reading.body;
  if (type === PROTO_TYPE) return (await import('../wire/otlp/decode-proto.ts')).decodeOtlpProto(body);
  return (await import('../wire/otlp/decode-json.ts')).decodeOtlpJson(body);
}

const gunzipBody = promisify(gunzip) as (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

/** @throws {PocketCortexError} with the words that Go has for it */
async function gunzipped(body: Uint8Array, limitBytes: number): Promise<Uint8Array> {
  // Go looks for the ten bytes of the header before it looks at them.
  if (body.length < 10) throw refused(body.length === 0 ? 'EOF' : 'unexpected EOF');
  try {
    return await gunzipBody(body, { maxOutputLength: limitBytes });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes + 1, limitBytes);
    if (code === 'Z_BUF_ERROR') throw refused('unexpected EOF');
    if (message.includes('header')) throw refused('gzip: invalid header');
    throw refused(message.includes('data check') ? 'gzip: invalid checksum' : `flate: corrupt input: ${message}`);
  }
}

function tooLarge(seenBytes: number, limitBytes: number): PocketCortexError {
  return refused(`received message larger than max (${seenBytes} vs ${limitBytes})`);
}

function refused(text: string): PocketCortexError {
  return new PocketCortexError('malformed-body', text);
}
