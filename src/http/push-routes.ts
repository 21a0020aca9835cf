import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { PocketCortexError } from '../model/errors.ts';
import { decodeRemoteWrite } from '../wire/remote-write.ts';
import { decompressSnappy } from '../wire/snappy.ts';
import type { AppDependencies } from './dependencies.ts';
import { readBody } from './read-body.ts';
import { contentTypeRefusal } from './remote-write-type.ts';
import { sendText } from './replies.ts';
import { readTenant } from './tenant.ts';

/** Remote write, at its own path, at the legacy one, and where Cortex's ingester takes it directly. */
export function pushRoutes(deps: AppDependencies): FastifyPluginAsync {
  const { settings } = deps;
  return async (app) => {
    const paths = ['/api/v1/push', `${settings.httpPrefix}/push`, '/ingester/push', '/push'];
    for (const path of paths) app.post(path, (request, reply) => push(deps, request, reply));
  };
}

async function push(deps: AppDependencies, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const reading = readTenant(request, deps.settings);
  if (reading.kind === 'missing') return sendText(reply, 401, 'no org id');
  const refusal = contentTypeRefusal(request.contentType) ?? encodingRefusal(request);
  if (refusal !== undefined) return sendText(reply, 415, refusal);
  const limitBytes = deps.settings.maxRecvMsgSizeBytes;
  const body = await readBody(request.raw, limitBytes);
  if (body.kind === 'too-large') {
    return sendText(reply, 400, `received message larger than max (${body.seenBytes} vs ${limitBytes})`);
  }
  const batch = decoded(body.body, limitBytes);
  if (batch instanceof PocketCortexError) return sendText(reply, 400, batch.message);
  // Cortex looks at the id of a tenant only when it has the data in its hands.
  if (reading.kind === 'malformed') return sendText(reply, 500, reading.reason);
  const withoutIngester = deps.ingester.writeRefusal();
  if (withoutIngester !== undefined) return sendText(reply, 500, withoutIngester);
  const { status, message } = await deps.distributor.push(reading.tenant, batch);
  return status === 200 ? reply.code(200).send() : sendText(reply, status, message);
}

function encodingRefusal(request: FastifyRequest): string | undefined {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === '' || encoding === 'snappy') return undefined;
  return `${encoding} encoding (compression) is not accepted by this server; only snappy is acceptable`;
}

function decoded(body: Uint8Array, limitBytes: number) {
  try {
    return decodeRemoteWrite(decompressSnappy(body, limitBytes));
  } catch (error) {
    if (error instanceof PocketCortexError) return error;
    throw error;
  }
}
