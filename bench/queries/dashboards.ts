/** The panels of a dashboard over the realistic corpus. */
export const dashboardQueries: readonly { readonly name: string; readonly query: string }[] = [
  { name: 'rate of a fleet', query: 'sum(rate(requests_total[5m]))' },
  { name: 'rate by handler', query: 'sum by (handler) (rate(requests_total[5m]))' },
  { name: 'rate by region and code', query: 'sum by (region, code) (rate(requests_total[1m]))' },
  {
    name: 'error ratio',
    query: 'sum(rate(requests_total{code=~"5.."}[5m])) / sum(rate(requests_total[5m]))',
  },
  {
    name: 'error ratio by handler',
    query:
      'sum by (handler) (rate(requests_total{code=~"5.."}[5m])) / on (handler) sum by (handler) (rate(requests_total[5m]))',
  },
  { name: 'median latency', query: 'histogram_quantile(0.5, sum by (le) (rate(latency_seconds_bucket[5m])))' },
  { name: 'latency quantile', query: 'histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m])))' },
  {
    name: 'latency quantile by handler',
    query: 'histogram_quantile(0.9, sum by (le, handler) (rate(latency_seconds_bucket[5m])))',
  },
  { name: 'average by region', query: 'avg by (region) (memory_megabytes)' },
  { name: 'largest by region', query: 'max by (region) (memory_megabytes)' },
  { name: 'busiest pods', query: 'topk(5, sum by (pod) (rate(requests_total[5m])))' },
  { name: 'one instance', query: 'memory_megabytes{instance="10.0.7.17:8080"}' },
  { name: 'requests of one instance', query: 'rate(requests_total{instance="10.0.9.17:8080"}[5m])' },
  {
    name: 'peak of each series',
    query: 'max_over_time(memory_megabytes{handler="/api/orders",region="eu-west-1"}[10m])',
  },
  { name: 'growth of a handler', query: 'sum(increase(requests_total{handler="/api/users"}[30m]))' },
  { name: 'distribution', query: 'quantile(0.9, memory_megabytes)' },
  { name: 'how many pods', query: 'count(count by (pod) (requests_total))' },
  {
    name: 'join on pod',
    query: 'sum by (pod) (rate(requests_total[5m])) * on (pod) group_left () max by (pod) (memory_megabytes)',
  },
  { name: 'peak rate, subquery', query: 'max_over_time(sum(rate(requests_total[1m]))[10m:30s])' },
  { name: 'share of posts', query: 'sum(requests_total{method="POST"}) / ignoring (method) sum(requests_total)' },
];
