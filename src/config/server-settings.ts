import type { SettingTable, ValuesOf } from './setting.ts';

const MINUTE_MS = 60_000;

/**
 * What is set for the whole process. Flags, YAML paths and defaults are Cortex's, apart from what `ARCHITECTURE.md`
 * lists: the port (9009, that of Cortex's own single-process example), the rules API (on, as in that example), and
 * the settings of our own under `pocket`.
 */
export const serverSettings = {
  httpListenPort: {
    flag: 'server.http-listen-port',
    yaml: 'server.http_listen_port',
    kind: 'int',
    default: 9009,
    min: 0,
    max: 65_535,
    about: 'Port of the HTTP server; 0 takes a free one.',
  },
  httpListenAddress: {
    flag: 'server.http-listen-address',
    yaml: 'server.http_listen_address',
    kind: 'string',
    default: '',
    about: 'Address of the HTTP server; empty listens on all.',
  },
  gracefulShutdownTimeoutMs: {
    flag: 'server.graceful-shutdown-timeout',
    yaml: 'server.graceful_shutdown_timeout',
    kind: 'go-duration',
    default: MINUTE_MS / 2,
    about: 'How long requests in flight may take to end after SIGTERM.',
  },
  logFormat: {
    flag: 'log.format',
    yaml: 'server.log_format',
    kind: 'string',
    default: 'logfmt',
    choices: ['logfmt', 'json'],
    about: 'How log lines are written: logfmt or json.',
  },
  logLevel: {
    flag: 'log.level',
    yaml: 'server.log_level',
    kind: 'string',
    default: 'info',
    choices: ['debug', 'info', 'warn', 'error'],
    about: 'The least severe messages to log: debug, info, warn or error.',
  },
  authEnabled: {
    flag: 'auth.enabled',
    yaml: 'auth_enabled',
    kind: 'bool',
    default: true,
    about: 'Whether requests must name their tenant in X-Scope-OrgID. When false, all belong to the tenant "fake".',
  },
  httpPrefix: {
    flag: 'http.prefix',
    yaml: 'http_prefix',
    kind: 'string',
    default: '/api/prom',
    about: 'Path prefix of the legacy API.',
  },
  prometheusHttpPrefix: {
    flag: 'http.prometheus-http-prefix',
    yaml: 'api.prometheus_http_prefix',
    kind: 'string',
    default: '/prometheus',
    about: 'Path prefix of the Prometheus API.',
  },
  alertmanagerHttpPrefix: {
    flag: 'http.alertmanager-http-prefix',
    yaml: 'api.alertmanager_http_prefix',
    kind: 'string',
    default: '/alertmanager',
    about: 'Path prefix of the Alertmanager.',
  },
  responseCompressionEnabled: {
    flag: 'api.response-compression-enabled',
    yaml: 'api.response_compression_enabled',
    kind: 'bool',
    default: false,
    about: 'Compress the answers of query and query_range too, for clients that accept it.',
  },
  buildInfoEnabled: {
    flag: 'api.build-info-enabled',
    yaml: 'api.build_info_enabled',
    kind: 'bool',
    default: false,
    about: 'Serve status/buildinfo.',
  },
  corsOrigin: {
    flag: 'server.cors-origin',
    yaml: 'api.cors_origin',
    kind: 'string',
    default: '.*',
    about: 'Regular expression for the origins that may read the query API from a browser.',
  },
  maxRecvMsgSizeBytes: {
    flag: 'distributor.max-recv-msg-size',
    yaml: 'distributor.max_recv_msg_size',
    kind: 'int',
    default: 100 << 20,
    min: 0,
    about: 'Largest write request, compressed or not, in bytes.',
  },
  maxQueryBodySizeBytes: {
    flag: 'frontend.max-body-size',
    yaml: 'frontend.max_body_size',
    kind: 'int',
    default: 10 << 20,
    min: 0,
    about: 'Largest body of a request to the query API, in bytes.',
  },
  querierMaxSamples: {
    flag: 'querier.max-samples',
    yaml: 'querier.max_samples',
    kind: 'int',
    default: 50_000_000,
    min: 0,
    about: 'Samples that one query may hold in memory.',
  },
  querierTimeoutMs: {
    flag: 'querier.timeout',
    yaml: 'querier.timeout',
    kind: 'go-duration',
    default: 2 * MINUTE_MS,
    about: 'How long one query may take.',
  },
  querierLookbackDeltaMs: {
    flag: 'querier.lookback-delta',
    yaml: 'querier.lookback_delta',
    kind: 'go-duration',
    default: 5 * MINUTE_MS,
    about: 'How long a series is taken to be alive after its last sample.',
  },
  querierDefaultEvaluationIntervalMs: {
    flag: 'querier.default-evaluation-interval',
    yaml: 'querier.default_evaluation_interval',
    kind: 'go-duration',
    default: MINUTE_MS,
    about: 'Step of subqueries that name none.',
  },
  querierExperimentalFunctions: {
    flag: 'querier.enable-promql-experimental-functions',
    yaml: 'querier.enable_promql_experimental_functions',
    kind: 'bool',
    default: false,
    about: "Allow PromQL's experimental functions.",
  },
  rulerApiEnabled: {
    flag: 'ruler.enable-api',
    yaml: 'ruler.enable_api',
    kind: 'bool',
    default: true,
    about: 'Serve the rules API: /api/v1/rules and the rules and alerts of the Prometheus API.',
  },
  rulerEvaluationIntervalMs: {
    flag: 'ruler.evaluation-interval',
    yaml: 'ruler.evaluation_interval',
    kind: 'go-duration',
    default: MINUTE_MS,
    about: 'Interval of rule groups that name none.',
  },
  dataFile: {
    flag: 'pocket.data-file',
    yaml: 'pocket.data_file',
    kind: 'string',
    default: 'data/pocket-cortex.db',
    about: 'The SQLite file that holds everything; its directory is created. ":memory:" keeps nothing.',
  },
  checkpointIntervalMs: {
    flag: 'pocket.checkpoint-interval',
    yaml: 'pocket.checkpoint_interval',
    kind: 'go-duration',
    default: MINUTE_MS,
    about: 'How often logged samples are written as compressed chunks.',
  },
  decodedCacheBytes: {
    flag: 'pocket.decoded-cache-size-bytes',
    yaml: 'pocket.decoded_cache_size_bytes',
    kind: 'int',
    default: 64 << 20,
    min: 0,
    about: 'Memory for chunks that queries have decoded, in bytes.',
  },
} as const satisfies SettingTable;

export type ServerSettings = ValuesOf<typeof serverSettings>;
