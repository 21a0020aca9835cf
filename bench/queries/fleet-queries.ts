import type { BenchQuery } from './query.ts';

/** As dashboards ask them, over the realistic corpus. */
export const fleetQueries: readonly BenchQuery[] = [
  ...family('rate', 'sum(rate(requests_total[5m]))', 'sum by (handler) (rate(requests_total[5m]))'),
  ...family('rate', 'sum(rate(requests_total{code=~"5.."}[5m])) / sum(rate(requests_total[5m]))'),
  ...family(
    'histogram_quantile',
    'histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m])))',
    'histogram_quantile(0.9, sum by (le, handler) (rate(latency_seconds_bucket[5m])))',
  ),
  ...family('aggregation', 'avg by (region) (memory_megabytes)', 'sum by (region) ({job="kubernetes-pods"})'),
  { family: 'topk', corpus: 'fleet', query: 'topk(5, sum by (pod) (rate(requests_total[5m])))', compares: 'values' },
  ...family('quantile', 'quantile(0.9, memory_megabytes)'),
  ...family('over time', 'max_over_time(memory_megabytes{region="eu-west-1"}[10m])'),
  ...family('join', 'sum by (pod) (rate(requests_total[5m])) * on (pod) group_left () max by (pod) (memory_megabytes)'),
  ...family('subquery', 'max_over_time(sum(rate(requests_total[1m]))[10m:30s])'),
  ...family(
    'selector',
    'memory_megabytes{instance="10.0.7.17:8080"}',
    'requests_total{pod=~"checkout-.*[05]-.*",code!~"2.."}',
    'count({handler=~"/api/.+",method!="POST"})',
  ),
  {
    family: 'count_values',
    corpus: 'fleet',
    query: 'count_values("value", round(memory_megabytes))',
    stepCounts: [1, 100],
  },
  // The answer for 1,000 steps would have millions of samples.
  { family: 'plain', corpus: 'fleet', query: 'requests_total', stepCounts: [1, 100] },
  {
    family: 'rate',
    corpus: 'fleet',
    query: 'rate({__name__=~"requests_total|latency_seconds_bucket"}[5m])',
    stepCounts: [1],
  },
];

function family(name: string, ...queries: readonly string[]): BenchQuery[] {
  return queries.map((query) => ({ family: name, corpus: 'fleet', query }));
}
