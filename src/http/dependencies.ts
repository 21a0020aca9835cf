import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { ParseOptions } from '../../grammar/promql.ts';
import type { Alertmanagers } from '../alertmanager/alertmanagers.ts';
import type { Target } from '../config/modules.ts';
import type { RuntimeConfigFile } from '../config/runtime-config-file.ts';
import type { Distributor } from '../ingest/distributor.ts';
import type { HaTracker } from '../ingest/ha-tracker.ts';
import type { IngesterLifecycle } from '../ingest/ingester-lifecycle.ts';
import type { Limits } from '../limits/limits.ts';
import type { Clock } from '../model/clock.ts';
import type { QuietWatch } from '../model/quiet-watch.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Engine } from '../promql/engine.ts';
import type { ProvisioningState } from '../ruler/provisioning/provisioner.ts';
import type { Ruler } from '../ruler/ruler.ts';
import type { StoreReads } from '../storage/federated-reads.ts';
import type { Store } from '../storage/types.ts';
import type { NotFound } from './paths.ts';
import type { Routes } from './routes.ts';
import type { WriteObserver } from './write-observer.ts';

/** What the HTTP floor is given; it wires nothing itself. */
export interface AppDependencies {
  readonly store: Store;
  /** What queries read: also of several tenants at once. */
  readonly reads: StoreReads;
  readonly engine: Engine;
  readonly distributor: Distributor;
  readonly ingester: IngesterLifecycle;
  readonly ruler: Ruler;
  /** How the folder of provisioned rules is doing, if there is one. */
  readonly provisioning?: (() => ProvisioningState) | undefined;
  /** Loaded when somebody asks for them. */
  readonly alertmanagers: () => Promise<Alertmanagers>;
  readonly limits: Limits;
  /** Limits of single tenants from a file, where there is one. */
  readonly runtimeConfig?: RuntimeConfigFile | undefined;
  readonly haTracker: HaTracker;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Touched by whoever keeps memory for the next request, and tells when to give it back. */
  readonly quiet: QuietWatch;
  /** What `/metrics` shows. */
  readonly metrics: Registry;
  readonly settings: HttpSettings;
  /** The configuration in force as YAML: all of it, what differs from the defaults, or the defaults. */
  readonly configYaml: (mode: ConfigMode) => string;
  /** What `/services` lists; `/ready` answers 200 while all of them run. */
  readonly services: () => readonly ServiceStatus[];
  /**
   * What floors above add: called before any route is there, so that hooks of theirs see every request. Gives what they answer
   * where nothing is.
   */
  readonly extend?: ((app: FastifyInstance, routes: Routes) => NotFound | undefined) | undefined;
  readonly writeObserver?: WriteObserver | undefined;
  /** Says why a query gives nothing, as JSON; for queries that ask with `explain=empty`. */
  readonly explainEmpty?: ((query: EmptyQuery) => Promise<string>) | undefined;
}

/** A query that gave nothing; a step of 0 is an instant query. */
export interface EmptyQuery {
  readonly tenant: TenantId;
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly signal: AbortSignal;
}

export type ConfigMode = 'actual' | 'diff' | 'defaults';

export interface ServiceStatus {
  readonly name: string;
  /** Cortex's words: `Starting`, `Running`, `Stopping`, `Terminated`, `Failed`. */
  readonly status: string;
}

