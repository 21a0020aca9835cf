/**
 * The names of all flags of Cortex 1.21, to tell a setting that Cortex has and this program has no use for from a
 * misspelt one. One line a prefix; `@block` stands for a block that Cortex repeats under several prefixes.
 */
export function cortexFlagNames(): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of flagLines.trim().split(/\n(?! )/)) {
    const [, prefix = '', words = ''] = /^(?:(\S+):)?\s*(.*)$/s.exec(line)!;
    for (const word of words.trim().split(/\s+/)) {
      const block = word.startsWith('@') ? blocks[word.slice(1)]!.trim().split(/\s+/) : [word];
      for (const name of block) names.add(prefix === '' ? name : `${prefix}.${name}`);
    }
  }
  return names;
}

const blocks: Readonly<Record<string, string>> = {
  bucket: `
    azure.account-key azure.account-name azure.connection-string azure.container-name azure.endpoint-suffix
    azure.expect-continue-timeout azure.http.idle-conn-timeout azure.http.insecure-skip-verify
    azure.http.response-header-timeout azure.max-connections-per-host azure.max-idle-connections
    azure.max-idle-connections-per-host azure.max-retries azure.msi-resource azure.tls-handshake-timeout
    azure.user-assigned-id backend filesystem.dir gcs.bucket-name gcs.service-account oci.bucket
    oci.compartment-ocid oci.fingerprint oci.max-request-retries oci.part-size oci.private-key
    oci.private-key-passphrase oci.provider oci.region oci.request-retry-interval oci.tenancy-ocid oci.user-ocid
    s3.access-key-id s3.bucket-lookup-type s3.bucket-name s3.disable-dualstack s3.endpoint
    s3.expect-continue-timeout s3.http.idle-conn-timeout s3.http.insecure-skip-verify
    s3.http.response-header-timeout s3.insecure s3.list-objects-version s3.max-connections-per-host
    s3.max-idle-connections s3.max-idle-connections-per-host s3.region s3.secret-access-key s3.send-content-md5
    s3.signature-version s3.tls-handshake-timeout swift.application-credential-id swift.application-credential-name
    swift.application-credential-secret swift.auth-url swift.auth-version swift.connect-timeout
    swift.container-name swift.domain-id swift.domain-name swift.max-retries swift.password swift.project-domain-id
    swift.project-domain-name swift.project-id swift.project-name swift.region-name swift.request-timeout
    swift.user-domain-id swift.user-domain-name swift.user-id swift.username
  `,
  cache: `
    backend inmemory.max-size-bytes memcached.addresses memcached.auto-discovery memcached.max-async-buffer-size
    memcached.max-async-concurrency memcached.max-get-multi-batch-size memcached.max-get-multi-concurrency
    memcached.max-idle-connections memcached.max-item-size memcached.set-async.circuit-breaker.consecutive-failures
    memcached.set-async.circuit-breaker.enabled memcached.set-async.circuit-breaker.failure-percent
    memcached.set-async.circuit-breaker.half-open-max-requests memcached.set-async.circuit-breaker.min-requests
    memcached.set-async.circuit-breaker.open-duration memcached.timeout multilevel.max-async-buffer-size
    multilevel.max-async-concurrency multilevel.max-backfill-items redis.addresses redis.cache-size redis.db
    redis.dial-timeout redis.get-multi-batch-size redis.master-name redis.max-async-buffer-size
    redis.max-async-concurrency redis.max-get-multi-concurrency redis.max-set-multi-concurrency redis.password
    redis.read-timeout redis.set-async.circuit-breaker.consecutive-failures redis.set-async.circuit-breaker.enabled
    redis.set-async.circuit-breaker.failure-percent redis.set-async.circuit-breaker.half-open-max-requests
    redis.set-async.circuit-breaker.min-requests redis.set-async.circuit-breaker.open-duration
    redis.set-multi-batch-size redis.tls-ca-path redis.tls-cert-path redis.tls-enabled
    redis.tls-insecure-skip-verify redis.tls-key-path redis.tls-server-name redis.username redis.write-timeout
  `,
  kv: `
    dynamodb.max-cas-retries dynamodb.puller-sync-time dynamodb.region dynamodb.table-name dynamodb.timeout
    dynamodb.ttl-time multi.mirror-enabled multi.mirror-timeout multi.primary multi.secondary prefix store
  `,
  protection: `
    eviction.check-interval eviction.cooldown-period eviction.eviction-metric eviction.max-evictions-per-cycle
    eviction.min-query-age eviction.threshold.cpu-utilization eviction.threshold.heap-utilization
    rejection.threshold.cpu-utilization rejection.threshold.heap-utilization
  `,
  grpc: `
    backoff-max-period backoff-min-period backoff-on-ratelimits backoff-retries connect-timeout
    grpc-client-rate-limit grpc-client-rate-limit-burst grpc-compression grpc-max-recv-msg-size
    grpc-max-send-msg-size
  `,
  tls: `
    tls-ca-path tls-cert-path tls-insecure-skip-verify tls-key-path tls-server-name
  `,
  stores: `
    consul.acl-token consul.client-timeout consul.consistent-reads consul.hostname consul.tls-ca-path
    consul.tls-cert-path consul.tls-enabled consul.tls-insecure-skip-verify consul.tls-key-path
    consul.tls-server-name consul.watch-burst-size consul.watch-rate-limit etcd.dial-timeout etcd.endpoints
    etcd.max-retries etcd.password etcd.ping-without-stream-allowed etcd.tls-ca-path etcd.tls-cert-path
    etcd.tls-enabled etcd.tls-insecure-skip-verify etcd.tls-key-path etcd.tls-server-name etcd.username
  `,
  sse: `
    s3.sse.kms-encryption-context s3.sse.kms-key-id s3.sse.type
  `,
  configs: `
    configs.client-timeout configs.tls-ca-path configs.tls-cert-path configs.tls-insecure-skip-verify
    configs.tls-key-path configs.tls-server-name configs.url
  `,
};

