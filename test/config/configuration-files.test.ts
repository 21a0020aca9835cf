import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readStartup } from '../../src/config/config.ts';
import { configYaml } from '../../src/config/config-yaml.ts';

/*
 * Configuration files as people have them for Cortex in one process: what has an effect here has it, the rest is told in
 * one line.
 */

interface Expected {
  /** What is in force that is not so by default. */
  readonly diff: string;
  /** What has no effect, in the order of the file. */
  readonly ignored: string;
}

const files: readonly (readonly [name: string, expected: Expected])[] = [
  [
    'one-disk',
    {
      diff: `auth_enabled: false
distributor:
  shard_by_all_labels: true
`,
      ignored:
        'server.grpc_server_max_recv_msg_size, server.grpc_server_max_send_msg_size, server.grpc_server_max_concurrent_streams, distributor.pool, ingester_client, ingester.lifecycler, blocks_storage, compactor, frontend_worker, ruler_storage',
    },
  ],
  [
    'object-store',
    {
      diff: `alertmanager:
  enable_api: true
limits:
  compactor_blocks_retention_period: 2w
  ingestion_burst_size: 200000
  ingestion_rate: 100000
  max_exemplars: 1000
  max_label_names_per_series: 40
  out_of_order_time_window: 5m
  query_ingesters_within: 13h
  ruler_tenant_shard_size: 2
ruler:
  external_url: "http://localhost:9009"
  poll_interval: 2s
server:
  http_listen_port: 8080
  log_level: warn
tenant_federation:
  enabled: true
`,
      ignored:
        'blocks_storage, ruler_storage, alertmanager_storage, alertmanager.sharding_ring, query_range, limits.ruler_tenant_shard_size, limits.query_ingesters_within',
    },
  ],
  [
    'gossip',
    {
      diff: `auth_enabled: false
distributor:
  ha_tracker:
    enable_ha_tracker: true
    kvstore:
      store: memberlist
  shard_by_all_labels: true
limits:
  accept_ha_samples: true
  limits_per_label_set:
  - limits:
      max_series: 100
    label_set:
      team: a
  max_global_series_per_user: 1000
  max_series_per_user: 0
  metric_relabel_configs:
  - source_labels:
    - __name__
    separator: ";"
    regex: "go_.*"
    modulus: 0
    target_label: ""
    replacement: "$1"
    action: drop
server:
  http_listen_port: 9109
`,
      ignored:
        'server.grpc_listen_port, ingester.lifecycler, memberlist, blocks_storage, store_gateway, ruler.enable_sharding, ruler.ring',
    },
  ],
];

test.for(files)('%s.yaml starts as it is', async ([name, { diff, ignored }]) => {
  const startup = await readStartup({
    argv: [`-config.file=${name}.yaml`, '-config.expand-env'],
    environment: { PORT: '8080' },
    readFile: (path) => readFile(new URL(`./files/${path}`, import.meta.url), 'utf8'),
  });
  if (startup.kind !== 'serve') throw new Error(`asks for ${startup.kind}`);
  expect(configYaml(startup.config, 'diff')).toBe(diff);
  expect(startup.warnings).toEqual([`settings of Cortex that have no effect here: ${ignored}`]);
});
