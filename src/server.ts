import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, isAbsolute, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { lazyAlertmanagers } from './alertmanager/lazy-alertmanagers.ts';
import { configYaml } from './config/config-yaml.ts';
import { readTargets } from './config/modules.ts';
import type { RuntimeConfigFile, RuntimeConfigFileOptions } from './config/runtime-config-file.ts';
import type { ServerSettings } from './config/server-settings.ts';
import type { Config } from './config/settings.ts';
import { createApp } from './http/app.ts';
import type { HttpSettings, ServiceStatus } from './http/dependencies.ts';
import { Distributor } from './ingest/distributor.ts';
import { HaTracker } from './ingest/ha-tracker.ts';
import type { IngestSettings } from './ingest/ingest-settings.ts';
import { IngesterLifecycle } from './ingest/ingester-lifecycle.ts';
import { strictTwin, TWIN_RETENTION_MS } from './ingest/strict-twin.ts';
import { countedSource, FetchStatistics } from './limits/fetch-statistics.ts';
import { limitedSource } from './limits/limited-source.ts';
import { Limits } from './limits/limits.ts';
import { timeLimitedSource } from './limits/query-times.ts';
import { assert } from './model/assert.ts';
import type { Clock, Timer } from './model/clock.ts';
import { PocketCortexError } from './model/errors.ts';
import { QuietWatch } from './model/quiet-watch.ts';
import type { SeriesSource } from './model/series-source.ts';
import { SteerableClock } from './model/steerable-clock.ts';
import { runAtOnce } from './model/work.ts';
import { clockRoutes } from './pocket/clock-routes.ts';
import { ClockControl } from './pocket/fixture/clock-control.ts';
import { TenantCopies } from './pocket/fixture/tenant-copies.ts';
import { Pocket } from './pocket/pocket.ts';
import { scenarioRoutes } from './pocket/scenario/scenario-routes.ts';
import { Scenarios } from './pocket/scenario/scenarios.ts';
import { tenantRoutes } from './pocket/tenant-routes.ts';
import { Engine, type EngineOptions } from './promql/engine.ts';
import { lengthLimitedEngine } from './ruler/length-limited-engine.ts';
import { Notifier } from './ruler/notifier/notifier.ts';
import { notifierSettingsOf } from './ruler/notifier/notifier-settings.ts';
import { Provisioner } from './ruler/provisioning/provisioner.ts';
import { type CountedEngine, QueryStatistics } from './ruler/query-statistics.ts';
import { Ruler } from './ruler/ruler.ts';
import type { RulerSettings } from './ruler/ruler-settings.ts';
import { FederatedReads, federatedSource } from './storage/federated-reads.ts';
import { openStore } from './storage/sqlite-store.ts';
import type { Store } from './storage/types.ts';

export interface ServerParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether `/metrics` shows the process too (memory, event loop …). */
  readonly processMetrics?: boolean;
}

/** A server whose parts are wired, not yet listening. */
export interface Server {
  /** What answers HTTP, made when it is first asked for: that takes longer than all the rest. @throws once it is closed */
  http(): Promise<FastifyInstance>;
  readonly store: Store;
  readonly ruler: Ruler;
  readonly pocket: Pocket;
  readonly engine: Engine;
  readonly distributor: Distributor;
  readonly copies: TenantCopies;
  readonly limits: Limits;
  readonly scenarios: Scenarios;
  readonly quiet: QuietWatch;
  /**
   * Loads the data of all tenants, which otherwise whoever comes first waits for; the rules have begun when it resolves.
   */
  warmUp(): Promise<void>;
  /** Ends requests in flight, rules and the store, in this order. Idempotent. */
  close(): Promise<void>;
}