const flagLines = `
mem-ballast-size-bytes modules name-validation-scheme target version @stores event.sample-rate
alertmanager: alerts-gc-interval api-concurrency disabled-tenants enabled-tenants max-alerts-count
  max-alerts-size-bytes max-config-size-bytes max-dispatcher-aggregation-groups max-recv-msg-size
  max-silences-count max-silences-size-bytes max-template-size-bytes max-templates-count notification-rate-limit
  notification-rate-limit-per-integration persist-interval receivers-firewall-block-cidr-networks
  receivers-firewall-block-private-addresses sharding-enabled
alertmanager-storage: @bucket @sse @configs
alertmanager-storage.local: path
alertmanager-storage.users-scanner: cache-ttl strategy
alertmanager-storage.users-scanner.user-index: max-stale-period update-interval
alertmanager.alertmanager-client: @tls connect-timeout grpc-compression grpc-max-recv-msg-size
  grpc-max-send-msg-size remote-timeout tls-enabled
alertmanager.cluster: advertise-address gossip-interval listen-address peer-timeout peers push-pull-interval
alertmanager.configs: auto-webhook-root fallback poll-interval
alertmanager.sharding-ring: @kv @stores detailed-metrics-enabled disable-replica-set-extension final-sleep
  heartbeat-period heartbeat-timeout instance-availability-zone instance-interface-names
  keep-instance-in-the-ring-on-shutdown replication-factor tokens-file-path wait-instance-state-timeout
  zone-awareness-enabled
alertmanager.storage: path retention
alertmanager.web: external-url
api: build-info-enabled http-request-headers-to-log querier-default-codec request-id-header
  response-compression-enabled
auth: enabled
blocks-storage: @bucket @sse
blocks-storage.bucket-store: block-discovery-strategy block-sync-concurrency bucket-store-type consistency-delay
  ignore-blocks-before ignore-blocks-within ignore-deletion-marks-delay index-header-lazy-loading-enabled
  index-header-lazy-loading-idle-timeout lazy-expanded-posting-group-max-key-series-ratio
  lazy-expanded-postings-enabled matchers-cache-max-items max-chunk-pool-bytes max-concurrent
  max-concurrent-data-bytes max-inflight-requests meta-sync-concurrency parquet-query-concurrency
  parquet-shard-cache-size parquet-shard-cache-ttl series-batch-size sync-dir sync-interval tenant-sync-concurrency
blocks-storage.bucket-store.bucket-index: enabled idle-timeout max-stale-period update-on-error-interval
blocks-storage.bucket-store.chunks-cache: @cache attributes-ttl max-get-range-requests subrange-size subrange-ttl
blocks-storage.bucket-store.index-cache: @cache
blocks-storage.bucket-store.index-cache.inmemory: enabled-items
blocks-storage.bucket-store.index-cache.memcached: enabled-items
blocks-storage.bucket-store.index-cache.redis: enabled-items
blocks-storage.bucket-store.metadata-cache: @cache block-index-attributes-ttl bucket-index-content-ttl
  bucket-index-max-size-bytes chunks-list-ttl metafile-attributes-ttl metafile-content-ttl
  metafile-doesnt-exist-ttl metafile-exists-ttl metafile-max-size-bytes partitioned-groups-list-ttl
  tenant-blocks-list-ttl tenants-list-ttl
blocks-storage.bucket-store.parquet-labels-cache: @cache attributes-ttl max-get-range-requests subrange-size
  subrange-ttl
blocks-storage.bucket-store.parquet-row-ranges-cache: @cache ttl
blocks-storage.bucket-store.token-bucket-bytes-limiter: instance-token-bucket-size mode request-token-bucket-size
  user-token-bucket-size
blocks-storage.expanded_postings_cache.block: enabled fetch-timeout max-bytes ttl
blocks-storage.expanded_postings_cache.head: enabled fetch-timeout lazy-matcher-complex-cost-ratio
  lazy-matcher-max-cardinality lazy-matcher-simple-cost-ratio max-bytes ttl
blocks-storage.tsdb: block-ranges-period close-idle-tsdb-timeout dir enable-native-histograms
  flush-blocks-on-shutdown head-chunks-write-buffer-size-bytes head-chunks-write-queue-size
  head-compaction-concurrency head-compaction-idle-timeout head-compaction-interval max-exemplars
  max-tsdb-opening-concurrency-on-startup memory-snapshot-on-shutdown out-of-order-cap-max retention-period
  ship-concurrency ship-interval stripe-size wal-compression-type wal-segment-size-bytes
blocks-storage.users-scanner: cache-ttl strategy
blocks-storage.users-scanner.user-index: max-stale-period update-interval
compactor: accept-malformed-index auto-forget-delay block-deletion-marks-migration-enabled block-files-concurrency
  block-ranges block-sync-concurrency blocks-fetch-concurrency blocks-retention-period caching-bucket-enabled
  cleaner-caching-bucket-enabled cleaner-visit-marker-file-update-interval cleaner-visit-marker-timeout
  cleanup-concurrency cleanup-interval compaction-concurrency compaction-interval compaction-retries
  compaction-strategy compaction-visit-marker-file-update-interval compaction-visit-marker-timeout
  consistency-delay data-dir deletion-delay disabled-tenants enabled-tenants meta-sync-concurrency
  partition-index-size-bytes partition-series-count sharding-enabled sharding-planner-delay sharding-strategy
  skip-blocks-with-out-of-order-chunks-enabled tenant-cleanup-delay tenant-shard-size
compactor.ring: @kv @stores detailed-metrics-enabled heartbeat-period heartbeat-timeout instance-interface-names
  tokens-file-path unregister-on-shutdown wait-active-instance-timeout wait-stability-max-duration
  wait-stability-min-duration
config: expand-env file
configs.database: migrations-dir password-file uri
configs.notifications: disable-email disable-webhook
debug: block-profile-rate mutex-profile-fraction
distributor: accept-unknown-remote-write-content-type client-cleanup-period drop-label enable-start-timestamp
  enable-type-and-unit-labels excluded-zones extend-writes extra-query-delay health-check-ingesters
  ingestion-burst-size ingestion-rate-limit ingestion-rate-limit-strategy ingestion-tenant-shard-size
  max-recv-msg-size native-histogram-ingestion-burst-size native-histogram-ingestion-rate-limit num-push-workers
  num-query-workers otlp-max-recv-msg-size promote-resource-attributes remote-timeout remote-writev2-enabled
  replication-factor shard-by-all-labels sharding-strategy sign-write-requests sign-write-requests-keys
  use-stream-push zone-awareness-enabled
distributor.ha-tracker: @kv @stores cluster enable enable-for-all-users enable-startup-sync failover-timeout
  max-clusters replica update-timeout update-timeout-jitter-max
distributor.instance-limits: max-inflight-client-requests max-inflight-push-requests max-ingestion-rate
distributor.otlp: add-metric-suffixes allow-delta-temporality convert-all-attributes disable-target-info
  enable-type-and-unit-labels
distributor.ring: @kv @stores detailed-metrics-enabled heartbeat-period heartbeat-timeout instance-interface-names
dynamodb: max-cas-retries puller-sync-time region table-name timeout ttl-time
experimental.alertmanager: enable-api
experimental.distributor.ha-tracker: mixed-ha-samples
experimental.ruler: api-deduplicate-rules
flusher: exit-after-flush
frontend: cache-queryable-samples-stats compression default-validity downstream-url enabled-ruler-query-stats
  forward-headers-list instance-interface-names log-queries-longer-than max-body-size max-cache-freshness
  max-outstanding-requests-per-tenant max-queriers-per-tenant max-query-response-size
  out-of-order-results-cache-ttl query-stats-enabled query-vertical-shard-size results-cache-ttl
  retry-on-too-many-outstanding-requests scheduler-address scheduler-dns-lookup-period scheduler-worker-concurrency
frontend.background: write-back-buffer write-back-concurrency
frontend.cache: enable-fifocache
frontend.fifocache: duration max-size-bytes max-size-items size
frontend.grpc-client-config: @grpc @tls tls-enabled
frontend.memcached: addresses batchsize circuit-breaker-consecutive-failures circuit-breaker-interval
  circuit-breaker-timeout consistent-hash expiration hostname max-idle-conns max-item-size parallelism service
  timeout update-interval
frontend.query-priority: default-priority enabled
frontend.query-rejection: enabled
frontend.redis: db endpoint expiration idle-timeout master-name max-connection-age password pool-size timeout
  tls-enabled tls-insecure-skip-verify
http: alertmanager-http-prefix prefix prometheus-http-prefix
ingester: active-queried-series-metrics-enabled active-queried-series-metrics-sample-rate
  active-queried-series-metrics-update-period active-queried-series-metrics-window-duration
  active-queried-series-metrics-windows active-series-metrics-enabled active-series-metrics-idle-timeout
  active-series-metrics-update-period admin-limit-message availability-zone disable-chunk-trimming
  enable-matcher-optimization enable-regex-matcher-limits final-sleep head-queried-series-metrics-enabled
  head-queried-series-metrics-sample-rate head-queried-series-metrics-window-duration
  head-queried-series-metrics-windows heartbeat-period ignore-series-limit-for-metric-names join-after
  labels-string-interning-enabled matchers-cache-max-items max-exemplars max-global-metadata-per-metric
  max-global-metadata-per-user max-global-native-histogram-series-per-user max-global-series-per-metric
  max-global-series-per-user max-metadata-per-metric max-metadata-per-user max-native-histogram-series-per-user
  max-series-per-metric max-series-per-user metadata-retain-period min-ready-duration num-tokens observe-period
  out-of-order-time-window rate-update-period readiness-check-ring-health skip-metadata-limits tokens-file-path
  tokens-generator-strategy unregister-on-shutdown upload-compacted-blocks-enabled user-tsdb-configs-update-period
ingester.client: @grpc @tls max-inflight-push-requests tls-enabled
ingester.client.healthcheck: interval timeout unhealthy-threshold
ingester.instance-limits: max-inflight-push-requests max-inflight-query-requests max-ingestion-rate max-series
  max-tenants
ingester.lifecycler: interface
ingester.query-protection: @protection
limits: query-ingesters-within query-store-after shuffle-sharding-ingesters-lookback-period
log: format level
memberlist: @tls abort-if-join-fails advertise-addr advertise-port bind-addr bind-port cluster-label
  cluster-label-verification-disabled compression-enabled dead-node-reclaim-time gossip-interval gossip-nodes
  gossip-to-dead-nodes-time join leave-timeout left-ingesters-timeout max-concurrent-connections max-join-backoff
  max-join-retries max-packet-size message-history-buffer-bytes min-join-backoff nodename packet-dial-timeout
  packet-read-timeout packet-write-timeout pullpush-interval randomize-node-name rejoin-interval retransmit-factor
  stream-timeout tls-enabled tombstone-timeout
multi: mirror-enabled mirror-timeout primary secondary
parquet-converter: auto-forget-delay conversion-interval data-dir enabled file-buffer-enabled max-num-columns
  max-rows-per-row-group meta-sync-concurrency num-row-groups sort-columns tenant-shard-size
parquet-converter.ring: @kv @stores heartbeat-period heartbeat-timeout tokens-file-path
querier: active-query-tracker-dir align-querier-with-step cache-results decoding-concurrency
  default-evaluation-interval dns-lookup-period enable-dynamic-vertical-sharding enable-parquet-queryable
  enable-promql-experimental-functions enable-x-functions frontend-address honor-projection-hints id
  ignore-max-query-length ingester-label-names-with-matchers ingester-metadata-streaming
  ingester-query-max-attempts instance-interface-names lookback-delta max-concurrent
  max-fetched-chunk-bytes-per-query max-fetched-chunks-per-query max-fetched-data-bytes-per-query
  max-fetched-data-duration-per-query max-fetched-series-per-query max-query-into-future max-query-lookback
  max-query-parallelism max-retries-per-request max-samples max-shards-per-query max-subquery-steps optimizers
  parquet-queryable-default-block-store parquet-queryable-fallback-disabled parquet-shard-cache-size
  parquet-shard-cache-ttl per-step-stats-enabled response-compression scheduler-address split-queries-by-interval
  store-gateway-addresses store-gateway-consistency-check-max-attempts store-gateway-query-stats-enabled
  store-gateway-series-batch-size thanos-engine timeout timeout-classification-deadline
  timeout-classification-enabled timeout-classification-eval-threshold worker-match-max-concurrent
  worker-parallelism
querier.frontend-client: @grpc @tls tls-enabled
querier.parquet-queryable: max-fetched-chunk-bytes max-fetched-data-bytes max-fetched-row-count
querier.query-protection: @protection
querier.store-gateway-client: @tls connect-timeout grpc-compression tls-enabled
querier.store-gateway-client.healthcheck: interval timeout unhealthy-threshold
query-frontend: querier-forget-delay
query-scheduler: querier-forget-delay
query-scheduler.grpc-client-config: @grpc @tls tls-enabled
resource-monitor: cpu-rate-interval interval resources
ring: detailed-metrics-enabled heartbeat-timeout prefix store
ruler: alertmanager-discovery alertmanager-refresh-interval alertmanager-url concurrent-evals-enabled
  decoding-concurrency disable-rule-group-label disabled-tenants enable-api enable-ha-evaluation enable-sharding
  enable-x-functions enabled-tenants evaluation-delay-duration evaluation-interval flush-period for-grace-period
  for-outage-tolerance frontend-address liveness-check-timeout max-concurrent-evals max-rule-groups-per-tenant
  max-rules-per-rule-group notification-queue-capacity notification-timeout optimizers poll-interval query-offset
  query-response-format query-stats-enabled resend-delay rule-path search-pending-for sharding-strategy
  tenant-shard-size thanos-engine
ruler-storage: @bucket @sse @configs
ruler-storage.local: directory
ruler-storage.users-scanner: cache-ttl strategy
ruler-storage.users-scanner.user-index: max-stale-period update-interval
ruler.alertmanager-client: @tls basic-auth-password basic-auth-username
ruler.client: @grpc @tls remote-timeout tls-enabled
ruler.external: url
ruler.frontendClient: @grpc @tls tls-enabled
ruler.ring: @kv @stores detailed-metrics-enabled final-sleep heartbeat-period heartbeat-timeout
  instance-interface-names keep-instance-in-the-ring-on-shutdown num-tokens replication-factor tokens-file-path
  zone-awareness-enabled
runtime-config: @bucket @sse file reload-period
server: cors-origin enable-channelz graceful-shutdown-timeout grpc-conn-limit grpc-listen-address
  grpc-listen-network grpc-listen-port grpc-max-concurrent-streams grpc-max-recv-msg-size-bytes
  grpc-max-send-msg-size-bytes grpc-tls-ca-path grpc-tls-cert-path grpc-tls-client-auth grpc-tls-key-path
  grpc_server-num-stream-workers http-conn-limit http-idle-timeout http-listen-address http-listen-network
  http-listen-port http-read-timeout http-tls-ca-path http-tls-cert-path http-tls-client-auth http-tls-key-path
  http-write-timeout log-request-at-info-level-enabled log-request-headers log-request-headers-exclude-list
  log-source-ips-enabled log-source-ips-header log-source-ips-regex path-prefix register-instrumentation
  tls-cipher-suites tls-min-version
server.grpc.keepalive: max-connection-age max-connection-age-grace max-connection-idle min-time-between-pings
  ping-without-stream-allowed time timeout
store: engine max-query-length
store-gateway: disabled-tenants enabled-tenants max-downloaded-bytes-per-request sharding-enabled sharding-strategy
  tenant-shard-size
store-gateway.hedged-request: enabled max-requests quantile
store-gateway.query-protection: @protection
store-gateway.sharding-ring: @kv @stores detailed-metrics-enabled final-sleep heartbeat-period heartbeat-timeout
  instance-availability-zone instance-interface-names keep-instance-in-the-ring-on-shutdown replication-factor
  tokens-file-path wait-instance-state-timeout wait-stability-max-duration wait-stability-min-duration
  zone-awareness-enabled
tenant-federation: allow-partial-data enabled max-concurrent max-tenant regex-cache-size regex-matcher-enabled
  user-sync-interval
tracing: type
tracing.otel: exporter-type otlp-endpoint round-robin sample-ratio tls-enabled
tracing.otel.tls: @tls
validation: create-grace-period enforce-metadata-metric-name enforce-metric-name
  max-label-cardinality-for-unoptimized-regex max-label-names-per-series max-labels-size-bytes
  max-length-label-name max-length-label-value max-metadata-length max-native-histogram-buckets
  max-native-histogram-sample-size-bytes max-regex-pattern-length
  max-total-label-value-length-for-unoptimized-regex reject-old-samples
validation.reject-old-samples: max-age
`;
