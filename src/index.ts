import type { AddressInfo } from 'node:net';
import { createLogger } from './config/logger.ts';
import { type Config, defaultConfig } from './config/settings.ts';
import type { TenantLimits } from './limits/limits.ts';
import { type Clock, ManualClock, SystemClock } from './model/clock.ts';
import { createServer, type Server } from './server.ts';

export type { TenantLimits } from './limits/limits.ts';
export { type ErrorCode, PocketCortexError } from './model/errors.ts';

export interface PocketCortexOptions {
  /**
   * The time it is inside, in milliseconds since 1970. When it is given, time stands still there and moves only by
   * `advance`; when it is not, it is the machine's time.
   */
  readonly nowMs?: number;
  /** The port to listen on (of 127.0.0.1), 0 for a free one. By default it does not listen: use `request`. */
  readonly port?: number;
  /** The limits of every tenant, in place of Cortex's defaults. */
  readonly limits?: Partial<TenantLimits>;
  /** Whether requests have to name their tenant, as in Cortex. Default true. */
  readonly authEnabled?: boolean;
  /** A file to keep the data in. By default it is gone with the instance. */
  readonly dataFile?: string;
}

/** A request to an instance, without a network. */
export interface PocketCortexRequest {
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With the query: `/prometheus/api/v1/query?query=up`. */
  readonly path: string;
  /** Becomes `X-Scope-OrgID`. */
  readonly tenant?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface PocketCortexResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** A Cortex inside this process. */
export interface PocketCortex extends AsyncDisposable {
  /** Where it answers over HTTP, e.g. `http://127.0.0.1:41234`; undefined when it does not listen. */
  readonly url: string | undefined;
  /** The time it is inside. */
  readonly nowMs: number;
  /** Answers as it would over HTTP. */
  request(request: PocketCortexRequest): Promise<PocketCortexResponse>;
  /**
   * Moves time forward; rules that become due on the way have been evaluated when it resolves.
   * @throws {Error} without `nowMs`, as the machine's time cannot be moved
   */
  advance(byMs: number): Promise<void>;
  /** Ends it. Idempotent; `await using` calls it. */
  close(): Promise<void>;
}

/**
 * Starts a Cortex inside this process: unless asked for, no file and no port.
 * @example
 * await using cortex = await startPocketCortex({ nowMs: Date.UTC(2026, 0, 1) });
 * await cortex.request({ method: 'POST', path: '/api/v1/rules/demo', tenant: 'team-a', body: rules });
 * await cortex.advance(60_000);
 * @throws {PocketCortexError} `storage-locked`, `storage-too-new` or `storage-corrupt` for a data file that cannot be used
 */
export async function startPocketCortex(options: PocketCortexOptions = {}): Promise<PocketCortex> {
  const { nowMs, port } = options;
  const manualClock = nowMs === undefined ? undefined : new ManualClock(nowMs);
  const clock: Clock = manualClock ?? new SystemClock();
  const logger = createLogger({ format: 'logfmt', level: 'silent', clock, write: () => {} });
  const server = await createServer(configFor(options), { clock, logger });
  const url = port === undefined ? undefined : await listen(server, port);
  const close = (): Promise<void> => server.close();
  return {
    url,
    get nowMs() {
      return clock.nowMs();
    },
    request: (request) => inject(server, request),
    async advance(byMs) {
      if (!manualClock)
        throw new Error('this instance runs on the time of the machine: start it with `nowMs` to move it');
      await manualClock.advance(byMs);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function configFor({ limits, authEnabled = true, dataFile = ':memory:' }: PocketCortexOptions): Config {
  return {
    server: { ...defaultConfig.server, authEnabled, dataFile },
    limits: { ...defaultConfig.limits, ...limits },
    idleLimits: defaultConfig.idleLimits,
  };
}

async function listen({ app, close }: Server, port: number): Promise<string> {
  try {
    await app.listen({ port, host: '127.0.0.1' });
  } catch (error) {
    await close();
    throw error;
  }
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

async function inject({ app }: Server, request: PocketCortexRequest): Promise<PocketCortexResponse> {
  const { method = 'GET', path, tenant, headers, body } = request;
  const response = await app.inject({
    method,
    url: path,
    headers: { ...headers, ...(tenant !== undefined && { 'x-scope-orgid': tenant }) },
    ...(body !== undefined && { payload: typeof body === 'string' ? body : Buffer.from(body) }),
  });
  return {
    status: response.statusCode,
    headers: response.headers as PocketCortexResponse['headers'],
    body: response.body,
  };
}
