import type { MetricMetadata, MetricType } from '../../model/write-batch.ts';
import type { Scenario } from './scenario.ts';

/** What the metrics of a scenario are. */
export function metadataOf({ services, metrics, incidents }: Scenario): MetricMetadata[] {
  const entries: MetricMetadata[] = [];
  const add = (metric: string, type: MetricType, help: string, unit = ''): void => {
    entries.push({ metric, type, help, unit });
  };
  if (services.length > 0) {
    add('up', 'gauge', 'Whether the pod answered when it was last asked.');
    add('http_requests_total', 'counter', 'Requests answered, by route and status.');
    add('http_request_duration_seconds', 'histogram', 'How long requests took.', 'seconds');
    add('container_cpu_usage_seconds_total', 'counter', 'Processor time used.', 'seconds');
    add('container_memory_working_set_bytes', 'gauge', 'Memory that cannot be given back.', 'bytes');
    add('container_spec_memory_limit_bytes', 'gauge', 'Memory that the container may use.', 'bytes');
    add('process_start_time_seconds', 'gauge', 'When the process began, since 1970.', 'seconds');
    add('app_info', 'gauge', 'Which version runs.');
  }
  if (services.some(({ native }) => native)) {
    add('http_latency_seconds', 'histogram', 'How long requests took, as the ingress sees it.', 'seconds');
  }
  if (incidents.some(({ kind }) => kind === 'bomb')) {
    add('http_requests_by_user_total', 'counter', 'Requests by user: more series than anybody wants.');
  }
  for (const { name, kind, help } of metrics) add(name, kind, help);
  return entries;
}
