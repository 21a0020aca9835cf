import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createLogger } from './config/logger.ts';
import { allSettings, type Config, configOf } from './config/settings.ts';
import type { TenantLimits } from './limits/limits.ts';
import { SystemClock } from './model/clock.ts';
import { SteerableClock } from './model/steerable-clock.ts';
import { ClockControl, type DurationInput } from './pocket/fixture/clock-control.ts';
import { readTenantName } from './pocket/fixture/tenant-copies.ts';
import { type FixtureParts, TenantFixture } from './pocket/fixture/tenant-fixture.ts';
import { playSource, type ScenarioOptions, type ScenarioSource } from './pocket/scenario/play-source.ts';
import type { PlayedScenario } from './pocket/scenario/player.ts';

export type { ScenarioOptions, ScenarioSource } from './pocket/scenario/play-source.ts';
export type { PlayedScenario } from './pocket/scenario/player.ts';

import { createServer, type Server } from './server.ts';

export type { TenantLimits } from './limits/limits.ts';
export { type ErrorCode, PocketCortexError } from './model/errors.ts';
export type { ClockControl, DurationInput, TimeInput } from './pocket/fixture/clock-control.ts';
export type { LoadOutcome, SeriesColumns } from './pocket/fixture/load.ts';
export { type ReceivedSeries, type ReceiveExpectation, UnmetExpectation } from './pocket/fixture/received.ts';
export type { InstantSeries, RangeSeries } from './pocket/fixture/results.ts';
export type {
  AlertEntry,
  LoadOptions,
  PushedSeries,
  RangeOptions,
  RuleGroupEntry,
  RuleGroupInput,
  TenantFixture,
  TenantSnapshot,
} from './pocket/fixture/tenant-fixture.ts';

export interface PocketCortexOptions {
  /**
   * The time it is inside, in milliseconds since 1970. When it is given, time stands still there and moves by `clock` only;
   * when it is not, it is the machine's time until `clock` says otherwise.
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
  /** A folder of rule files that run for every tenant. */
  readonly rulesDir?: string;
  /** Flags of the command line by name, such as `{ 'ruler.evaluation-interval': '15s' }`. What stands above wins. */
  readonly flags?: Readonly<Record<string, string | number | boolean>>;
  /** How many requests over HTTP are kept for `received` and `toReceive`; 1,000 by default. */
  readonly journal?: number;
  /** Makes the names of `tenant()` the same at every run. */
  readonly seed?: string;
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
  /** Stops, sets and moves that time. */
  readonly clock: ClockControl;
  /**
   * A tenant to work with; without a name one that nobody has used.
   * @throws {PocketCortexError} `bad-data` for what is no id of a tenant
   */
  tenant(name?: string): TenantFixture;
  /**
   * Plays a scenario file into all of its tenants: a fleet's past with that of its rules, and what happens as the clock goes on.
   * Resolves when the past is there.
   * @throws {PocketCortexError} `bad-data` with all that is wrong with the file
   */
  scenario(source: ScenarioSource, options?: ScenarioOptions): Promise<PlayedScenario>;
  /** Answers as it would over HTTP. */
  request(request: PocketCortexRequest): Promise<PocketCortexResponse>;
  /** `clock.advance`. */
  advance(by: DurationInput): Promise<void>;
  /** Ends it. Idempotent; `await using` calls it. */
  close(): Promise<void>;
}

const DEFAULT_JOURNAL_REQUESTS = 1000;

/**
 * Starts a Cortex inside this process: unless asked for, no file and no port.
 * @example
 * await using cortex = await startPocketCortex({ nowMs: Date.UTC(2026, 0, 1) });
 * const tenant = cortex.tenant();
 * await tenant.load('up{job="api"} 1 1 0');
 * await tenant.rules.set({ name: 'g', rules: [{ alert: 'Down', expr: 'up == 0', for: '5m' }] });
 * await cortex.clock.advance('5m');
 * @throws {PocketCortexError} `storage-locked`, `storage-too-new` or `storage-corrupt` for a data file that cannot be used,
 * `bad-config` for flags that cannot be
 */
export async function startPocketCortex(options: PocketCortexOptions = {}): Promise<PocketCortex> {
  const { nowMs, port, seed } = options;
  const clock = new SteerableClock(new SystemClock(), nowMs);
  const logger = createLogger({ format: 'logfmt', level: 'silent', clock, write: () => {} });
  const server = await createServer(await configFor(options), { clock, logger });
  const url = port === undefined ? undefined : await listen(server, port);
  const close = async (): Promise<void> => {
    await server.close();
    // What was put off to the next turn holds all of it in memory.
    await new Promise((resolve) => setImmediate(resolve));
  };
  const parts: FixtureParts = { ...server, journal: server.pocket.journal, clock };
  const control = new ClockControl(clock, server.ruler);
  let tenantCount = 0;
  return {
    url,
    get nowMs() {
      return clock.nowMs();
    },
    clock: control,
    tenant(name) {
      const id = name ?? `test-${seed === undefined ? randomBytes(6).toString('hex') : `${seed}-${++tenantCount}`}`;
      return new TenantFixture(readTenantName(id), parts);
    },
    scenario: (source, options = {}) => playSource(server.scenarios, source, options),
    request: (request) => inject(server, request),
    advance: (by) => control.advance(by),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function configFor(options: PocketCortexOptions): Promise<Config> {
  const { limits, authEnabled, dataFile = ':memory:', rulesDir, journal, flags = {} } = options;
  const config = await configOfFlags(flags);
  return {
    server: {
      ...config.server,
      dataFile,
      ...(authEnabled !== undefined && { authEnabled }),
      journalRequests: journal ?? (config.server.journalRequests || DEFAULT_JOURNAL_REQUESTS),
      ...(rulesDir !== undefined && { provisionedRulesDir: rulesDir }),
    },
    limits: { ...config.limits, ...limits },
    idleLimits: config.idleLimits,
  };
}

async function configOfFlags(flags: NonNullable<PocketCortexOptions['flags']>): Promise<Config> {
  const argv = Object.entries(flags).map(([name, value]) => `-${name.replace(/^-+/, '')}=${value}`);
  if (argv.length === 0) return configOf(new Map());
  const { parseArguments } = await import('./config/arguments.ts');
  return configOf(parseArguments(argv, allSettings).settings);
}

async function listen({ http, close }: Server, port: number): Promise<string> {
  const app = await http();
  try {
    await app.listen({ port, host: '127.0.0.1' });
  } catch (error) {
    await close();
    throw error;
  }
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

async function inject({ http }: Server, request: PocketCortexRequest): Promise<PocketCortexResponse> {
  const { method = 'GET', path, tenant, headers, body } = request;
  const response = await (await http()).inject({
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
