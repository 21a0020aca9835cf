import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addOutcomes, type ImportOutcome, NOTHING_IMPORTED } from '../ingest/distributor.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { Matcher } from '../model/matcher.ts';
import type { TenantId } from '../model/tenant.ts';
import type { WriteBatch } from '../model/write-batch.ts';
import { decodeRemoteWrite } from '../wire/remote-write.ts';
import { decompressSnappy } from '../wire/snappy.ts';
import type { AppDependencies } from './dependencies.ts';
import type { ExportRequest } from './export-text.ts';
import { Form, parseForm } from './form.ts';
import { parseBound } from './go-values.ts';
import { optionalTime } from './label-options.ts';
import { loadGrammar } from './load-grammar.ts';
import { asApiError, badData } from './query-failure.ts';
import { discardRest, readBody } from './read-body.ts';
import { sendApiError, sendJson } from './replies.ts';
import type { AddRoutes } from './routes.ts';
import { requireTenant } from './tenant.ts';
import { passesObserver } from './write-observer.ts';

/** Of the rest of a body that is wrong from some line on, so much is waited for: who sends on reads no answer. */
const DISCARDED_BYTES = 64 << 20;

/**
 * Data in and out as text, which no Cortex has: `POST /pocket/v1/import` takes OpenMetrics, Prometheus's text format, JSON
 * lines and remote write, any time in any order; `GET /pocket/v1/export` gives OpenMetrics and JSON lines.
 */
export function pocketDataRoutes(deps: AppDependencies): AddRoutes {
  return (routes) => {
    const ofTenant = routes.within({
      before: requireTenant(deps, (reply, reason) =>
        sendApiError(reply, { status: 400, errorType: 'bad_data', message: reason }),
      ),
      onError: (error, _request, reply) => {
        const known = asApiError(error);
        return known && sendApiError(reply, known);
      },
    });
    ofTenant.post('/pocket/v1/import', (request, reply) => receive(deps, request, reply));
    ofTenant.get('/pocket/v1/export', (request, reply) => send(deps, request, reply));
  };
}

async function receive(deps: AppDependencies, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { tenant } = request;
  const form = queryOf(request);
  const withoutIngester = deps.ingester.writeRefusal();
  if (withoutIngester !== undefined) throw new PocketCortexError('internal', withoutIngester);
  let outcome: ImportOutcome = NOTHING_IMPORTED;
  const media = (request.contentType ?? '').split(';')[0]!.trim().toLowerCase();
  const protocol = media === 'application/x-protobuf' ? 'remote-write-1' : 'text';
  const write = async (batch: WriteBatch): Promise<void> => {
    passesObserver(deps, request, { tenant, protocol, batch });
    outcome = addOutcomes(outcome, await deps.distributor.import(tenant, batch));
  };
  try {
    if (protocol === 'remote-write-1') await write(await readRemoteWrite(deps, request));
    else await receiveText(deps, request, { form, media, write });
  } catch (error) {
    if (!(error instanceof PocketCortexError)) throw error;
    discardRest(request.raw, DISCARDED_BYTES);
    return answer(reply, outcome, error.message);
  }
  return answer(reply, outcome, outcome.firstRefusal);
}

/** What was taken, also where the rest of it was not: `error` says why. */
function answer(reply: FastifyReply, outcome: ImportOutcome, error: string | undefined): FastifyReply {
  const { firstRefusal: _, ...data } = outcome;
  if (error === undefined) return sendJson(reply, JSON.stringify({ status: 'success', data }));
  return sendJson(reply.code(400), JSON.stringify({ status: 'error', errorType: 'bad_data', error, data }));
}

async function readRemoteWrite({ settings }: AppDependencies, request: FastifyRequest): Promise<WriteBatch> {
  const limitBytes = settings.maxRecvMsgSizeBytes;
  const reading = await readBody(request.raw, limitBytes);
  if (reading.kind === 'body') return decodeRemoteWrite(decompressSnappy(reading.body, limitBytes));
  const message = `received message larger than max (${reading.seenBytes} vs ${limitBytes})`;
  throw new PocketCortexError('limit-exceeded', message);
}

interface TextReceipt {
  readonly form: Form;
  readonly media: string;
  readonly write: (batch: WriteBatch) => Promise<void>;
}

