import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TenantAlertmanager } from '../alertmanager/alertmanagers.ts';
import type { Alert } from '../alertmanager/alerts.ts';
import { groupAlerts, receiversOf } from '../alertmanager/groups.ts';
import { parseMatcher, passesAll } from '../alertmanager/matchers.ts';
import { type Silence, silenceState } from '../alertmanager/silences.ts';
import { quoteGo } from '../model/go-quote.ts';
import type { Matcher } from '../model/matcher.ts';
import { compileRegex } from '../model/regex.ts';
import { decodeUtf8 } from '../model/utf8.ts';
import { readAlerts, readJson, readSilence } from './alertmanager-bodies.ts';
import { buildInfo } from './build-info.ts';
import { parseForm } from './form.ts';
import { readBody } from './read-body.ts';
import { sendJson, sendText } from './replies.ts';

/** More alerts than anybody sends at once; Cortex has no bound. */
const BODY_LIMIT_BYTES = 16 << 20;

/** Go's name for the version of the Alertmanager in Cortex 1.21. */
const ALERTMANAGER_VERSION = '0.32.0';

interface Call {
  readonly manager: TenantAlertmanager;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly nowMs: number;
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** The last part of the path, where it is a parameter. */
  readonly id: string;
}

type Handler = (call: Call) => FastifyReply | Promise<FastifyReply>;

const routes: readonly (readonly [path: RegExp, methods: Readonly<Record<string, Handler>>])[] = [
  [/^\/status$/, { GET: status }],
  [/^\/receivers$/, { GET: receivers }],
  [/^\/alerts$/, { GET: alerts, POST: postAlerts }],
  [/^\/alerts\/groups$/, { GET: groups }],
  [/^\/silences$/, { GET: silences, POST: postSilence }],
  [/^\/silence\/([^/]+)$/, { GET: silence, DELETE: deleteSilence }],
];

/** Answers a request to version 2 of the Alertmanager's API; `path` is what stands behind `/api/v2`. */
export async function alertmanagerV2(
  manager: TenantAlertmanager,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
  nowMs: number,
): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store').header('vary', 'Origin');
  if (request.headers.origin !== undefined) reply.header('access-control-allow-origin', '*');
  for (const [pattern, methods] of routes) {
    const match = pattern.exec(path);
    if (!match) continue;
    const handler = methods[request.method];
    const allowed = Object.keys(methods);
    if (handler === undefined) {
      reply.header('allow', allowed.join(','));
      return sendProblem(reply, 405, 405, `method ${request.method} is not allowed, but [${allowed.join(',')}] are`);
    }
    const query = new Map<string, string[]>();
    const url = request.raw.url ?? '';
    if (url.includes('?')) parseForm(url.slice(url.indexOf('?') + 1), query);
    return handler({ manager, request, reply, nowMs, query, id: match[1] ?? '' });
  }
  return sendProblem(reply, 404, 404, `path /api/v2${path} was not found`);
}

function status({ manager, reply }: Call): FastifyReply {
  const { version, revision, branch, buildUser, buildDate, goVersion } = {
    ...buildInfo,
    version: ALERTMANAGER_VERSION,
  };
  return send(reply, {
    cluster: { peers: [], status: 'ready' },
    config: { original: manager.config.text },
    uptime: isoTime(manager.startedMs),
    versionInfo: { branch, buildDate, buildUser, goVersion, revision, version },
  });
}

function receivers({ manager, query, reply }: Call): FastifyReply {
  const filters = readFilters(query.get('receiver_matchers'));
  if (typeof filters === 'string') return badParameter(reply, 'receiver_matchers', filters);
  const found = manager.config.receivers.filter(({ labels }) => passesAll(filters, labels));
  return send(
    reply,
    found.map(({ labels, name }) => ({ labels, name })),
  );
}

function alerts(call: Call): FastifyReply {
  const wanted = readWanted(call);
  if (!wanted) return call.reply;
  const { manager, reply, nowMs } = call;
  const found = manager.alerts.active(nowMs).flatMap((alert) => {
    const names = receiversOf(manager.config.route, alert);
    return wanted.takes(alert) && names.some(wanted.takesReceiver) ? [alertValue(alert, names)] : [];
  });
  return send(reply, found);
}