export interface RunningServer {
  /** The address it listens on. */
  readonly address: string;
  readonly port: number;
  /** Where it answers, e.g. `http://127.0.0.1:9009`. */
  readonly url: string;
  readonly scenarios: Scenarios;
  /** Tells when nobody has written or asked anything for a while. */
  readonly quiet: QuietWatch;
  /** As a `Server`'s. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Wires a server together and has it listen.
 * @throws {PocketCortexError} `bad-config` when the address or the data file cannot be had, and what `openStore` throws
 */
export async function startServer(config: Config, parts: ServerParts): Promise<RunningServer> {
  const server = await createServer(config, parts);
  try {
    const app = await server.http();
    await listen(app, config.server);
    const { address, port: boundPort } = app.server.address() as AddressInfo;
    return {
      address,
      port: boundPort,
      url: urlOf(address, boundPort),
      scenarios: server.scenarios,
      quiet: server.quiet,
      warmUp: () => server.warmUp(),
      close: () => server.close(),
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/**
 * The composition root: the one place where clock, store, engine, ruler and app come together.
 * @throws as `startServer`
 */
export async function createServer(config: Config, { clock, logger, processMetrics }: ServerParts): Promise<Server> {
  const { server: settings } = config;
  const metrics = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: metrics });
  const limits = new Limits(config.limits);
  const notifier = new Notifier({
    settings: notifierSettingsOf(settings),
    clock,
    logger: logger.child({ component: 'notifier' }),
    metrics,
  });
  const rulesFolder = provisionedRulesFolder(settings);
  const store = openDataFile(settings, limits, clock, logger);
  const parse = { enableExperimentalFunctions: settings.querierExperimentalFunctions };
  const reads = new FederatedReads(store);
  const ingester = new IngesterLifecycle();
  const limited = limitedStore(store, limits, settings);
  const sourceAt = (time: Pick<Clock, 'nowMs'>): SeriesSource =>
    ingester.guard(federatedSource(timeLimitedSource({ source: limited, limits, clock: time })));
  const engineOptions = {
    source: sourceAt(clock),
    lookbackMs: settings.querierLookbackDeltaMs,
    defaultStepMs: settings.querierDefaultEvaluationIntervalMs,
    maxSamples: settings.querierMaxSamples,
    parse,
  };
  const engine = new Engine(engineOptions);
  // Files change in time of the machine, however the other one is moved.
  const machineClock = clock instanceof SteerableClock ? clock.base : clock;
  const runtimeConfig = await openRuntimeConfig(config, { limits, clock: machineClock, metrics, logger });
  const haTracker = new HaTracker({
    clock,
    limits,
    metrics,
    isEnabled: settings.haTrackerEnabled,
    updateTimeoutMs: settings.haTrackerUpdateTimeoutMs,
  });
  const ingest = { limits, clock, settings: ingestSettings(settings), haTracker };
  const twinStore = settings.ingest === 'lenient' ? openTwinStore(settings, clock) : undefined;
  const distributor = new Distributor({
    ...ingest,
    store,
    metrics,
    judge: twinStore && strictTwin({ original: store, store: twinStore }, ingest),
  });
  const rulerLogger = logger.child({ component: 'ruler' });
  const ruler = new Ruler({
    store,
    engine: lengthLimitedEngine(engine, limits),
    queryStatistics: settings.rulerQueryStatsEnabled
      ? new QueryStatistics({
          countedEngine: () => countedEngine(engineOptions, limits),
          clock,
          metrics,
          logger: rulerLogger,
        })
      : undefined,
    appendRows: async (tenant, rows) => {
      const refusal = ingester.writeRefusal();
      return refusal === undefined ? distributor.appendRows(tenant, rows) : [refusal];
    },
    replay: {
      appendColumns: (...series) => distributor.appendComputed(...series),
      appendRows: (...rows) => distributor.appendComputedRows(...rows),
      engineAt: (time) => lengthLimitedEngine(new Engine({ ...engineOptions, source: sourceAt(time) }), limits),
    },
    runDue: clock instanceof SteerableClock ? () => clock.runDue() : undefined,
    limits,
    clock,
    logger: rulerLogger,
    metrics,
    sink: notifier,
    settings: { ...rulerSettings(settings), parse },
  });
  const provisioner =
    rulesFolder === undefined
      ? undefined
      : new Provisioner({
          folder: rulesFolder,
          backfillMs: settings.provisionedRulesBackfillMs,
          store,
          ruler,
          clock,
          machineClock,
          logger: logger.child({ component: 'provisioner' }),
          metrics,
          parse,
        });
  store.watchTenants((tenant, change) => {
    if (change !== 'deleted') return;
    Promise.all([ruler.forgetTenant(tenant), notifier.forget(tenant)]).catch((error: unknown) =>
      logger.error({ tenant, err: error }, 'ending the rules of a deleted tenant failed'),
    );
  });
  const fallbackFile = settings.alertmanagerFallbackConfigFile;
  const alertmanagers = lazyAlertmanagers({ store, clock, fallbackFile });
  const answers = { ...httpSettings(settings), parse };
  const copies = new TenantCopies({ store, ruler });
  const scenarios = new Scenarios({ store, ruler, clock, logger: logger.child({ component: 'scenarios' }) });
  const routes = [
    ...tenantRoutes({ store, clock, copies }),
    ...scenarioRoutes(scenarios),
    ...(clock instanceof SteerableClock ? clockRoutes(new ClockControl(clock, ruler)) : []),
  ];
  const pocket = new Pocket({
    store,
    clock,
    machine: clock instanceof SteerableClock ? clock.base : clock,
    settings: answers,
    apiEnabled: settings.pocketApiEnabled,
    journalRequests: settings.journalRequests,
    routes,
  });
  const quiet = new QuietWatch(clock, QUIET_MS);
  let isClosing = false;
  const openApp = (): FastifyInstance =>
    createApp({
      store,
      reads,
      engine,
      distributor,
      ingester,
      ruler,
      provisioning: provisioner && (() => provisioner.state()),
      alertmanagers,
      limits,
      runtimeConfig,
      haTracker,
      clock,
      quiet,
      // Fastify tells at `info` where it listens; that is told better, and once, elsewhere.
      logger: logger.child({ component: 'http' }, { level: logger.level === 'info' ? 'warn' : logger.level }),
      metrics,
      settings: answers,
      extend: (app, routes) => pocket.extend(app, routes),
      writeObserver: pocket.writeObserver,
      explainEmpty: async (query) => {
        const { explainEmpty } = await import('./pocket/explain/explain-empty.ts');
        return JSON.stringify(await explainEmpty({ reads, engine }, query));
      },
      configYaml: (mode) => configYaml(config, mode, 'cortex'),
      services: () => serviceStates(settings.target, ingester, isClosing),
    });
  let app: FastifyInstance | undefined;
  const http = async (): Promise<FastifyInstance> => {
    assert(app !== undefined || !isClosing, 'a server is not asked after close()');
    app ??= openApp();
    await app.ready();
    return app;
  };
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    isClosing = true;
    runtimeConfig?.stop();
    scenarios.close();
    quiet.stop();
    if (app !== undefined) await closeApp(app, clock, settings.gracefulShutdownTimeoutMs);
    await provisioner?.stop();
    await ruler.stop();
    await notifier.stop();
    await twinStore?.close();
    await store.close();
  };
  try {
    // A fallback that cannot be used is told at once.
    if (fallbackFile !== '') await alertmanagers();
  } catch (error) {
    await close();
    throw error;
  }
  const rulesStarted = Promise.all([ruler.start(), provisioner?.start()]).catch((error: unknown) =>
    logger.error({ err: error }, 'starting the rules failed'),
  );
  const warmUp = async (): Promise<void> => {
    await rulesStarted;
    for (const tenant of store.tenants()) {
      await store
        .load(tenant)
        .catch((error: unknown) => logger.error({ tenant, err: error }, 'loading a tenant failed'));
    }
  };
  return {
    http,
    store,
    ruler,
    pocket,
    engine,
    distributor,
    copies,
    limits,
    scenarios,
    quiet,
    warmUp,
    close: () => (closing ??= close()),
  };
}

/** Of requests: what keeps memory for the next gives it back then. */
const QUIET_MS = 1500;

/** What of Cortex is in this process, by the names of its modules. */
const services = [
  'alertmanager',
  'compactor',
  'distributor-service',
  'ingester-service',
  'purger',
  'querier',
  'query-frontend',
  'ruler',
  'server',
  'store-gateway',
];

function serviceStates(target: string, ingester: IngesterLifecycle, isClosing: boolean): ServiceStatus[] {
  const names = readTargets(target).includes('all') ? services : [...target.split(','), 'server'];
  return names.map((name) => {
    if (isClosing) return { name, status: 'Stopping' };
    return { name, status: name === 'ingester-service' && ingester.state === 'LEFT' ? 'Terminated' : 'Running' };
  });
}

/** @throws {PocketCortexError} `bad-config` when the file cannot be used */
async function openRuntimeConfig(
  config: Config,
  parts: Pick<RuntimeConfigFileOptions, 'limits' | 'clock' | 'metrics'> & { readonly logger: Logger },
): Promise<RuntimeConfigFile | undefined> {
  const { runtimeConfigFile: file, runtimeConfigDirectory: directory, runtimeConfigBackend } = config.server;
  if (file === '') return undefined;
  if (runtimeConfigBackend !== 'filesystem') {
    throw new PocketCortexError(
      'bad-config',
      `-runtime-config.backend=${runtimeConfigBackend}: object stores are not served; use filesystem`,
    );
  }
  const path = join(isAbsolute(file) ? '' : directory, file);
  // It brings the YAML library along, which takes longer to load than all else of the start.
  const { RuntimeConfigFile } = await import('./config/runtime-config-file.ts');
  const runtimeConfig = new RuntimeConfigFile({
    ...parts,
    config,
    path,
    read: () => readFileSync(path, 'utf8'),
    // Whoever reads it meanwhile finds the old one or the new one.
    write: (text) => {
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    },
    logger: parts.logger.child({ component: 'runtime-config' }),
  });
  runtimeConfig.start();
  return runtimeConfig;
}

function limitedStore(store: Store, limits: Limits, { regexMatcherLimitsEnabled }: ServerSettings): SeriesSource {
  const everything = { selectors: [], startMs: -Infinity, endMs: Infinity };
  return limitedSource({
    source: store,
    limits,
    labelValues: regexMatcherLimitsEnabled
      ? (tenant, labelName) => runAtOnce(store.labelValues({ tenant, labelName, ...everything }))
      : undefined,
  });
}

function ingestSettings(settings: ServerSettings): IngestSettings {
  return {
    shardByAllLabels: settings.shardByAllLabels,
    adminLimitMessage: settings.adminLimitMessage,
    unlimitedMetrics: new Set(settings.ignoreSeriesLimitForMetricNames.split(',')),
    allowsUtf8Names: settings.nameValidationScheme === 'utf8',
  };
}

function httpSettings(settings: ServerSettings): Omit<HttpSettings, 'parse'> {
  return {
    usesMemberlist: settings.haTrackerStore === 'memberlist',
    targets: readTargets(settings.target),
    authEnabled: settings.authEnabled,
    httpPrefix: settings.httpPrefix,
    prometheusHttpPrefix: settings.prometheusHttpPrefix,
    alertmanagerHttpPrefix: settings.alertmanagerHttpPrefix,
    maxRecvMsgSizeBytes: settings.maxRecvMsgSizeBytes,
    remoteWriteV2Enabled: settings.remoteWriteV2Enabled,
    acceptUnknownRemoteWriteContentType: settings.acceptUnknownRemoteWriteContentType,
    otlpMaxRecvMsgSizeBytes: settings.otlpMaxRecvMsgSizeBytes,
    otlpAddMetricSuffixes: settings.otlpAddMetricSuffixes,
    otlpDisableTargetInfo: settings.otlpDisableTargetInfo,
    otlpAllowDeltaTemporality: settings.otlpAllowDeltaTemporality,
    otlpConvertAllAttributes: settings.otlpConvertAllAttributes,
    acceptExemplarOnlySeries: settings.acceptExemplarOnlySeries,
    remoteReadStreaming: settings.remoteReadStreaming,
    maxQueryBodySizeBytes: settings.maxQueryBodySizeBytes,
    buildInfoEnabled: settings.buildInfoEnabled,
    responseCompressionEnabled: settings.responseCompressionEnabled,
    corsOrigin: settings.corsOrigin,
    maxSubquerySteps: settings.querierMaxSubquerySteps,
    defaultEvaluationIntervalMs: settings.querierDefaultEvaluationIntervalMs,
    answersAsMimir: settings.answersAsMimir,
    corsPreflight: settings.corsPreflight,
    requestIdHeader: settings.requestIdHeader,
    maxConcurrentQueries: settings.querierMaxConcurrent,
    queryTimeoutMs: settings.querierTimeoutMs,
    rulerApiEnabled: settings.rulerApiEnabled,
    federation: {
      isEnabled: settings.tenantFederationEnabled,
      takesRegex: settings.tenantFederationRegexEnabled,
      maxTenants: settings.tenantFederationMaxTenant,
    },
    alertmanagerApiEnabled: settings.alertmanagerApiEnabled,
  };
}

/** An engine keeps nothing between queries, so each query may have one. */
function countedEngine({ source, ...options }: EngineOptions, limits: Limits): CountedEngine {
  const fetched = new FetchStatistics();
  const engine = new Engine({ ...options, source: countedSource(source, fetched) });
  return { engine: lengthLimitedEngine(engine, limits), fetched };
}

function rulerSettings(settings: ServerSettings): RulerSettings {
  return {
    evaluationIntervalMs: settings.rulerEvaluationIntervalMs,
    rulePath: settings.rulerRulePath,
    externalUrl: settings.rulerExternalUrl,
    externalLabels: settings.rulerExternalLabels as Readonly<Record<string, string>>,
    maxConcurrentEvals: settings.rulerConcurrentEvalsEnabled ? settings.rulerMaxConcurrentEvals : 1,
    enabledTenants: settings.rulerEnabledTenants,
    disabledTenants: settings.rulerDisabledTenants,
    disablesRuleGroupLabel: settings.rulerDisableRuleGroupLabel,
    resendDelayMs: settings.rulerResendDelayMs,
    forOutageToleranceMs: settings.rulerForOutageToleranceMs,
    forGracePeriodMs: settings.rulerForGracePeriodMs,
    pollIntervalMs: settings.rulesWaitForPoll ? settings.rulerPollIntervalMs : undefined,
  };
}

function openDataFile(settings: ServerSettings, limits: Limits, clock: Clock, logger: Logger): Store {
  const { dataFile: path, checkpointIntervalMs, decodedCacheBytes } = settings;
  if (path !== ':memory:') {
    makeDirectory(dirname(path));
    expectWritable(path);
  }
  return openStore({
    path,
    clock,
    retentionMs: (tenant) => limits.forTenant(tenant).compactorBlocksRetentionPeriodMs,
    checkpointIntervalMs,
    decodedCacheBytes,
    logger: logger.child({ component: 'store' }),
  });
}

/** What a strict Cortex would have, with lenient ingest. */
function openTwinStore({ checkpointIntervalMs, decodedCacheBytes }: ServerSettings, clock: Clock): Store {
  const retentionMs = TWIN_RETENTION_MS;
  return openStore({ path: ':memory:', clock, retentionMs, checkpointIntervalMs, decodedCacheBytes });
}

/** @throws {PocketCortexError} `bad-config` when it is not there */
function provisionedRulesFolder({ provisionedRulesDir: path }: ServerSettings): string | undefined {
  if (path === '') return undefined;
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new PocketCortexError(
      'bad-config',
      `${path} is no folder to read rules from (-pocket.provisioned-rules-dir)`,
    );
  }
  return path;
}

