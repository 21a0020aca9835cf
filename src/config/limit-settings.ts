import { defaultLimits, type TenantLimits } from '../limits/limits.ts';
import type { Setting, SettingKind, SettingTable } from './setting.ts';

/**
 * Every limit with its flag; the YAML name is Cortex's, under `limits`. Defaults are those of `defaultLimits`, so a limit
 * that has no line here does not compile.
 */
const limitLines: Readonly<Record<keyof TenantLimits, readonly [SettingKind, flag: string, yaml: string, string]>> = {
  ingestionRate: ['float', 'distributor.ingestion-rate-limit', 'ingestion_rate', 'Samples a second.'],
  ingestionBurstSize: [
    'int',
    'distributor.ingestion-burst-size',
    'ingestion_burst_size',
    'Samples that may come at once.',
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
  outOfOrderTimeWindowMs: [
    'duration',
    'ingester.out-of-order-time-window',
    'out_of_order_time_window',
    'How far behind the newest sample one may lie; 0 refuses all that are out of order.',
  ],
  maxExemplars: ['int', 'ingester.max-exemplars', 'max_exemplars', 'Exemplars kept; 0 keeps none.'],
  enableNativeHistograms: [
    'bool',
    'blocks-storage.tsdb.enable-native-histograms',
    'enable_native_histograms',
    'Keep native histograms; they are dropped otherwise.',
  ],
  nativeHistogramIngestionRate: [
    'float',
    'distributor.native-histogram-ingestion-rate-limit',
    'native_histogram_ingestion_rate',
    'Native histograms a second.',
  ],
  nativeHistogramIngestionBurstSize: [
    'int',
    'distributor.native-histogram-ingestion-burst-size',
    'native_histogram_ingestion_burst_size',
    'Native histograms that may come at once.',
  ],
  maxNativeHistogramBuckets: [
    'int',
    'validation.max-native-histogram-buckets',
    'max_native_histogram_buckets',
    'Buckets of a native histogram; one with more is made coarser. 0 is no limit.',
  ],
  maxNativeHistogramSampleSizeBytes: [
    'int',
    'validation.max-native-histogram-sample-size-bytes',
    'max_native_histogram_sample_size_bytes',
    'Bytes of a native histogram in the request; 0 is no limit.',
  ],
  maxOutstandingPerTenant: [
    'int',
    'frontend.max-outstanding-requests-per-tenant',
    'max_outstanding_requests_per_tenant',
    'Queries that may wait for their turn; the next gets a 429.',
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
  compactorBlocksRetentionPeriodMs: [
    'duration',
    'compactor.blocks-retention-period',
    'compactor_blocks_retention_period',
    'How long samples are kept; 0 is for ever.',
  ],
};

export const limitSettings: SettingTable & Readonly<Record<keyof TenantLimits, Setting>> = Object.fromEntries(
  Object.entries(limitLines).map(([key, [kind, flag, yaml, about]]) => [
    key,
    { kind, flag, yaml: `limits.${yaml}`, about, default: defaultLimits[key as keyof TenantLimits] } as Setting,
  ]),
) as Record<keyof TenantLimits, Setting>;
