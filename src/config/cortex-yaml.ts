/**
 * Where keys may stand in Cortex 1.21's YAML, to tell a setting that Cortex has and this program has no use for from one
 * that is misspelt. A key is followed by what stands below it: `{…}`, or `@block` where Cortex has the same in several
 * places.
 */
export interface KeyTree extends ReadonlyMap<string, KeyTree> {}

/** All keys of Cortex's configuration file. A key without any below it may have anything for its value. */
export function cortexKeys(): KeyTree {
  const blocks = new Map<string, KeyTree>();
  for (const [name, words] of entriesIn(blockLines)) blocks.set(name, treeOf(words, blocks));
  return new Map([...entriesIn(keyLines)].map(([name, words]) => [name, treeOf(words, blocks)]));
}

/** Keys that Cortex takes in some of its sections and tells nobody of; most say under which address a ring knows a process. */
export function isHiddenKey(name: string): boolean {
  return hiddenKeys.has(name);
}

const hiddenKeys: ReadonlySet<string> = new Set(
  `address chunk_pool_max_bucket_size_bytes chunk_pool_min_bucket_size_bytes distributed_exec_enabled
  estimated_max_chunk_size_bytes estimated_max_series_size_bytes fetched_chunks_token_factor
  fetched_postings_token_factor fetched_series_token_factor id ingester_streaming instance_addr
  instance_availability_zone instance_id instance_port partitioner_max_gap_bytes port postings_offsets_in_mem_sampling
  prefix touched_chunks_token_factor touched_postings_token_factor touched_series_token_factor
  zone_results_quorum_metadata zone_stable_shuffle_sharding`.split(/\s+/),
);

function* entriesIn(lines: string): IterableIterator<readonly [name: string, words: string]> {
  for (const line of lines.trim().split(/\n(?! )/)) {
    const [, name = '', words = ''] = /^([^:]+):?(.*)$/s.exec(line)!;
    yield [name, words];
  }
}

function treeOf(text: string, blocks: ReadonlyMap<string, KeyTree>): KeyTree {
  const root = new Map<string, KeyTree>();
  const open: Map<string, KeyTree>[] = [root];
  for (const [, end, key, block, begin] of text.matchAll(/(\})|([\w-]+)(?:@([\w-]+)|(\{))?/g)) {
    if (end !== undefined) {
      open.pop();
      continue;
    }
    const below = block === undefined ? new Map<string, KeyTree>() : blocks.get(block)!;
    open.at(-1)!.set(key!, below);
    if (begin !== undefined) open.push(below as Map<string, KeyTree>);
  }
  return root;
}

/** Go's names of what the sections are read into: they stand in Cortex's error about an unknown key. */
const sectionTypes: Readonly<Record<string, string>> = {
  '': 'cortex.Config',
  alertmanager: 'alertmanager.MultitenantAlertmanagerConfig',
  alertmanager_storage: 'alertstore.Config',
  api: 'api.Config',
  blocks_storage: 'tsdb.BlocksStorageConfig',
  'blocks_storage.bucket_store': 'tsdb.BucketStoreConfig',
  'blocks_storage.tsdb': 'tsdb.TSDBConfig',
  compactor: 'compactor.Config',
  configs: 'configs.Config',
  distributor: 'distributor.Config',
  'distributor.ha_tracker': 'ha.HATrackerConfig',
  'distributor.otlp': 'distributor.OTLPConfig',
  flusher: 'flusher.Config',
  frontend: 'frontend.CombinedFrontendConfig',
  frontend_worker: 'worker.Config',
  ingester: 'ingester.Config',
  'ingester.lifecycler': 'ring.LifecyclerConfig',
  ingester_client: 'client.Config',
  limits: 'validation.plain',
  memberlist: 'memberlist.KVConfig',
  parquet_converter: 'parquetconverter.Config',
  querier: 'querier.Config',
  query_range: 'queryrange.Config',
  query_scheduler: 'scheduler.Config',
  resource_monitor: 'configs.ResourceMonitor',
  ruler: 'ruler.Config',
  ruler_storage: 'rulestore.Config',
  runtime_config: 'runtimeconfig.Config',
  server: 'server.Config',
  storage: 'storage.Config',
  store_gateway: 'storegateway.Config',
  tenant_federation: 'tenantfederation.Config',
  tracing: 'tracing.Config',
};

