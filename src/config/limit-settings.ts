import { defaultLimits, type TenantLimits } from '../limits/limits.ts';
import {
  labelSetLimitsFault,
  labelSetLimitsShape,
  labelsShape,
  queryAttributesFault,
  queryAttributesShape,
  relabelConfigsFault,
  relabelShape,
  ruleGroupsShape,
} from './limit-shapes.ts';
import type { Setting, SettingKind, SettingTable } from './setting.ts';

/**
 * Every limit that is enforced, with its flag; the YAML name is Cortex's, under `limits`, and the order is Cortex's too.
 * Defaults are those of `defaultLimits`, so a limit that has no line here does not compile.
 */
const limitLines: Readonly<Record<keyof TenantLimits, LimitLine>> = {
  ingestionRate: ['float', 'distributor.ingestion-rate-limit', 'ingestion_rate', 'Samples a second.'],
  nativeHistogramIngestionRate: [
    'float',
    'distributor.native-histogram-ingestion-rate-limit',
    'native_histogram_ingestion_rate',
    'Native histograms a second.',
  ],
  ingestionBurstSize: [
    'int',
    'distributor.ingestion-burst-size',
    'ingestion_burst_size',
    'Samples that may come at once.',
  ],
  nativeHistogramIngestionBurstSize: [
    'int',
    'distributor.native-histogram-ingestion-burst-size',
    'native_histogram_ingestion_burst_size',
    'Native histograms that may come at once.',
  ],
  acceptHaSamples: [
    'bool',
    'distributor.ha-tracker.enable-for-all-users',
    'accept_ha_samples',
    'Keep the samples of one replica only, of those that replicas of one Prometheus send.',
  ],
  acceptMixedHaSamples: [
    'bool',
    'experimental.distributor.ha-tracker.mixed-ha-samples',
    'accept_mixed_ha_samples',
    'Look at the replica of every series, not of the first of a request only.',
  ],
  haClusterLabel: [
    'string',
    'distributor.ha-tracker.cluster',
    'ha_cluster_label',
    'The label that names the cluster of replicas.',
  ],
  haReplicaLabel: [
    'string',
    'distributor.ha-tracker.replica',
    'ha_replica_label',
    'The label that names the replica; it is removed.',
  ],
  haMaxClusters: [
    'int',
    'distributor.ha-tracker.max-clusters',
    'ha_max_clusters',
    'Clusters of replicas; 0 is no limit.',
  ],
  haTrackerFailoverTimeoutMs: [
    'duration',
    'distributor.ha-tracker.failover-timeout',
    'ha_tracker_failover_timeout',
    'How long the elected replica may be silent before another one is elected.',
  ],
  dropLabels: [
    'list',
    'distributor.drop-label',
    'drop_labels',
    'A label to remove from every series; may be repeated.',
  ],
  maxLabelNameLength: ['int', 'validation.max-length-label-name', 'max_label_name_length', 'Bytes of a label name.'],
  maxLabelValueLength: [
    'int',
    'validation.max-length-label-value',
    'max_label_value_length',
    'Bytes of a label value or metric name.',
  ],
  maxLabelNamesPerSeries: [
    'int',
    'validation.max-label-names-per-series',
    'max_label_names_per_series',
    'Labels of a series.',
  ],
  maxLabelsSizeBytes: [
    'int',
    'validation.max-labels-size-bytes',
    'max_labels_size_bytes',
    'Bytes of all label names and values of a series; 0 is no limit.',
  ],
  maxNativeHistogramSampleSizeBytes: [
    'int',
    'validation.max-native-histogram-sample-size-bytes',
    'max_native_histogram_sample_size_bytes',
    'Bytes of a native histogram in the request; 0 is no limit.',
  ],
  maxMetadataLength: [
    'int',
    'validation.max-metadata-length',
    'max_metadata_length',
    'Bytes of metric name, help or unit in metadata.',
  ],
  rejectOldSamples: [
    'bool',
    'validation.reject-old-samples',
    'reject_old_samples',
    'Refuse samples older than the next setting says.',
  ],
  rejectOldSamplesMaxAgeMs: [
    'duration',
    'validation.reject-old-samples.max-age',
    'reject_old_samples_max_age',
    'Oldest sample accepted.',
  ],
  creationGracePeriodMs: [
    'duration',
    'validation.create-grace-period',
    'creation_grace_period',
    'How far in the future a sample may lie.',
  ],
  enforceMetadataMetricName: [
    'bool',
    'validation.enforce-metadata-metric-name',
    'enforce_metadata_metric_name',
    'Refuse metadata without a metric name.',
  ],
  enforceMetricName: [
    'bool',
    'validation.enforce-metric-name',
    'enforce_metric_name',
    'Refuse series without a metric name.',
  ],
  metricRelabelConfigs: [
    'structure',
    undefined,
    'metric_relabel_configs',
    'Relabelling of every series that comes in, as in Prometheus.',
  ],
  maxNativeHistogramBuckets: [
    'int',
    'validation.max-native-histogram-buckets',
    'max_native_histogram_buckets',
    'Buckets of a native histogram; one with more is made coarser. 0 is no limit.',
  ],
  promoteResourceAttributes: [
    'list',
    'distributor.promote-resource-attributes',
    'promote_resource_attributes',
    'Attributes of an OTLP resource that become labels of its metrics.',
  ],
  enableTypeAndUnitLabels: [
    'bool',
    'distributor.enable-type-and-unit-labels',
    'enable_type_and_unit_labels',
    'Add the labels __type__ and __unit__ to series of remote write 2.0 and OTLP.',
  ],
  enableStartTimestamp: [
    'bool',
    'distributor.enable-start-timestamp',
    'enable_start_timestamp',
    'Look at the start times of remote write 2.0.',
  ],
  maxSeriesPerUser: [
    'int',
    'ingester.max-series-per-user',
    'max_series_per_user',
    'Active series of a tenant; 0 is no limit.',
  ],
  maxSeriesPerMetric: [
    'int',
    'ingester.max-series-per-metric',
    'max_series_per_metric',
    'Active series of a metric; 0 is no limit.',
  ],
  maxNativeHistogramSeriesPerUser: [
    'int',
    'ingester.max-native-histogram-series-per-user',
    'max_native_histogram_series_per_user',
    'Active series of native histograms; 0 is no limit. Needs -ingester.active-series-metrics-enabled.',
  ],
  maxGlobalSeriesPerUser: [
    'int',
    'ingester.max-global-series-per-user',
    'max_global_series_per_user',
    'Active series of a tenant in the whole cluster; 0 is no limit.',
  ],
  maxGlobalSeriesPerMetric: [
    'int',
    'ingester.max-global-series-per-metric',
    'max_global_series_per_metric',
    'Active series of a metric in the whole cluster; 0 is no limit.',
  ],
  maxGlobalNativeHistogramSeriesPerUser: [
    'int',
    'ingester.max-global-native-histogram-series-per-user',
    'max_global_native_histogram_series_per_user',
    'The same in the whole cluster. Needs -distributor.shard-by-all-labels too.',
  ],
  limitsPerLabelSet: ['structure', undefined, 'limits_per_label_set', 'Active series that have certain labels.'],
  enableNativeHistograms: [
    'bool',
    'blocks-storage.tsdb.enable-native-histograms',
    'enable_native_histograms',
    'Keep native histograms; they are dropped otherwise.',
  ],
  maxRegexPatternLength: [
    'int',
    'validation.max-regex-pattern-length',
    'max_regex_pattern_length',
    'Bytes of a regular expression that is no list of texts; 0 is no limit. This and the next two need -ingester.enable-regex-matcher-limits.',
  ],
  maxLabelCardinalityForUnoptimizedRegex: [
    'int',
    'validation.max-label-cardinality-for-unoptimized-regex',
    'max_label_cardinality_for_unoptimized_regex',
    'Values of the label that such an expression is for; 0 is no limit.',
  ],
  maxTotalLabelValueLengthForUnoptimizedRegex: [
    'int',
    'validation.max-total-label-value-length-for-unoptimized-regex',
    'max_total_label_value_length_for_unoptimized_regex',
    'Bytes of all these values; 0 is no limit.',
  ],
  maxMetadataPerUser: [
    'int',
    'ingester.max-metadata-per-user',
    'max_metadata_per_user',
    'Metrics of a tenant that have metadata; 0 is no limit.',
  ],
  maxMetadataPerMetric: [
    'int',
    'ingester.max-metadata-per-metric',
    'max_metadata_per_metric',
    'Different metadata of a metric; 0 is no limit.',
  ],
  maxGlobalMetadataPerUser: [
    'int',
    'ingester.max-global-metadata-per-user',
    'max_global_metadata_per_user',
    'Metrics with metadata in the whole cluster; 0 is no limit.',
  ],
  maxGlobalMetadataPerMetric: [
    'int',
    'ingester.max-global-metadata-per-metric',
    'max_global_metadata_per_metric',
    'Different metadata of a metric in the whole cluster; 0 is no limit.',
  ],
  outOfOrderTimeWindowMs: [
    'duration',
    'ingester.out-of-order-time-window',
    'out_of_order_time_window',
    'How far behind the newest sample one may lie; 0 refuses all that are out of order.',
  ],
  maxExemplars: ['int', 'ingester.max-exemplars', 'max_exemplars', 'Exemplars kept; 0 keeps none.'],
  maxFetchedChunksPerQuery: [
    'int',
    'querier.max-fetched-chunks-per-query',
    'max_fetched_chunks_per_query',
    'Chunks (of 120 samples) that a query may read; 0 is no limit.',
  ],
  maxFetchedSeriesPerQuery: [
    'int',
    'querier.max-fetched-series-per-query',
    'max_fetched_series_per_query',
    'Series that a query may read; 0 is no limit.',
  ],
  maxFetchedChunkBytesPerQuery: [
    'int',
    'querier.max-fetched-chunk-bytes-per-query',
    'max_fetched_chunk_bytes_per_query',
    'Bytes of chunks that a query may read, about; 0 is no limit.',
  ],
  maxFetchedDataBytesPerQuery: [
    'int',
    'querier.max-fetched-data-bytes-per-query',
    'max_fetched_data_bytes_per_query',
    'Bytes of chunks and labels that a query may read, about; 0 is no limit.',
  ],
  maxQueryLookbackMs: [
    'duration',
    'querier.max-query-lookback',
    'max_query_lookback',
    'How far back queries see; 0 is for ever.',
  ],
  maxQueryLengthMs: [
    'duration',
    'store.max-query-length',
    'max_query_length',
    'The longest time a query may cover; 0 is no limit.',
  ],
  maxQueryResponseSize: [
    'int',
    'frontend.max-query-response-size',
    'max_query_response_size',
    'Bytes of the answer of query and query_range; 0 is no limit.',
  ],
  maxOutstandingPerTenant: [
    'int',
    'frontend.max-outstanding-requests-per-tenant',
    'max_outstanding_requests_per_tenant',
    'Queries that may wait for their turn; the next gets a 429.',
  ],
  queryRejectionEnabled: [
    'bool',
    'frontend.query-rejection.enabled',
    'query_rejection.enabled',
    'Refuse queries that query_rejection.query_attributes describe.',
  ],
  queryRejectionAttributes: [
    'structure',
    undefined,
    'query_rejection.query_attributes',
    'What the queries to refuse are like.',
  ],
  rulerEvaluationDelayDurationMs: [
    'duration',
    'ruler.evaluation-delay-duration',
    'ruler_evaluation_delay_duration',
    'An older name of -ruler.query-offset.',
  ],
  rulerMaxRulesPerRuleGroup: [
    'int',
    'ruler.max-rules-per-rule-group',
    'ruler_max_rules_per_rule_group',
    'Rules of a group; 0 is no limit.',
  ],
  rulerMaxRuleGroupsPerTenant: [
    'int',
    'ruler.max-rule-groups-per-tenant',
    'ruler_max_rule_groups_per_tenant',
    'Rule groups of a tenant; 0 is no limit.',
  ],
  rulerQueryOffsetMs: [
    'duration',
    'ruler.query-offset',
    'ruler_query_offset',
    'How far in the past rules are evaluated that do not say so themselves.',
  ],
  rulerExternalLabels: ['structure', undefined, 'ruler_external_labels', 'Labels that alerts get.'],
  rulerExternalUrl: [
    'string',
    undefined,
    'ruler_external_url',
    'Where alerts link to, in place of -ruler.external.url.',
  ],
  rulerAlertGeneratorUrlTemplate: [
    'string',
    undefined,
    'ruler_alert_generator_url_template',
    'The links of alerts as a Go template that knows .ExternalURL and .Expression, and the functions urlquery and jsonEscape.',
  ],
  compactorBlocksRetentionPeriodMs: [
    'duration',
    'compactor.blocks-retention-period',
    'compactor_blocks_retention_period',
    'How long samples are kept; 0 is for ever.',
  ],
  alertmanagerMaxConfigSizeBytes: [
    'int',
    'alertmanager.max-config-size-bytes',
    'alertmanager_max_config_size_bytes',
    "Bytes of a tenant's Alertmanager configuration; 0 is no limit.",
  ],
  alertmanagerMaxTemplatesCount: [
    'int',
    'alertmanager.max-templates-count',
    'alertmanager_max_templates_count',
    'Templates in it; 0 is no limit.',
  ],
  alertmanagerMaxTemplateSizeBytes: [
    'int',
    'alertmanager.max-template-size-bytes',
    'alertmanager_max_template_size_bytes',
    'Bytes of one of them; 0 is no limit.',
  ],
  disabledRuleGroups: ['structure', undefined, 'disabled_rule_groups', 'Rule groups that are not evaluated.'],
};

type LimitLine = readonly [SettingKind, flag: string | undefined, yaml: string, about: string];

/** What single limits have besides. */
const extras: { readonly [Key in keyof TenantLimits]?: Partial<Setting> } = {
  metricRelabelConfigs: { shape: relabelShape, fault: relabelConfigsFault },
  promoteResourceAttributes: { separator: ',' },
  limitsPerLabelSet: { shape: labelSetLimitsShape, fault: labelSetLimitsFault },
  queryRejectionAttributes: { shape: queryAttributesShape, fault: queryAttributesFault },
  rulerExternalLabels: { shape: labelsShape },
  disabledRuleGroups: { shape: ruleGroupsShape },
};

export const limitSettings: SettingTable & Readonly<Record<keyof TenantLimits, Setting>> = Object.fromEntries(
  Object.entries(limitLines).map(([name, [kind, flag, yaml, about]]) => {
    const key = name as keyof TenantLimits;
    return [key, { kind, flag, yaml: `limits.${yaml}`, about, default: defaultLimits[key], ...extras[key] } as Setting];
  }),
) as Record<keyof TenantLimits, Setting>;
