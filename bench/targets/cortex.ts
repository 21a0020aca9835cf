import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { askOk } from '../http.ts';
import { folderBytes } from '../measure.ts';
import { versionOf } from '../report/machine.ts';
import { postRuleGroups } from './rule-groups.ts';
import { startTarget } from './start-target.ts';
import type { TargetKind } from './target.ts';

/** Some answers are larger than the 4 MiB that it lets pass between its parts. */
const MESSAGE_LIMIT_BYTES = 1 << 29;
const messageLimits = { max_recv_msg_size: MESSAGE_LIMIT_BYTES, max_send_msg_size: MESSAGE_LIMIT_BYTES };

const headers = { 'x-scope-orgid': 'bench' };

/** A Cortex as a single process, without the waits that make sense in a cluster only. */
export function cortexAt(command: string): TargetKind {
  return {
    name: 'cortex',
    aliases: [],
    writeVersions: [1, 2],
    hasNativeHistograms: true,
    hasRules: true,
    version: () => versionOf(command, '-version'),
    start: () =>
      startTarget({
        name: 'cortex',
        command,
        portCount: 3,
        commandArguments: (ports, folder) => {
          const configPath = join(folder, 'cortex.yaml');
          writeFileSync(configPath, stringify(configOf(ports, folder)));
          return [`-config.file=${configPath}`, '-distributor.remote-writev2-enabled=true'];
        },
        readyPath: '/ready',
        pushPath: '/api/v1/push',
        queryPath: '/prometheus',
        headers,
        setRules: postRuleGroups,
        longTermBytes: async ({ baseUrl, folder }) => {
          await askOk(`${baseUrl}/ingester/flush?wait=true`, { method: 'POST', headers });
          const path = join(folder, 'tsdb', 'bench');
          return folderBytes(path, (name) => name.startsWith('01'));
        },
      }),
  };
}

function configOf([httpPort, grpcPort, gossipPort]: readonly number[], folder: string): unknown {
  const ring = { kvstore: { store: 'inmemory' } };
  const ringHere = { ...ring, instance_addr: '127.0.0.1' };
  const path = (name: string): string => join(folder, name);
  return {
    target: 'all',
    auth_enabled: true,
    server: {
      http_listen_address: '127.0.0.1',
      http_listen_port: httpPort,
      grpc_listen_address: '127.0.0.1',
      grpc_listen_port: grpcPort,
      log_level: 'error',
      grpc_server_max_recv_msg_size: MESSAGE_LIMIT_BYTES,
      grpc_server_max_send_msg_size: MESSAGE_LIMIT_BYTES,
    },
    distributor: { shard_by_all_labels: true, ring: ringHere },
    ingester: {
      lifecycler: {
        address: '127.0.0.1',
        min_ready_duration: '0s',
        final_sleep: '0s',
        join_after: '0s',
        ring: { ...ring, replication_factor: 1 },
      },
    },
    ingester_client: { grpc_client_config: messageLimits },
    frontend_worker: { grpc_client_config: messageLimits },
    querier: { enable_promql_experimental_functions: true },
    blocks_storage: {
      backend: 'filesystem',
      filesystem: { dir: path('blocks') },
      // All stays with the ingester: no waiting for blocks to be shipped and found again.
      tsdb: { dir: path('tsdb'), ship_interval: '0s', retention_period: '720h' },
      bucket_store: { sync_dir: path('sync') },
    },
    compactor: { data_dir: path('compactor'), sharding_ring: ringHere },
    store_gateway: { sharding_ring: ringHere },
    ruler: { enable_api: true, rule_path: path('rules'), poll_interval: '1s', ring: ringHere },
    ruler_storage: { backend: 'filesystem', filesystem: { dir: path('rule-store') } },
    alertmanager: {
      data_dir: path('alertmanager'),
      external_url: `http://127.0.0.1:${httpPort}/alertmanager`,
      sharding_ring: ringHere,
      cluster: { listen_address: '' },
    },
    alertmanager_storage: { backend: 'filesystem', filesystem: { dir: path('alertmanager-store') } },
    memberlist: { bind_addr: ['127.0.0.1'], bind_port: gossipPort },
    limits: {
      ingestion_rate: 1e9,
      ingestion_burst_size: 1e9,
      max_series_per_user: 0,
      max_series_per_metric: 0,
      max_fetched_chunks_per_query: 0,
      enable_native_histograms: true,
    },
  };
}
