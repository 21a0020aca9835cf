/** Queries as dashboards ask them; `requests`, `latency` and `memory` have 1,000 series each, `fleet` 10,000. */
export const dashboardQueries: readonly { readonly name: string; readonly query: string }[] = [
  { name: 'rate of a fleet', query: 'sum(rate(requests_total[5m]))' },
  { name: 'rate by handler', query: 'sum by (handler) (rate(requests_total[5m]))' },
  {
    name: 'error ratio',
    query: 'sum(rate(requests_total{code=~"5.."}[5m])) / sum(rate(requests_total[5m]))',
  },
  { name: 'latency quantile', query: 'histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m])))' },
  {
    name: 'latency quantile by handler',
    query: 'histogram_quantile(0.9, sum by (le, handler) (rate(latency_seconds_bucket[5m])))',
  },
  { name: 'average by region', query: 'avg by (region) (memory_megabytes)' },
  { name: 'busiest pods', query: 'topk(5, sum by (pod) (rate(requests_total[5m])))' },
  { name: 'one instance', query: 'memory_megabytes{instance="10.0.7.17:8080"}' },
  { name: 'peak of each series', query: 'max_over_time(memory_megabytes[10m])' },
  { name: 'growth of a handler', query: 'sum(increase(requests_total{handler="/api/users"}[30m]))' },
  { name: 'distribution', query: 'quantile(0.9, memory_megabytes)' },
  {
    name: 'join on pod',
    query: 'sum by (pod) (rate(requests_total[5m])) * on (pod) group_left () max by (pod) (memory_megabytes)',
  },
  { name: 'peak rate, subquery', query: 'max_over_time(sum(rate(requests_total[1m]))[10m:30s])' },
  { name: 'large fleet, sum', query: 'sum by (region) (fleet_requests_total)' },
  { name: 'large fleet, rate', query: 'sum(rate(fleet_requests_total[5m]))' },
];