function groups(call: Call): FastifyReply {
  const wanted = readWanted(call);
  if (!wanted) return call.reply;
  const { manager, reply, nowMs } = call;
  const taken = manager.alerts.active(nowMs).filter(wanted.takes);
  const found = groupAlerts(manager.config.route, taken).filter(({ receiver }) => wanted.takesReceiver(receiver));
  const names = new Map<Alert, string[]>();
  for (const { receiver, alerts } of found) {
    for (const alert of alerts) names.set(alert, [...(names.get(alert) ?? []), receiver].sort());
  }
  return send(
    reply,
    found.map(({ alerts, labels, receiver }) => ({
      alerts: alerts.map((alert) => alertValue(alert, names.get(alert)!)),
      labels,
      receiver: { name: receiver },
    })),
  );
}

async function postAlerts({ manager, request, reply, nowMs }: Call): Promise<FastifyReply> {
  const body = await readRequest(request, reply, 'alerts');
  if (body === undefined) return reply;
  const reading = readAlerts(body.value);
  if (!reading.ok) return sendProblem(reply, reading.status, reading.code, reading.message);
  const problems = manager.alerts.put(reading.value, nowMs, manager.config.resolveTimeoutMs);
  return problems.length === 0 ? reply.code(200).send() : sendReason(reply, 400, problems.join('\n'));
}

function silences({ manager, query, reply, nowMs }: Call): FastifyReply {
  const filters = readFilters(query.get('filter'));
  if (typeof filters === 'string') return sendReason(reply, 400, filters);
  return send(
    reply,
    manager.silences.list(filters, nowMs).map((one) => silenceValue(one, nowMs)),
  );
}

async function postSilence({ manager, request, reply, nowMs }: Call): Promise<FastifyReply> {
  const body = await readRequest(request, reply, 'silence');
  if (body === undefined) return reply;
  const reading = readSilence(body.value);
  if (!reading.ok) return sendProblem(reply, reading.status, reading.code, reading.message);
  const outcome = manager.silences.set(reading.value, nowMs);
  switch (outcome.kind) {
    case 'set':
      return send(reply, { silenceID: outcome.id });
    case 'refused':
      return sendReason(reply, 400, outcome.message);
    case 'unknown':
      return sendReason(reply, 404, 'silence not found');
  }
}

function silence({ manager, reply, id, nowMs }: Call): FastifyReply {
  if (!isUuid(id)) return badId(reply, id);
  const found = manager.silences.get(id);
  return found ? send(reply, silenceValue(found, nowMs)) : reply.code(404).send();
}

function deleteSilence({ manager, reply, id, nowMs }: Call): FastifyReply {
  if (!isUuid(id)) return badId(reply, id);
  return reply.code(manager.silences.expire(id, nowMs) ? 200 : 404).send();
}

function isUuid(text: string): boolean {
  return /^[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}$/i.test(text);
}

function badId(reply: FastifyReply, id: string): FastifyReply {
  return sendProblem(reply, 422, 601, `silenceID in path must be of type uuid: ${quoteGo(id)}`);
}

interface Wanted {
  readonly takes: (alert: Alert) => boolean;
  readonly takesReceiver: (name: string) => boolean;
}

/**
 * Which alerts a request asks for; undefined when it was answered with what is wrong with it. Cortex does not tell the API
 * which alerts are silenced or inhibited, so parameters that ask for that change nothing.
 */
