import { type SeriesMessage, STALE_VALUE } from '../../src/wire/remote-write-encode.ts';

/** Seconds between two evaluations; `for` and `keep_firing_for` below are some of them. */
export const intervalSeconds = 2;

/**
 * Rules look back so far, to samples that both servers have by then: what a request takes to arrive decides on nothing.
 */
const queryOffsetSeconds = 2;

interface ComparedGroup {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly rules: readonly string[];
}

const recording = (record: string, expr: string, labels = ''): string =>
  `{record: '${record}', expr: '${expr}'${labels === '' ? '' : `, labels: {${labels}}`}}`;
const alerting = (alert: string, expr: string, more = ''): string =>
  `{alert: ${alert}, expr: '${expr}'${more === '' ? '' : `, ${more}`}}`;

/** 20 recording rules and 10 alerting ones, some of which read what others of their group wrote just before. */
export const comparedGroups: readonly ComparedGroup[] = [
  {
    name: 'recorded',
    labels: { origin: 'group', team: 'group' },
    rules: [
      recording('rule:slot', 'vector(1)'),
      recording('rule:gauge:sum', 'sum(source_gauge)'),
      recording('rule:gauge:max', 'max by (zone) (source_gauge)', 'team: own'),
      recording('rule:gauge:zone_share', 'rule:gauge:max / on () group_left () rule:gauge:sum'),
      recording('rule:gauge:high', 'source_gauge > 9'),
      recording('rule:gauge:topk', 'topk(2, source_gauge)'),
      recording('rule:gauge:stddev', 'stddev(source_gauge)'),
      recording('rule:gauge:avg_10s', 'avg_over_time(source_gauge[10s])'),
      recording('rule:gauge:quantile', 'quantile_over_time(0.7, source_gauge[12s])'),
      recording('rule:total:rate', 'rate(source_total[10s])'),
      recording('rule:total:increase', 'sum by (zone) (increase(source_total[8s]))'),
      recording('rule:total:resets', 'resets(source_total[20s])'),
      recording('rule:total:of_rates', 'sum(rule:total:rate)'),
      recording('rule:bucket:p90', 'histogram_quantile(0.9, sum by (le) (rate(source_bucket[10s])))'),
      recording('rule:flapping', 'flapping'),
      recording('rule:flapping:count', 'count(flapping)'),
      recording('rule:flapping:missing', 'absent(flapping)'),
    ],
  },
  {
    name: 'alerted',
    rules: [
      recording('rule:alerted:slot', 'vector(2)'),
      alerting('Now', 'source_gauge > 12', 'annotations: {summary: "{{ $labels.id }} is at {{ $value }}"}'),
      alerting('Soon', 'source_gauge > 8', `for: ${2 * intervalSeconds}s, labels: {severity: page}`),
      alerting('Late', 'source_gauge >= 0', `for: ${20 * intervalSeconds}s`),
      alerting('Never', 'source_gauge > 10', 'for: 10m'),
      alerting('Kept', 'source_gauge > 13', `keep_firing_for: ${3 * intervalSeconds}s`),
      alerting('Slow', 'flapping > 0', `for: ${3 * intervalSeconds}s, keep_firing_for: ${2 * intervalSeconds}s`),
      alerting('Missing', 'absent(flapping)', `for: ${intervalSeconds}s`),
      alerting('Graded', 'source_gauge > 5', 'labels: {level: "{{ if gt $value 10.0 }}high{{ else }}low{{ end }}"}'),
      alerting('Zones', 'sum by (zone) (source_gauge) > 20', 'labels: {zone: "the {{ $labels.zone }}"}'),
      recording('rule:alerts:firing', 'count by (alertname) (ALERTS{alertstate="firing"})'),
      recording('rule:alerts:pending', 'count by (alertname) (ALERTS{alertstate="pending"})'),
      alerting('TooMany', 'sum(rule:alerts:firing) > 12', `for: ${intervalSeconds}s`),
    ],
  },
];

/** One group as a rule file has it, or, without an indent, as the rules API takes it. */
export function groupYaml({ name, labels, rules }: ComparedGroup, indent = ''): string {
  const lines = [`name: ${name}`, `interval: ${intervalSeconds}s`, `query_offset: ${queryOffsetSeconds}s`];
  if (labels) lines.push(`labels: ${JSON.stringify(labels)}`);
  lines.push('rules:', ...rules.map((rule) => `  - ${rule}`));
  return lines.map((line) => `${indent}${line}\n`).join('');
}

export function ruleFileYaml(): string {
  return `groups:\n${comparedGroups.map((group) => `  - ${groupYaml(group, '    ').trimStart()}`).join('')}`;
}

/**
 * The samples of one second. Before second 0 all is quiet, so that alerts begin under the eyes of both servers; `flapping`
 * goes away for 9 s of every 30.
 */
export function samplesOf(second: number, timestampMs: number): SeriesMessage[] {
  const series: SeriesMessage[] = [];
  const add = (name: string, labels: Readonly<Record<string, string>>, value: number | bigint): void => {
    series.push({ labels: Object.entries({ __name__: name, ...labels }), samples: [[timestampMs, value]] });
  };
  const isQuiet = second < 0;
  for (let id = 0; id < 6; id++) {
    const labels = { id: `${id}`, zone: id % 2 === 0 ? 'even' : 'odd' };
    add('source_gauge', labels, isQuiet ? -1 : ((second * (id + 1)) / 3 + id) % 15);
    // A counter that begins again every 40 s.
    add('source_total', labels, ((second + 1000) % 40) * (id + 1) + (second % 3));
  }
  for (const [index, le] of ['0.1', '0.5', '1', '+Inf'].entries()) {
    add('source_bucket', { le }, (second + 1000) * (index + 1) + (index === 3 ? 5 * (second % 7) : 0));
  }
  const phase = (((second - 12) % 30) + 30) % 30;
  if (isQuiet || phase < 21) add('flapping', { id: 'a' }, isQuiet ? 0 : phase);
  else if (phase === 21) add('flapping', { id: 'a' }, STALE_VALUE);
  return series;
}
