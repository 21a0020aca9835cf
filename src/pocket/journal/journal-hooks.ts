import { finished } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpSettings } from '../../http/dependencies.ts';
import { readTenant } from '../../http/tenant.ts';
import { wouldRefuseOf } from '../../http/would-refuse.ts';
import type { SeenWrite } from '../../http/write-observer.ts';
import type { Clock } from '../../model/clock.ts';
import { FAULT_HEADER } from '../faults/fault-hooks.ts';
import { type JournalEntry, journalWrite } from './entry.ts';
import type { Journal } from './journal.ts';

/** What nobody should read in a journal. */
const SECRET_HEADERS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** One write may take up this part of the journal's room. */
const SHARE_OF_ONE = 1 / 4;

/** Of an answer, of a header or a parameter: memory has its bounds. */
const TEXT_LIMIT_CHARACTERS = 10_000;
const PARAMETERS_LIMIT = 100;

/** Tells a journal of every request but those under `/pocket/`, of which it sees imports only. */
export class JournalHooks {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #settings: Pick<HttpSettings, 'authEnabled' | 'federation'>;
  readonly #entries = new WeakMap<FastifyRequest, JournalEntry>();

  constructor(journal: Journal, clock: Clock, settings: Pick<HttpSettings, 'authEnabled' | 'federation'>) {
    this.#journal = journal;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Before hooks that change answers: it is to see what they made of them. */
  installFirst(app: FastifyInstance): void {
    app.addHook('onRequest', (request, reply, done) => {
      if (this.#journal.isOn && isWatched(request.raw.url ?? '/')) this.#begin(request, reply);
      done();
    });
  }

  /** Behind them. */
  installLast(app: FastifyInstance): void {
    app.addHook('onSend', (request, reply, payload, done) => {
      const entry = this.#journal.isOn ? this.#entries.get(request) : undefined;
      if (entry !== undefined && reply.statusCode >= 400) entry.message = textOf(payload);
      done(null, payload);
    });
  }

  saw(request: FastifyRequest, { protocol, batch }: SeenWrite): void {
    const entry = this.#entries.get(request);
    if (entry === undefined) return;
    const limitBytes = this.#journal.limits.maxBytes * SHARE_OF_ONE;
    entry.write = journalWrite(protocol, batch, {
      nowMs: this.#clock.nowMs(),
      limitBytes,
      before: entry.write,
    });
  }

  #begin(request: FastifyRequest, reply: FastifyReply): void {
    const reading = readTenant(request, this.#settings);
    const entry: JournalEntry = {
      sequence: 0,
      receivedMs: this.#clock.nowMs(),
      method: request.method,
      path: (request.raw.url ?? '/').split('?', 1)[0]!,
      tenant: reading.kind === 'tenant' ? reading.tenant : undefined,
      headers: headersOf(request),
      parameters: {},
      write: undefined,
      status: 0,
      message: '',
      wouldRefuse: undefined,
      fault: undefined,
      sizeBytes: 0,
    };
    this.#entries.set(request, entry);
    finished(reply.raw, (error) => {
      entry.status = error ? 0 : reply.statusCode;
      entry.wouldRefuse = wouldRefuseOf(reply);
      entry.fault = headerText(reply, FAULT_HEADER);
      entry.parameters = parametersOf(request);
      this.#journal.record(entry);
    });
  }
}

/** What asks about the server is no part of what it is asked. */
function isWatched(url: string): boolean {
  return !url.startsWith('/pocket/') || /^\/pocket\/v1\/import(?:\?|$)/.test(url);
}

function headersOf({ raw, contentType }: FastifyRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  // Taken off the request by then, for its routes to read.
  if (contentType !== undefined) headers['content-type'] = contentType;
  for (const [name, value] of Object.entries(raw.headers)) {
    if (value !== undefined && !SECRET_HEADERS.has(name)) headers[name] = `${value}`.slice(0, TEXT_LIMIT_CHARACTERS);
  }
  return headers;
}

function parametersOf({ form, raw }: FastifyRequest): Record<string, readonly string[]> {
  // A form in the body was read by the routes of queries.
  const text = form === undefined || form === null ? new URLSearchParams(raw.url?.split('?')[1] ?? '') : undefined;
  const names = text ? new Set(text.keys()) : form.names();
  const values = (name: string) => (text ? text.getAll(name) : form.all(name)).slice(0, PARAMETERS_LIMIT);
  return Object.fromEntries(
    [...names]
      .slice(0, PARAMETERS_LIMIT)
      .map((name) => [name, values(name).map((value) => value.slice(0, TEXT_LIMIT_CHARACTERS))]),
  );
}

function headerText(reply: FastifyReply, name: string): string | undefined {
  const value = reply.getHeader(name);
  return value === undefined ? undefined : `${value}`;
}

function textOf(payload: unknown): string {
  const text = typeof payload === 'string' ? payload : Buffer.isBuffer(payload) ? payload.toString() : '';
  return text.slice(0, TEXT_LIMIT_CHARACTERS).trimEnd();
}