function readWanted({ manager, query, reply }: Call): Wanted | undefined {
  for (const name of ['active', 'silenced', 'inhibited', 'unprocessed', 'muted']) {
    const text = query.get(name)?.[0] ?? '';
    if (text !== '' && !/^(1|t|true|on|y|yes|ok|checked|selected|enabled|0|f|false|off|n|no)$/i.test(text)) {
      sendProblem(reply, 422, 601, `${name} in query must be of type boolean: ${quoteGo(text)}`);
      return undefined;
    }
  }
  const filters = readFilters(query.get('filter'));
  if (typeof filters === 'string') {
    sendReason(reply, 400, filters);
    return undefined;
  }
  const receiverFilters = readFilters(query.get('receiver_matchers'));
  if (typeof receiverFilters === 'string') {
    badParameter(reply, 'receiver_matchers', receiverFilters);
    return undefined;
  }
  const isNamed = readReceiver(query.get('receiver')?.[0]);
  if (typeof isNamed === 'string') {
    badParameter(reply, 'receiver', isNamed);
    return undefined;
  }
  const labelsOf = new Map(manager.config.receivers.map(({ name, labels }) => [name, labels]));
  return {
    takes: ({ labels }) => passesAll(filters, labels),
    takesReceiver: (name) => isNamed(name) && passesAll(receiverFilters, labelsOf.get(name) ?? {}),
  };
}

function readReceiver(text: string | undefined): ((name: string) => boolean) | string {
  if (text === undefined) return () => true;
  try {
    return compileRegex(text).matches;
  } catch (error) {
    return (error as Error).message;
  }
}

function readFilters(texts: readonly string[] | undefined): readonly Matcher[] | string {
  try {
    return (texts ?? []).map((text) => parseMatcher(text));
  } catch (error) {
    return (error as Error).message;
  }
}

/** The body as JSON; undefined when it was answered with what is wrong with it. */
async function readRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
): Promise<{ readonly value: unknown } | undefined> {
  const reading = await readBody(request.raw, BODY_LIMIT_BYTES);
  if (reading.kind === 'too-large') {
    sendText(reply, 413, 'http: request body too large');
    return undefined;
  }
  const type = (request.contentType ?? 'application/json').split(';')[0]!.trim().toLowerCase();
  if (reading.body.length > 0 && type !== 'application/json') {
    const message = `unsupported media type ${quoteGo(type)}, only [application/json] are allowed`;
    sendProblem(reply, 415, 415, message);
    return undefined;
  }
  if (reading.body.length === 0) {
    sendProblem(reply, 422, 602, `${name} in body is required`);
    return undefined;
  }
  const json = readJson(decodeUtf8(reading.body));
  if (json.ok) return json;
  sendProblem(reply, 400, 400, `parsing ${name} body from "" failed, because ${json.message}`);
  return undefined;
}

function alertValue(alert: Alert, receivers: readonly string[]): object {
  const { annotations, endsAtMs, fingerprint, startsAtMs, updatedAtMs, generatorUrl, labels } = alert;
  return {
    annotations,
    endsAt: isoTime(endsAtMs),
    fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: isoTime(startsAtMs),
    // Cortex never tells its API what became of an alert.
    status: { inhibitedBy: [], mutedBy: [], silencedBy: [], state: 'unprocessed' },
    updatedAt: isoTime(updatedAtMs),
    ...(generatorUrl !== '' && { generatorURL: generatorUrl }),
    labels,
  };
}

function silenceValue(one: Silence, nowMs: number): object {
  const { id, updatedAtMs, annotations, comment, createdBy, endsAtMs, matchers, startsAtMs } = one;
  return {
    id,
    status: { state: silenceState(one, nowMs) },
    updatedAt: isoTime(updatedAtMs),
    ...(annotations && Object.keys(annotations).length > 0 && { annotations }),
    comment,
    createdBy,
    endsAt: isoTime(endsAtMs),
    matchers: matchers.map(({ isEqual, isRegex, name, value }) => ({ isEqual, isRegex, name, value })),
    startsAt: isoTime(startsAtMs),
  };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function send(reply: FastifyReply, value: unknown): FastifyReply {
  return sendJson(reply.code(200), `${JSON.stringify(value)}\n`);
}

/** A text, as JSON. */
function sendReason(reply: FastifyReply, status: number, text: string): FastifyReply {
  return sendJson(reply.code(status), `${JSON.stringify(text)}\n`);
}

/** What the API's own checks of form find. */
function sendProblem(reply: FastifyReply, status: number, code: number, message: string): FastifyReply {
  return sendJson(reply.code(status), JSON.stringify({ code, message }));
}

function badParameter(reply: FastifyReply, name: string, message: string): FastifyReply {
  return sendReason(reply, 400, `failed to parse ${name} param: ${message}`);
}