async function receiveText(
  { clock }: AppDependencies,
  request: FastifyRequest,
  { form, media, write }: TextReceipt,
): Promise<void> {
  const [{ TextReader, textFormats }, { guessFormat }, { readText }] = await Promise.all([
    import('../wire/text/text-reader.ts'),
    import('../wire/text/guess-format.ts'),
    import('../wire/text/read-text.ts'),
  ]);
  const named = form.get('format');
  const ofName = textFormats.find((format) => format === named);
  if (named !== '' && ofName === undefined) throw badText(`format is one of ${textFormats.join(', ')}`);
  const defaultTimestampMs = timestampOf(form) ?? clock.nowMs();
  const chunks = bodyChunks(request)[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return;
  const format = ofName ?? formatsOfMedia[media] ?? guessFormat(first.value);
  const reader = new TextReader({ format, defaultTimestampMs });
  await readText(joined(first.value, chunks), reader, write);
}

const formatsOfMedia: Readonly<Record<string, 'openmetrics' | 'prometheus' | 'jsonl'>> = {
  'application/openmetrics-text': 'openmetrics',
  'text/plain': 'prometheus',
  'application/json': 'jsonl',
  'application/jsonl': 'jsonl',
  'application/x-ndjson': 'jsonl',
  'application/stream+json': 'jsonl',
};

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** The body as it comes, decompressed. @throws {PocketCortexError} for what is no gzip */
async function* bodyChunks(request: FastifyRequest): AsyncGenerator<Uint8Array, void> {
  const encoding = request.headers['content-encoding'] ?? '';
  const sent = request.raw.iterator({ destroyOnReturn: false });
  if (encoding === '' || encoding === 'identity') {
    yield* sent as AsyncIterable<Uint8Array>;
    return;
  }
  if (encoding !== 'gzip') throw badText(`content-encoding is gzip or nothing, not ${encoding}`);
  // A body that breaks off fails both.
  const gunzip = createGunzip();
  const source = Readable.from(sent, { objectMode: false });
  source.on('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (!isZlibFault(error)) throw error;
    throw badText(`no gzip: ${(error as Error).message}`);
  } finally {
    source.destroy();
  }
}

function isZlibFault(error: unknown): boolean {
  return `${(error as NodeJS.ErrnoException).code}`.startsWith('Z_');
}

async function send(deps: AppDependencies, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const exported = await exportRequest(queryOf(request), request.tenant);
  const { exportText } = await import('./export-text.ts');
  const { text } = exportText(deps.store, exported);
  const type =
    exported.format === 'jsonl' ? 'application/x-ndjson' : 'application/openmetrics-text; version=1.0.0; charset=utf-8';
  return reply.header('content-type', type).send(Readable.from(text, { objectMode: false }));
}

/** @throws {QueryFailure}, {PocketCortexError} `parse-error` */
async function exportRequest(form: Form, tenant: TenantId): Promise<ExportRequest> {
  const texts = form.all('match[]');
  if (texts.length === 0) throw badData('no match[] parameter provided');
  const format = form.get('format') || 'openmetrics';
  if (format !== 'openmetrics' && format !== 'jsonl') throw badData('format is openmetrics or jsonl');
  const windowMs = Number(form.get('window_ms') || 0);
  if (!Number.isSafeInteger(windowMs) || windowMs < 0) throw badData('window_ms is a whole number of milliseconds');
  const selectors = await readSelectors(texts);
  const startMs = optionalTime(form, 'start', -Infinity);
  const endMs = optionalTime(form, 'end', Infinity);
  if (endMs < startMs) throw badData('end timestamp must not be before start timestamp');
  return { tenant, selectors, startMs, endMs, format, windowMs };
}

/** Here `{}` is everything: who exports it means it. @throws {PocketCortexError} `parse-error` */
export async function readSelectors(texts: readonly string[]): Promise<readonly (readonly Matcher[])[]> {
  const { parseSelector } = await loadGrammar();
  return texts.map((text) => (/^\s*\{\s*\}\s*$/.test(text) ? [] : parseSelector(text)));
}

/** The time of samples without one, as the query API writes times. */
function timestampOf(form: Form): number | undefined {
  const text = form.get('timestamp');
  if (text === '') return undefined;
  const time = parseBound(text);
  if (!time.ok) throw badText(`invalid parameter "timestamp": ${time.reason}`);
  return time.ms;
}

/** The parameters of the URL: a body is data, whatever its type says (curl says that all is a form). */
function queryOf(request: FastifyRequest): Form {
  const values = new Map<string, string[]>();
  const url = request.raw.url ?? '';
  const queryStart = url.indexOf('?');
  const reason = queryStart < 0 ? undefined : parseForm(url.slice(queryStart + 1), values);
  if (reason !== undefined) throw badData(reason);
  return new Form(values);
}

function badText(message: string): PocketCortexError {
  return new PocketCortexError('bad-data', message);
}