/** Level by level: Node's own recursive way never returns where a level cannot be made, as under `/proc`. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    throw new PocketCortexError('bad-config', `cannot create the data directory ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** SQLite would say no more than "disk I/O error". */
function expectWritable(path: string): void {
  const places = existsSync(path) ? [dirname(path), path] : [dirname(path)];
  for (const place of places) {
    try {
      accessSync(place, constants.R_OK | constants.W_OK);
    } catch (error) {
      const user = process.getuid ? `user ${process.getuid()}` : 'this user';
      throw new PocketCortexError('bad-config', `${user} may not read and write ${place}, where the data goes`, {
        cause: error,
      });
    }
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new PocketCortexError('bad-config', `${path} is a folder, and the data goes to a file (-pocket.data-file)`);
  }
}

async function listen(app: FastifyInstance, settings: ServerSettings): Promise<void> {
  const { httpListenPort: port, httpListenAddress: address } = settings;
  // `::` takes IPv4 too; where a machine (a container, mostly) has no IPv6, there is only 0.0.0.0.
  const hosts = address === '' ? ['::', '0.0.0.0'] : [address];
  for (const [index, host] of hosts.entries()) {
    try {
      await app.listen({ port, host });
      return;
    } catch (error) {
      const isWithoutIpv6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes((error as NodeJS.ErrnoException).code ?? '');
      if (!isWithoutIpv6 || index === hosts.length - 1) throw listenError(error, settings);
    }
  }
}

