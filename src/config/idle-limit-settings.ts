import { activeSeriesTrackersShape, numbersShape, queryPrioritiesShape } from './limit-shapes.ts';
import type { Setting, SettingKind, SettingValue } from './setting.ts';

/** A limit that is read, checked, shown and handed to nobody, with the reason why nothing here could obey it. */
export interface IdleLimit {
  readonly setting: Setting;
  readonly reason: string;
}

type IdleLine = readonly [
  kind: SettingKind,
  flag: string | undefined,
  yaml: string,
  byDefault: SettingValue,
  extra?: Partial<Setting>,
];

const groups: readonly (readonly [reason: string, lines: readonly IdleLine[]])[] = [
  [
    'there is one process: nothing is sharded or spread over zones',
    [
      [
        'string',
        'distributor.ingestion-rate-limit-strategy',
        'ingestion_rate_strategy',
        'local',
        { choices: ['local', 'global'] },
      ],
      ['int', 'distributor.ingestion-tenant-shard-size', 'ingestion_tenant_shard_size', 0],
      ['float', 'frontend.max-queriers-per-tenant', 'max_queriers_per_tenant', 0],
      ['int', 'frontend.query-vertical-shard-size', 'query_vertical_shard_size', 0],
      ['int', 'querier.max-query-parallelism', 'max_query_parallelism', 14],
      ['bool', undefined, 'query_partial_data', false],
      ['bool', undefined, 'rules_partial_data', false],
      ['bool', 'frontend.query-priority.enabled', 'query_priority.enabled', false],
      ['int', 'frontend.query-priority.default-priority', 'query_priority.default_priority', 0],
      ['structure', undefined, 'query_priority.priorities', [], { shape: queryPrioritiesShape }],
      ['float', 'ruler.tenant-shard-size', 'ruler_tenant_shard_size', 0],
      ['float', 'store-gateway.tenant-shard-size', 'store_gateway_tenant_shard_size', 0],
      ['float', 'compactor.tenant-shard-size', 'compactor_tenant_shard_size', 0],
      ['float', 'parquet-converter.tenant-shard-size', 'parquet_converter_tenant_shard_size', 0],
    ],
  ],
  [
    'data is in one place from its first to its last moment: nothing is uploaded, compacted or converted',
    [
      ['duration', 'limits.query-ingesters-within', 'query_ingesters_within', 0],
      ['duration', 'limits.query-store-after', 'query_store_after', 0],
      [
        'duration',
        'limits.shuffle-sharding-ingesters-lookback-period',
        'shuffle_sharding_ingesters_lookback_period',
        0,
      ],
      ['int', 'store-gateway.max-downloaded-bytes-per-request', 'max_downloaded_bytes_per_request', 0],
      ['int', 'compactor.partition-index-size-bytes', 'compactor_partition_index_size_bytes', 68_719_476_736],
      ['int', 'compactor.partition-series-count', 'compactor_partition_series_count', 0],
      ['int', 'querier.parquet-queryable.max-fetched-row-count', 'parquet_max_fetched_row_count', 0],
      ['int', 'querier.parquet-queryable.max-fetched-chunk-bytes', 'parquet_max_fetched_chunk_bytes', 0],
      ['int', 'querier.parquet-queryable.max-fetched-data-bytes', 'parquet_max_fetched_data_bytes', 0],
      ['bool', 'parquet-converter.enabled', 'parquet_converter_enabled', false],
      ['list', 'parquet-converter.sort-columns', 'parquet_converter_sort_columns', []],
      ['string', undefined, 's3_sse_type', ''],
      ['string', undefined, 's3_sse_kms_key_id', ''],
      ['string', undefined, 's3_sse_kms_encryption_context', ''],
    ],
  ],
  [
    'results are not cached',
    [
      ['duration', 'frontend.max-cache-freshness', 'max_cache_freshness', 60_000],
      ['duration', 'frontend.results-cache-ttl', 'results_cache_ttl', 0],
      ['duration', 'frontend.out-of-order-results-cache-ttl', 'out_of_order_results_cache_ttl', 0],
    ],
  ],
  [
    'there is no Alertmanager in here that routes, silences and notifies',
    [
      [
        'list',
        'alertmanager.receivers-firewall-block-cidr-networks',
        'alertmanager_receivers_firewall_block_cidr_networks',
        [],
        { separator: ',' },
      ],
      [
        'bool',
        'alertmanager.receivers-firewall-block-private-addresses',
        'alertmanager_receivers_firewall_block_private_addresses',
        false,
      ],
      ['float', 'alertmanager.notification-rate-limit', 'alertmanager_notification_rate_limit', 0],
      [
        'structure',
        'alertmanager.notification-rate-limit-per-integration',
        'alertmanager_notification_rate_limit_per_integration',
        {},
        { shape: numbersShape },
      ],
      ['int', 'alertmanager.max-dispatcher-aggregation-groups', 'alertmanager_max_dispatcher_aggregation_groups', 0],
      ['int', 'alertmanager.max-alerts-count', 'alertmanager_max_alerts_count', 0],
      ['int', 'alertmanager.max-alerts-size-bytes', 'alertmanager_max_alerts_size_bytes', 0],
      ['int', 'alertmanager.max-silences-count', 'alertmanager_max_silences_count', 0],
      ['int', 'alertmanager.max-silences-size-bytes', 'alertmanager_max_silences_size_bytes', 0],
    ],
  ],
  [
    'it limits nothing: Cortex only counts series for a metric of its own',
    [['structure', undefined, 'active_series_trackers', [], { shape: activeSeriesTrackersShape }]],
  ],
];

/** All limits of Cortex that have no effect here. */
export const idleLimits: readonly IdleLimit[] = groups.flatMap(([reason, lines]) =>
  lines.map(([kind, flag, yaml, byDefault, extra]) => ({
    setting: {
      kind,
      flag,
      yaml: `limits.${yaml}`,
      about: `No effect: ${reason}.`,
      default: byDefault,
      ...extra,
    } as Setting,
    reason,
  })),
);