/** The type that the keys below `path` are fields of; of a deep one that of the section around it. */
export function sectionType(path: string): string {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const type = sectionTypes[at];
    if (type !== undefined) return type;
  }
}

const blockLines = `
grpc_tls_config: cert_file client_auth_type client_ca_file key_file
users_scanner: cache_ttl max_stale_period strategy update_interval
thanos_engine: decoding_concurrency enable_x_functions enabled optimizers
multilevel: max_async_buffer_size max_async_concurrency max_backfill_items
set_async_circuit_breaker_config: consecutive_failures enabled failure_percent half_open_max_requests min_requests
  open_duration
configdb: client_timeout configs_api_url tls_ca_path tls_cert_path tls_insecure_skip_verify tls_key_path
  tls_server_name
oci: bucket compartment_ocid fingerprint max_request_retries part_size passphrase privatekey provider region
  request_retry_interval tenancy_ocid user_ocid
http: expect_continue_timeout idle_conn_timeout insecure_skip_verify max_connections_per_host max_idle_connections
  max_idle_connections_per_host response_header_timeout tls_handshake_timeout
query_protection: eviction{check_interval cooldown_period eviction_metric max_evictions_per_cycle min_query_age
  threshold{cpu_utilization heap_utilization}} rejection{threshold{cpu_utilization heap_utilization}}
frontend_client: backoff_config{max_period max_retries min_period} backoff_on_ratelimits connect_timeout
  grpc_compression max_recv_msg_size max_send_msg_size rate_limit rate_limit_burst tls_ca_path tls_cert_path
  tls_enabled tls_insecure_skip_verify tls_key_path tls_server_name
memcached: addresses auto_discovery max_async_buffer_size max_async_concurrency max_get_multi_batch_size
  max_get_multi_concurrency max_idle_connections max_item_size
  set_async_circuit_breaker_config@set_async_circuit_breaker_config timeout
azure: account_key account_name connection_string container_name endpoint_suffix http@http max_retries msi_resource
  user_assigned_id
swift: application_credential_id application_credential_name application_credential_secret auth_url auth_version
  connect_timeout container_name domain_id domain_name max_retries password project_domain_id project_domain_name
  project_id project_name region_name request_timeout user_domain_id user_domain_name user_id username
s3: access_key_id bucket_lookup_type bucket_name disable_dualstack endpoint http@http insecure list_objects_version
  region secret_access_key send_content_md5 signature_version sse{kms_encryption_context kms_key_id type}
redis: addresses cache_size db dial_timeout get_multi_batch_size master_name max_async_buffer_size
  max_async_concurrency max_get_multi_concurrency max_set_multi_concurrency password read_timeout
  set_async_circuit_breaker_config@set_async_circuit_breaker_config set_multi_batch_size tls_ca_path tls_cert_path
  tls_enabled tls_insecure_skip_verify tls_key_path tls_server_name username write_timeout
kvstore: consul{acl_token consistent_reads host http_client_timeout tls_ca_path tls_cert_path tls_enabled
  tls_insecure_skip_verify tls_key_path tls_server_name watch_burst_size watch_rate_limit} dynamodb{max_cas_retries
  puller_sync_time region table_name timeout ttl} etcd{dial_timeout endpoints max_retries password
  ping-without-stream-allowed tls_ca_path tls_cert_path tls_enabled tls_insecure_skip_verify tls_key_path
  tls_server_name username} multi{mirror_enabled mirror_timeout primary secondary} prefix store
chunks_cache: attributes_ttl backend inmemory{max_size_bytes} max_get_range_requests memcached@memcached
  multilevel@multilevel redis@redis subrange_size subrange_ttl
`;