function listenError(error: unknown, { httpListenPort: port, httpListenAddress: host }: ServerSettings): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const place = host === '' ? `port ${port}` : `port ${port} of ${host}`;
  const texts: Readonly<Record<string, string>> = {
    EADDRINUSE: `${place} is in use by another program; choose another with -server.http-listen-port`,
    EACCES: `no permission to listen on ${place}; choose another with -server.http-listen-port`,
    EADDRNOTAVAIL: `${host} is no address of this machine (-server.http-listen-address)`,
    ENOTFOUND: `${host} is no address of this machine (-server.http-listen-address)`,
  };
  return new PocketCortexError('bad-config', texts[code ?? ''] ?? `cannot listen on ${place}: ${message}`, {
    cause: error,
  });
}

function urlOf(address: string, port: number): string {
  const isAny = address === '::' || address === '0.0.0.0';
  const host = isAny ? 'localhost' : address.includes(':') ? `[${address}]` : address;
  return `http://${host}:${port}`;
}

/** Lets requests in flight end, for at most `timeoutMs`; then their connections are cut. */
async function closeApp(app: FastifyInstance, clock: Clock, timeoutMs: number): Promise<void> {
  let timer: Timer | undefined;
  if (app.server.listening) timer = clock.setTimer(() => app.server.closeAllConnections(), timeoutMs);
  await app.close();
  timer?.cancel();
}