/** Settings of the HTTP edge, by Cortex's flags. */
export interface HttpSettings {
  /** `-distributor.ha-tracker.store=memberlist`. */
  readonly usesMemberlist: boolean;
  /** `-target`: which parts answer. */
  readonly targets: readonly Target[];
  /** `-auth.enabled` (`auth_enabled`): without it every request is the tenant `fake`. */
  readonly authEnabled: boolean;
  /** `-http.prefix` (`http_prefix`): the legacy prefix, `/api/prom`. */
  readonly httpPrefix: string;
  /** `-http.prometheus-http-prefix` (`api.prometheus_http_prefix`): `/prometheus`. */
  readonly prometheusHttpPrefix: string;
  /** `-http.alertmanager-http-prefix` (`api.alertmanager_http_prefix`): `/alertmanager`. */
  readonly alertmanagerHttpPrefix: string;
  /** `-distributor.max-recv-msg-size`: of a push, both as sent and decompressed. */
  readonly maxRecvMsgSizeBytes: number;
  /** `-distributor.remote-writev2-enabled`. */
  readonly remoteWriteV2Enabled: boolean;
  /** `-distributor.accept-unknown-remote-write-content-type`: such a push is taken for remote write 1.0. */
  readonly acceptUnknownRemoteWriteContentType: boolean;
  /** `-distributor.otlp-max-recv-msg-size`: of an OTLP request, both as sent and decompressed. */
  readonly otlpMaxRecvMsgSizeBytes: number;
  /** `-distributor.otlp.add-metric-suffixes`. */
  readonly otlpAddMetricSuffixes: boolean;
  /** `-distributor.otlp.disable-target-info`. */
  readonly otlpDisableTargetInfo: boolean;
  /** `-distributor.otlp.allow-delta-temporality`. */
  readonly otlpAllowDeltaTemporality: boolean;
  /** `-distributor.otlp.convert-all-attributes`. */
  readonly otlpConvertAllAttributes: boolean;
  /** `-pocket.accept-exemplar-only-series`: of remote write 2.0. Cortex refuses the whole request. */
  readonly acceptExemplarOnlySeries: boolean;
  /** `-pocket.remote-read-streaming`: chunks for the remote reads that prefer them. */
  readonly remoteReadStreaming: boolean;
  /** `-frontend.max-body-size`: of a form sent to the query API. */
  readonly maxQueryBodySizeBytes: number;
  /** `-api.build-info-enabled`. */
  readonly buildInfoEnabled: boolean;
  /** `-api.response-compression-enabled`: for `query` and `query_range` too. */
  readonly responseCompressionEnabled: boolean;
  /** `-querier.max-subquery-steps`; 0 is no limit. */
  readonly maxSubquerySteps: number;
  /** `-querier.default-evaluation-interval`: the step of subqueries that name none. */
  readonly defaultEvaluationIntervalMs: number;
  /** `-pocket.answers-as-mimir`. */
  readonly answersAsMimir: boolean;
  /** `-pocket.cors-preflight`: whether other origins may do more than read the query API. */
  readonly corsPreflight: boolean;
  /** `-api.request-id-header`. */
  readonly requestIdHeader: string;
  /** `-server.cors-origin`: an anchored regular expression. */
  readonly corsOrigin: string;
  /** `-querier.max-concurrent`: queries evaluated at a time. */
  readonly maxConcurrentQueries: number;
  /** `-querier.timeout`. */
  readonly queryTimeoutMs: number;
  /** `-ruler.enable-api` (`experimental.ruler.enable-api`): the rules configuration API. */
  readonly rulerApiEnabled: boolean;
  /** `-experimental.alertmanager.enable-api`: the configuration API of Alertmanagers. */
  readonly alertmanagerApiEnabled: boolean;
  /** `-tenant-federation.*`: queries of several tenants. */
  readonly federation: FederationSettings;
  /** The PromQL that queries may use: the same as the engine's. */
  readonly parse: ParseOptions;
}

export interface FederationSettings {
  readonly isEnabled: boolean;
  /** Whether the header is a regular expression for the ids of tenants, instead of a list of them. */
  readonly takesRegex: boolean;
  /** 0 is no limit. */
  readonly maxTenants: number;
}

export const defaultHttpSettings: HttpSettings = {
  usesMemberlist: false,
  targets: ['all'],
  authEnabled: true,
  httpPrefix: '/api/prom',
  prometheusHttpPrefix: '/prometheus',
  alertmanagerHttpPrefix: '/alertmanager',
  maxRecvMsgSizeBytes: 100 << 20,
  remoteWriteV2Enabled: false,
  acceptUnknownRemoteWriteContentType: false,
  otlpMaxRecvMsgSizeBytes: 100 << 20,
  otlpAddMetricSuffixes: true,
  otlpDisableTargetInfo: false,
  otlpAllowDeltaTemporality: false,
  otlpConvertAllAttributes: false,
  acceptExemplarOnlySeries: false,
  remoteReadStreaming: false,
  maxQueryBodySizeBytes: 10 << 20,
  buildInfoEnabled: false,
  responseCompressionEnabled: false,
  maxSubquerySteps: 0,
  defaultEvaluationIntervalMs: 60_000,
  answersAsMimir: false,
  corsPreflight: false,
  requestIdHeader: '',
  corsOrigin: '.*',
  maxConcurrentQueries: 20,
  queryTimeoutMs: 2 * 60_000,
  rulerApiEnabled: false,
  alertmanagerApiEnabled: false,
  federation: { isEnabled: false, takesRegex: false, maxTenants: 0 },
  parse: {},
};
