import type { BenchQuery } from './query.ts';

/** With which Prometheus measures its own engine (and a few more of the kind), for 100 series and for 1,000. */
export const engineQueries: readonly BenchQuery[] = [
  ...family('plain', 'a_hundred', 'a_thousand'),
  ...family('rate', 'rate(a_hundred[1m])', 'rate(a_thousand[1m])', 'rate(sparse[1m])', 'increase(a_hundred[5m])'),
  ...family(
    'long range',
    'rate(a_hundred[1d])',
    'changes(a_hundred[1d])',
    'absent_over_time(a_hundred[1d])',
    'max_over_time(a_hundred[1d])',
    'double_exponential_smoothing(a_ten[1d], 0.3, 0.3)',
  ).map((query) => (query.query.startsWith('absent') ? { ...query, isEmpty: true } : query)),
  ...family('unary', '-a_hundred'),
  ...family('binary', 'a_hundred - b_hundred', 'a_thousand - b_thousand', 'a_thousand * 2'),
  ...family(
    'set operation',
    "a_hundred and b_hundred{l=~'.*[0-4]$'}",
    "a_hundred or b_hundred{l=~'.*[0-4]$'}",
    "a_hundred unless b_hundred{l=~'.*[0-4]$'}",
    'a_thousand and b_thousand',
  ),
  { family: 'set operation', corpus: 'engine', query: "a_hundred and b_hundred{l='notfound'}", isEmpty: true },
  ...family('function', 'abs(a_hundred)', 'abs(a_thousand)', 'timestamp(a_hundred)', 'clamp(a_thousand, 10, 100)'),
  ...family(
    'label function',
    "label_replace(a_hundred, 'l2', '$1', 'l', '(.*)')",
    "label_join(a_hundred, 'l2', '-', 'l', 'l')",
    "label_replace(a_thousand, 'l2', 'x$1', 'l', '(.).*')",
  ),
  ...family(
    'aggregation',
    'sum(a_hundred)',
    'sum(a_thousand)',
    'avg(a_hundred)',
    'sum without (l)(h_hundred)',
    'sum without (le)(h_hundred)',
    'sum by (l)(h_hundred)',
    'sum by (le)(h_hundred)',
  ),
  { family: 'count_values', corpus: 'engine', query: "count_values('value', h_hundred)", stepCounts: [1, 100] },
  ...family('topk', 'topk(1, a_hundred)', 'topk(5, a_hundred)'),
  // There are series with the same values.
  { family: 'topk', corpus: 'engine', query: 'topk(5, a_thousand)', compares: 'values' },
  ...[
    'limitk(1, a_hundred)',
    'limitk(5, a_hundred)',
    'limit_ratio(0.1, a_hundred)',
    'limit_ratio(-0.5, a_hundred)',
  ].map((query) => ({ family: 'limit', corpus: 'engine' as const, query, compares: 'existence' as const })),
  ...family('quantile', 'quantile(0.9, a_thousand)', 'quantile_over_time(0.9, a_hundred[5m])'),
  ...family(
    'over time',
    'avg_over_time(a_hundred[5m])',
    'max_over_time(a_thousand[5m])',
    'stddev_over_time(a_hundred[5m])',
  ),
  ...family(
    'combination',
    'rate(a_hundred[1m]) + rate(b_hundred[1m])',
    'sum without (l)(rate(a_hundred[1m]))',
    'sum without (l)(rate(a_hundred[1m])) / sum without (l)(rate(b_hundred[1m]))',
  ),
  ...family('histogram_quantile', 'histogram_quantile(0.9, rate(h_hundred[5m]))'),
  ...family('join', 'a_hundred + on(l) group_left() b_hundred', 'a_thousand * on(l) group_right() b_thousand'),
  ...family('subquery', 'sum_over_time(rate(a_hundred[1m])[10m:1m])', 'max_over_time(a_hundred[10m:30s])'),
  { family: 'selector', corpus: 'engine', query: 'count({__name__!=""})', stepCounts: [1] },
  { family: 'selector', corpus: 'engine', query: 'count({__name__!="",l=""})', stepCounts: [1] },
];

function family(name: string, ...queries: readonly string[]): BenchQuery[] {
  return queries.map((query) => ({ family: name, corpus: 'engine', query }));
}
