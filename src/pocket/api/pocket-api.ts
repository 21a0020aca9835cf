import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { suggest } from '../../config/suggest.ts';
import { parseForm } from '../../http/form.ts';
import type { NotFound } from '../../http/paths.ts';
import { readBody } from '../../http/read-body.ts';
import { sendText } from '../../http/replies.ts';
import type { Routes } from '../../http/routes.ts';
import { type ErrorCode, PocketCortexError } from '../../model/errors.ts';
import { dataRoutes } from './data-routes.ts';
import { openApiDocument } from './openapi.ts';
import type { PocketAnswer, PocketCall, PocketRoute, RouteDescription } from './route.ts';

/** Where everything of our own answers. */
const POCKET_PREFIX = '/pocket/v1';

/** Answers as if there were nothing under the prefix. */
export function hidePocketRoutes(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (request.raw.url?.startsWith(`${POCKET_PREFIX}/`)) sendText(reply, 404, '404 page not found');
    else done();
  });
}

/**
 * Adds `routes`, and the document that describes them and those that others serve there, to `served`. Gives the answer to
 * who comes to a wrong path below the prefix, or with a wrong method.
 */
export function addPocketRoutes(served: Routes, routes: readonly PocketRoute[]): NotFound {
  const all: readonly PocketRoute[] = [...routes, documentRoute(() => all)];
  for (const route of all) {
    served.route({
      method: [route.method],
      url: POCKET_PREFIX + route.path.replace(/\{(\w+)\}/g, ':$1'),
      handler: (request, reply) => answer(route, request, reply),
    });
  }
  return tellWhatIsMissing([...all, ...dataRoutes]);
}

/** Who comes to a wrong path or with a wrong method reads what there is. */
function tellWhatIsMissing(routes: readonly RouteDescription[]): NotFound {
  const paths = [...new Set(routes.map(({ path }) => path))];
  return (request, reply) => {
    const path = (request.raw.url ?? '').split('?', 1)[0]!;
    if (!path.startsWith(`${POCKET_PREFIX}/`)) return undefined;
    const below = path.slice(POCKET_PREFIX.length);
    const ofPath = routes.filter((one) => matchesPath(one.path, below)).map(({ method }) => method);
    if (ofPath.length > 0) {
      const error = `${path} does not take ${request.method} but ${ofPath.join(', ')}`;
      return send(reply.header('allow', ofPath.join(', ')), { status: 405, json: errorBody('bad-data', error) });
    }
    const near = suggest(below, paths);
    const hint = near === undefined ? '' : ` (perhaps ${POCKET_PREFIX}${near} was meant)`;
    const error = `there is no ${path}${hint}: ${POCKET_PREFIX}/openapi.json lists all there is`;
    return send(reply, { status: 404, json: errorBody('not-found', error) });
  };
}

function matchesPath(template: string, path: string): boolean {
  const [parts, given] = [template.split('/'), path.split('/')];
  return parts.length === given.length && parts.every((part, i) => part.startsWith('{') || part === given[i]);
}

function errorBody(code: ErrorCode, error: string): object {
  return { status: 'error', code, error };
}

function documentRoute(routes: () => readonly PocketRoute[]): PocketRoute {
  return {
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document.',
    responses: { 200: { about: 'OpenAPI 3.1.', schema: { type: 'object' } } },
    handle: () => ({ json: openApiDocument(POCKET_PREFIX, [...routes(), ...dataRoutes]) }),
  };
}

async function answer(route: PocketRoute, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const abort = new AbortController();
  const onClose = () => abort.abort(new PocketCortexError('query-cancelled', 'context canceled'));
  reply.raw.once('close', onClose);
  try {
    return send(reply, await route.handle(await readCall(route, request, reply, abort.signal)));
  } catch (error) {
    if (!(error instanceof PocketCortexError)) throw error;
    const { status, code, message } = error;
    return send(reply, { status, json: errorBody(code, message) });
  } finally {
    reply.raw.off('close', onClose);
  }
}

async function readCall(
  route: PocketRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  signal: AbortSignal,
): Promise<PocketCall> {
  const values = new Map<string, string[]>();
  const url = request.raw.url ?? '';
  const queryStart = url.indexOf('?');
  const problem = queryStart < 0 ? undefined : parseForm(url.slice(queryStart + 1), values);
  if (problem !== undefined) throw new PocketCortexError('bad-data', problem);
  checkParameters(route, values);
  return {
    path: request.params as Readonly<Record<string, string>>,
    get: (name) => values.get(name)?.[0] ?? '',
    all: (name) => values.get(name) ?? [],
    body: route.body ? await bodyOf(request, route.body.limitBytes) : new Uint8Array(),
    request,
    reply,
    signal,
  };
}

/** @throws {PocketCortexError} `bad-data` */
function checkParameters({ parameters = [] }: PocketRoute, values: ReadonlyMap<string, readonly string[]>): void {
  const inQuery = parameters.filter((one) => one.in === 'query');
  const known = new Set(inQuery.map(({ name }) => name));
  for (const [name, given] of values) {
    if (!known.has(name)) {
      const choice = known.size === 0 ? 'there are none here' : `there are ${[...known].join(', ')}`;
      throw new PocketCortexError('bad-data', `unknown parameter "${name}": ${choice}`);
    }
    const isRepeated = inQuery.some((one) => one.name === name && one.isRepeated);
    if (given.length > 1 && !isRepeated) throw new PocketCortexError('bad-data', `${name} is given more than once`);
  }
  for (const { name, about, isRequired } of inQuery) {
    if (!isRequired || (values.get(name)?.[0] ?? '') !== '') continue;
    throw new PocketCortexError('bad-data', `the parameter "${name}" is missing: ${about}`);
  }
}

async function bodyOf(request: FastifyRequest, limitBytes: number): Promise<Uint8Array> {
  const reading = await readBody(request.raw, limitBytes);
  if (reading.kind === 'body') return reading.body;
  throw new PocketCortexError('bad-data', `the body is larger than ${limitBytes} bytes`);
}

function send(reply: FastifyReply, answer: PocketAnswer): FastifyReply {
  reply.code(answer.status ?? 200);
  if ('json' in answer) {
    return reply.header('content-type', 'application/json').send(Buffer.from(`${JSON.stringify(answer.json)}\n`));
  }
  const body = 'text' in answer ? Buffer.from(answer.text) : Buffer.from(answer.bytes);
  return reply.header('content-type', answer.contentType).send(body);
}