const keyLines = `
alertmanager: alertmanager_client{connect_timeout grpc_compression max_recv_msg_size max_send_msg_size
  remote_timeout tls_ca_path tls_cert_path tls_enabled tls_insecure_skip_verify tls_key_path tls_server_name}
  api_concurrency auto_webhook_root cluster{advertise_address gossip_interval listen_address peer_timeout peers
  push_pull_interval} data_dir disabled_tenants enable_api enabled_tenants external_url fallback_config_file
  gc_interval max_recv_msg_size persist_interval poll_interval retention sharding_enabled
  sharding_ring{detailed_metrics_enabled disable_replica_set_extension final_sleep heartbeat_period
  heartbeat_timeout instance_availability_zone instance_interface_names keep_instance_in_the_ring_on_shutdown
  kvstore@kvstore replication_factor tokens_file_path wait_instance_state_timeout zone_awareness_enabled}
alertmanager_storage: azure@azure backend configdb@configdb filesystem{dir} gcs{bucket_name service_account}
  local{path} oci@oci s3@s3 swift@swift users_scanner@users_scanner
api: alertmanager_http_prefix build_info_enabled cors_origin http_request_headers_to_log prometheus_http_prefix
  querier_default_codec request_id_header response_compression_enabled
auth_enabled
blocks_storage: azure@azure backend bucket_store{block_discovery_strategy block_sync_concurrency
  bucket_index{enabled idle_timeout max_stale_period update_on_error_interval} bucket_store_type
  chunks_cache@chunks_cache consistency_delay ignore_blocks_before ignore_blocks_within ignore_deletion_mark_delay
  index_cache{backend inmemory{enabled_items max_size_bytes} memcached{addresses auto_discovery enabled_items
  max_async_buffer_size max_async_concurrency max_get_multi_batch_size max_get_multi_concurrency
  max_idle_connections max_item_size set_async_circuit_breaker_config@set_async_circuit_breaker_config timeout}
  multilevel@multilevel redis{addresses cache_size db dial_timeout enabled_items get_multi_batch_size master_name
  max_async_buffer_size max_async_concurrency max_get_multi_concurrency max_set_multi_concurrency password
  read_timeout set_async_circuit_breaker_config@set_async_circuit_breaker_config set_multi_batch_size tls_ca_path
  tls_cert_path tls_enabled tls_insecure_skip_verify tls_key_path tls_server_name username write_timeout}}
  index_header_lazy_loading_enabled index_header_lazy_loading_idle_timeout
  lazy_expanded_posting_group_max_key_series_ratio lazy_expanded_postings_enabled matchers_cache_max_items
  max_chunk_pool_bytes max_concurrent max_concurrent_data_bytes max_inflight_requests meta_sync_concurrency
  metadata_cache{backend block_index_attributes_ttl bucket_index_content_ttl bucket_index_max_size_bytes
  chunks_list_ttl inmemory{max_size_bytes} memcached@memcached metafile_attributes_ttl metafile_content_ttl
  metafile_doesnt_exist_ttl metafile_exists_ttl metafile_max_size_bytes multilevel@multilevel
  partitioned_groups_list_ttl redis@redis tenant_blocks_list_ttl tenants_list_ttl} parquet_labels_cache@chunks_cache
  parquet_query_concurrency parquet_row_ranges_cache{backend inmemory{max_size_bytes} memcached@memcached
  multilevel@multilevel redis@redis ttl} parquet_shard_cache_size parquet_shard_cache_ttl series_batch_size sync_dir
  sync_interval tenant_sync_concurrency token_bucket_bytes_limiter{instance_token_bucket_size mode
  request_token_bucket_size user_token_bucket_size}} filesystem{dir} gcs{bucket_name service_account} oci@oci s3@s3
  swift@swift tsdb{block_ranges_period close_idle_tsdb_timeout dir expanded_postings_cache{blocks{enabled
  fetch_timeout max_bytes ttl} head{enabled fetch_timeout max_bytes ttl} lazy_matcher_complex_cost_ratio
  lazy_matcher_max_cardinality lazy_matcher_simple_cost_ratio} flush_blocks_on_shutdown
  head_chunks_write_buffer_size_bytes head_chunks_write_queue_size head_compaction_concurrency
  head_compaction_idle_timeout head_compaction_interval max_exemplars max_tsdb_opening_concurrency_on_startup
  memory_snapshot_on_shutdown out_of_order_cap_max retention_period ship_concurrency ship_interval stripe_size
  wal_compression_type wal_segment_size_bytes} users_scanner@users_scanner
compactor: accept_malformed_index block_deletion_marks_migration_enabled block_files_concurrency block_ranges
  block_sync_concurrency blocks_fetch_concurrency caching_bucket_enabled cleaner_caching_bucket_enabled
  cleaner_visit_marker_file_update_interval cleaner_visit_marker_timeout cleanup_concurrency cleanup_interval
  compaction_concurrency compaction_interval compaction_retries compaction_strategy
  compaction_visit_marker_file_update_interval compaction_visit_marker_timeout consistency_delay data_dir
  deletion_delay disabled_tenants enabled_tenants meta_sync_concurrency sharding_enabled sharding_planner_delay
  sharding_ring{auto_forget_delay detailed_metrics_enabled heartbeat_period heartbeat_timeout
  instance_interface_names kvstore@kvstore tokens_file_path unregister_on_shutdown wait_active_instance_timeout
  wait_stability_max_duration wait_stability_min_duration} sharding_strategy
  skip_blocks_with_out_of_order_chunks_enabled tenant_cleanup_delay
configs: api{notifications{disable_email disable_webhook}} database{migrations_dir password_file uri}
distributor: accept_unknown_remote_write_content_type extend_writes extra_queue_delay ha_tracker{enable_ha_tracker
  enable_startup_sync ha_tracker_update_timeout ha_tracker_update_timeout_jitter_max kvstore@kvstore}
  instance_limits{max_inflight_client_requests max_inflight_push_requests max_ingestion_rate} max_recv_msg_size
  num_push_workers num_query_workers otlp{add_metric_suffixes allow_delta_temporality convert_all_attributes
  disable_target_info enable_type_and_unit_labels} otlp_max_recv_msg_size pool{client_cleanup_period
  health_check_ingesters} remote_timeout remote_writev2_enabled ring{detailed_metrics_enabled heartbeat_period
  heartbeat_timeout instance_interface_names kvstore@kvstore} shard_by_all_labels sharding_strategy
  sign_write_requests sign_write_requests_keys use_stream_push
flusher: exit_after_flush
frontend: downstream_url enabled_ruler_query_stats_log grpc_client_config@frontend_client instance_interface_names
  log_queries_longer_than max_body_size querier_forget_delay query_stats_enabled
  retry_on_too_many_outstanding_requests scheduler_address scheduler_dns_lookup_period scheduler_worker_concurrency
frontend_worker: dns_lookup_duration frontend_address grpc_client_config@frontend_client id instance_interface_names
  match_max_concurrent parallelism scheduler_address
http_prefix
ingester: active_queried_series_metrics_enabled active_queried_series_metrics_sample_rate
  active_queried_series_metrics_update_period active_queried_series_metrics_window_duration
  active_queried_series_metrics_windows active_series_metrics_enabled active_series_metrics_idle_timeout
  active_series_metrics_update_period admin_limit_message disable_chunk_trimming enable_matcher_optimization
  enable_regex_matcher_limits head_queried_series_metrics_enabled head_queried_series_metrics_sample_rate
  head_queried_series_metrics_window_duration head_queried_series_metrics_windows
  ignore_series_limit_for_metric_names instance_limits{max_inflight_push_requests max_inflight_query_requests
  max_ingestion_rate max_series max_tenants} labels_string_interning_enabled lifecycler{availability_zone
  final_sleep heartbeat_period interface_names join_after min_ready_duration num_tokens observe_period
  readiness_check_ring_health ring{detailed_metrics_enabled excluded_zones heartbeat_timeout kvstore@kvstore
  replication_factor zone_awareness_enabled} tokens_file_path tokens_generator_strategy unregister_on_shutdown}
  matchers_cache_max_items metadata_retain_period query_protection@query_protection rate_update_period
  skip_metadata_limits upload_compacted_blocks_enabled user_tsdb_configs_update_period
ingester_client: grpc_client_config{backoff_config{max_period max_retries min_period} backoff_on_ratelimits
  connect_timeout grpc_compression healthcheck_config{interval timeout unhealthy_threshold} max_recv_msg_size
  max_send_msg_size rate_limit rate_limit_burst tls_ca_path tls_cert_path tls_enabled tls_insecure_skip_verify
  tls_key_path tls_server_name} max_inflight_push_requests
limits: accept_ha_samples accept_mixed_ha_samples active_series_trackers alertmanager_max_alerts_count
  alertmanager_max_alerts_size_bytes alertmanager_max_config_size_bytes
  alertmanager_max_dispatcher_aggregation_groups alertmanager_max_silences_count
  alertmanager_max_silences_size_bytes alertmanager_max_template_size_bytes alertmanager_max_templates_count
  alertmanager_notification_rate_limit alertmanager_notification_rate_limit_per_integration
  alertmanager_receivers_firewall_block_cidr_networks alertmanager_receivers_firewall_block_private_addresses
  compactor_blocks_retention_period compactor_partition_index_size_bytes compactor_partition_series_count
  compactor_tenant_shard_size creation_grace_period disabled_rule_groups drop_labels enable_native_histograms
  enable_start_timestamp enable_type_and_unit_labels enforce_metadata_metric_name enforce_metric_name
  ha_cluster_label ha_max_clusters ha_replica_label ha_tracker_failover_timeout ingestion_burst_size ingestion_rate
  ingestion_rate_strategy ingestion_tenant_shard_size limits_per_label_set max_cache_freshness
  max_downloaded_bytes_per_request max_exemplars max_fetched_chunk_bytes_per_query max_fetched_chunks_per_query
  max_fetched_data_bytes_per_query max_fetched_series_per_query max_global_metadata_per_metric
  max_global_metadata_per_user max_global_native_histogram_series_per_user max_global_series_per_metric
  max_global_series_per_user max_label_cardinality_for_unoptimized_regex max_label_name_length
  max_label_names_per_series max_label_value_length max_labels_size_bytes max_metadata_length
  max_metadata_per_metric max_metadata_per_user max_native_histogram_buckets max_native_histogram_sample_size_bytes
  max_native_histogram_series_per_user max_outstanding_requests_per_tenant max_queriers_per_tenant max_query_length
  max_query_lookback max_query_parallelism max_query_response_size max_regex_pattern_length max_series_per_metric
  max_series_per_user max_total_label_value_length_for_unoptimized_regex metric_relabel_configs
  native_histogram_ingestion_burst_size native_histogram_ingestion_rate out_of_order_results_cache_ttl
  out_of_order_time_window parquet_converter_enabled parquet_converter_sort_columns
  parquet_converter_tenant_shard_size parquet_max_fetched_chunk_bytes parquet_max_fetched_data_bytes
  parquet_max_fetched_row_count promote_resource_attributes query_ingesters_within query_partial_data
  query_priority{default_priority enabled priorities} query_rejection{enabled query_attributes} query_store_after
  query_vertical_shard_size reject_old_samples reject_old_samples_max_age results_cache_ttl
  ruler_alert_generator_url_template ruler_evaluation_delay_duration ruler_external_labels ruler_external_url
  ruler_max_rule_groups_per_tenant ruler_max_rules_per_rule_group ruler_query_offset ruler_tenant_shard_size
  rules_partial_data s3_sse_kms_encryption_context s3_sse_kms_key_id s3_sse_type
  shuffle_sharding_ingesters_lookback_period store_gateway_tenant_shard_size
memberlist: abort_if_cluster_join_fails advertise_addr advertise_port bind_addr bind_port cluster_label
  cluster_label_verification_disabled compression_enabled dead_node_reclaim_time gossip_interval gossip_nodes
  gossip_to_dead_nodes_time join_members leave_timeout left_ingesters_timeout max_concurrent_connections
  max_join_backoff max_join_retries max_packet_size message_history_buffer_bytes min_join_backoff node_name
  packet_dial_timeout packet_read_timeout packet_write_timeout pull_push_interval randomize_node_name
  rejoin_interval retransmit_factor stream_timeout tls_ca_path tls_cert_path tls_enabled tls_insecure_skip_verify
  tls_key_path tls_server_name tombstone_timeout
name_validation_scheme
parquet_converter: conversion_interval data_dir file_buffer_enabled max_num_columns max_rows_per_row_group
  meta_sync_concurrency num_row_groups ring{auto_forget_delay heartbeat_period heartbeat_timeout kvstore@kvstore
  tokens_file_path}
prealloc: 
querier: active_query_tracker_dir default_evaluation_interval enable_parquet_queryable
  enable_promql_experimental_functions honor_projection_hints ignore_max_query_length
  ingester_label_names_with_matchers ingester_metadata_streaming ingester_query_max_attempts lookback_delta
  max_concurrent max_query_into_future max_samples max_subquery_steps parquet_queryable_default_block_store
  parquet_queryable_fallback_disabled parquet_shard_cache_size parquet_shard_cache_ttl per_step_stats_enabled
  query_protection@query_protection response_compression store_gateway_addresses
  store_gateway_client{connect_timeout grpc_compression healthcheck_config{interval timeout unhealthy_threshold}
  tls_ca_path tls_cert_path tls_enabled tls_insecure_skip_verify tls_key_path tls_server_name}
  store_gateway_consistency_check_max_attempts store_gateway_query_stats store_gateway_series_batch_size
  thanos_engine@thanos_engine timeout timeout_classification_deadline timeout_classification_enabled
  timeout_classification_eval_threshold
query_range: align_queries_with_step cache_results dynamic_query_splits{enable_dynamic_vertical_sharding
  max_fetched_data_duration_per_query max_shards_per_query} forward_headers_list max_retries
  results_cache{cache{background{writeback_buffer writeback_goroutines} default_validity enable_fifocache
  fifocache{max_size_bytes max_size_items size validity} memcached{batch_size expiration parallelism}
  memcached_client{addresses circuit_breaker_consecutive_failures circuit_breaker_interval circuit_breaker_timeout
  consistent_hash host max_idle_conns max_item_size service timeout update_interval} redis{db endpoint expiration
  idle_timeout master_name max_connection_age password pool_size timeout tls_enabled tls_insecure_skip_verify}}
  cache_queryable_samples_stats compression} split_queries_by_interval
query_scheduler: grpc_client_config@frontend_client querier_forget_delay
resource_monitor: cpu_rate_interval interval resources
ruler: alertmanager_client{basic_auth_password basic_auth_username tls_ca_path tls_cert_path
  tls_insecure_skip_verify tls_key_path tls_server_name} alertmanager_refresh_interval alertmanager_url
  api_deduplicate_rules concurrent_evals_enabled disable_rule_group_label disabled_tenants
  enable_alertmanager_discovery enable_api enable_ha_evaluation enable_sharding enabled_tenants evaluation_interval
  external_labels external_url flush_period for_grace_period for_outage_tolerance frontend_address
  frontend_client@frontend_client liveness_check_timeout max_concurrent_evals notification_queue_capacity
  notification_timeout poll_interval query_response_format query_stats_enabled resend_delay
  ring{detailed_metrics_enabled final_sleep heartbeat_period heartbeat_timeout instance_interface_names
  keep_instance_in_the_ring_on_shutdown kvstore@kvstore num_tokens replication_factor tokens_file_path
  zone_awareness_enabled} rule_path ruler_client{backoff_config{max_period max_retries min_period}
  backoff_on_ratelimits connect_timeout grpc_compression max_recv_msg_size max_send_msg_size rate_limit
  rate_limit_burst remote_timeout tls_ca_path tls_cert_path tls_enabled tls_insecure_skip_verify tls_key_path
  tls_server_name} search_pending_for sharding_strategy thanos_engine@thanos_engine
ruler_storage: azure@azure backend configdb@configdb filesystem{dir} gcs{bucket_name service_account}
  local{directory} oci@oci s3@s3 swift@swift users_scanner@users_scanner
runtime_config: azure@azure backend file filesystem{dir} gcs{bucket_name service_account} oci@oci period s3@s3
  swift@swift
server: enable_channelz graceful_shutdown_timeout grpc_listen_address grpc_listen_conn_limit grpc_listen_network
  grpc_listen_port grpc_server_keepalive_time grpc_server_keepalive_timeout grpc_server_max_concurrent_streams
  grpc_server_max_connection_age grpc_server_max_connection_age_grace grpc_server_max_connection_idle
  grpc_server_max_recv_msg_size grpc_server_max_send_msg_size grpc_server_min_time_between_pings
  grpc_server_num_stream_workers grpc_server_ping_without_stream_allowed grpc_tls_config@grpc_tls_config
  http_listen_address http_listen_conn_limit http_listen_network http_listen_port http_path_prefix
  http_server_idle_timeout http_server_read_timeout http_server_write_timeout http_tls_config@grpc_tls_config
  log_format log_level log_request_at_info_level_enabled log_request_exclude_headers_list log_request_headers
  log_source_ips_enabled log_source_ips_header log_source_ips_regex register_instrumentation tls_cipher_suites
  tls_min_version
storage: engine
store_gateway: disabled_tenants enabled_tenants hedged_request{enabled max_requests quantile}
  query_protection@query_protection sharding_enabled sharding_ring{detailed_metrics_enabled final_sleep
  heartbeat_period heartbeat_timeout instance_availability_zone instance_interface_names
  keep_instance_in_the_ring_on_shutdown kvstore@kvstore replication_factor tokens_file_path
  wait_instance_state_timeout wait_stability_max_duration wait_stability_min_duration zone_awareness_enabled}
  sharding_strategy
target
tenant_federation: allow_partial_data enabled max_concurrent max_tenant regex_cache_size regex_matcher_enabled
  user_sync_interval
tracing: otel{exporter_type otlp_endpoint round_robin sample_ratio tls{tls_ca_path tls_cert_path
  tls_insecure_skip_verify tls_key_path tls_server_name} tls_enabled} type
`;
