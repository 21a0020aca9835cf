import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import type { ServerSettings } from '../../src/config/server-settings.ts';
import { defaultConfig } from '../../src/config/settings.ts';
import type { TenantLimits } from '../../src/limits/limits.ts';
import { ManualClock } from '../../src/model/clock.ts';
import { createServer, type Server } from '../../src/server.ts';
import { encodeRemoteWrite, type WriteRequestMessage } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';

/** The time of a test server at its start: 2023-11-14T22:13:20Z. */
export const START_MS = 1_700_000_000_000;

export interface TestAppOptions {
  readonly limits?: Partial<TenantLimits>;
  readonly server?: Partial<ServerSettings>;
}

export type Headers = Readonly<Record<string, string>>;
export type Query = Readonly<Record<string, string | number | readonly string[]>>;

/** What a test compares. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The text parsed, where the type says JSON. */
  readonly json: unknown;
  readonly headers: LightMyRequestResponse['headers'];
}

/** A whole server in memory, without a port; its time moves by hand. Paths without a slash are of the Prometheus API. */
export class TestApp {
  readonly server: Server;
  readonly http: FastifyInstance;
  readonly clock: ManualClock;

  constructor(server: Server, http: FastifyInstance, clock: ManualClock) {
    this.server = server;
    this.http = http;
    this.clock = clock;
  }

  get(path: string, query: Query = {}, headers: Headers = {}): Promise<Answer> {
    return this.send('GET', `${path}${queryText(query)}`, undefined, headers);
  }

  postForm(path: string, query: Query, headers: Headers = {}): Promise<Answer> {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.send('POST', path, queryText(query).slice(1), { ...type, ...headers });
  }

  push(request: WriteRequestMessage, headers: Headers = {}): Promise<Answer> {
    return this.pushBytes(compressSnappy(encodeRemoteWrite(request)), headers);
  }

  pushBytes(body: Uint8Array, headers: Headers = {}): Promise<Answer> {
    const types = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
    return this.send('POST', '/api/v1/push', body, { ...types, ...headers });
  }

  /** Sends as tenant `test`; a header that is '' is left out. */
  async send(method: string, path: string, body?: string | Uint8Array, headers: Headers = {}): Promise<Answer> {
    const sent = Object.entries({ 'x-scope-orgid': 'test', ...headers }).filter(([, value]) => value !== '');
    const response = await this.http.inject({
      method: method as NonNullable<InjectOptions['method']>,
      url: path.startsWith('/') ? path : `/prometheus/api/v1/${path}`,
      headers: Object.fromEntries(sent),
      ...(body !== undefined && { payload: typeof body === 'string' ? body : Buffer.from(body) }),
    });
    const isJson = `${response.headers['content-type']}`.startsWith('application/json');
    const isPlain = response.headers['content-encoding'] === undefined;
    return {
      status: response.statusCode,
      text: response.body,
      json: isJson && isPlain ? response.json() : undefined,
      headers: response.headers,
    };
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

export async function createTestApp({ limits, server }: TestAppOptions = {}): Promise<TestApp> {
  const clock = new ManualClock(START_MS);
  const config = {
    server: { ...defaultConfig.server, dataFile: ':memory:', ...server },
    limits: { ...defaultConfig.limits, ...limits },
    idleLimits: defaultConfig.idleLimits,
  };
  const created = await createServer(config, { clock, logger: pino({ level: 'silent' }) });
  return new TestApp(created, await created.http(), clock);
}

function queryText(query: Query): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const single of Array.isArray(value) ? value : [value]) form.append(name, `${single}`);
  }
  return form.size === 0 ? '' : `?${form}`;
}
