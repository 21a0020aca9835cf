import type { HistogramJson, MatrixEntry, Metric, QueryData, SamplePair } from './api.ts';
import { type ChartRange, chart } from './chart.ts';
import type { Line } from './chart-scale.ts';
import { html } from './dom.ts';
import { formatTime } from './graph-state.ts';

/** More lines than this tell nobody anything. */
const LINES_LIMIT = 100;
/** More rows than this take a browser its time. */
const ROWS_LIMIT = 1000;

/** The answer of an instant query as a table. */
export function resultTable(data: QueryData): HTMLElement {
  if (data.resultType === 'scalar' || data.resultType === 'string')
    return rowsTable([[data.resultType, data.result[1]]]);
  if (data.result.length === 0) return empty();
  if (data.resultType === 'matrix') {
    return rowsTable(data.result.map((entry) => [metricText(entry.metric), samplesText(entry)]));
  }
  return rowsTable(
    data.result.map(({ metric, value, histogram }) => [
      metricText(metric),
      histogram ? histogramText(histogram[1]) : (value?.[1] ?? ''),
    ]),
  );
}

/** The answer of a range query as a chart; of histograms it shows the number of observations. */
export function resultChart(data: QueryData, range: ChartRange): HTMLElement {
  if (data.resultType !== 'matrix' || data.result.length === 0) return empty();
  const lines = data.result.slice(0, LINES_LIMIT).map(lineOf);
  const drawing = chart(lines, range);
  const hiddenCount = data.result.length - lines.length;
  if (hiddenCount > 0) drawing.append(html('p', { class: 'note' }, `${hiddenCount} more series are not drawn.`));
  return drawing;
}

function lineOf({ metric, values = [], histograms = [] }: MatrixEntry): Line {
  const points: readonly (readonly [number, string])[] =
    values.length > 0 ? values : histograms.map(([time, { count }]) => [time, count] as const);
  return {
    name: values.length > 0 ? metricText(metric) : `${metricText(metric)} (count)`,
    timestampsMs: Float64Array.from(points, ([time]) => time * 1000),
    values: Float64Array.from(points, ([, value]) => numberOf(value)),
  };
}

/** A series as PromQL writes it. */
export function metricText(metric: Metric): string {
  const labels = Object.entries(metric).filter(([name]) => name !== '__name__');
  const name = metric['__name__'] ?? '';
  if (labels.length === 0 && name !== '') return name;
  return `${name}{${labels.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')}}`;
}

function numberOf(text: string): number {
  if (text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text);
}

function samplesText({ values = [], histograms = [] }: MatrixEntry): string {
  const floats = values.map(([time, value]: SamplePair) => `${value} @ ${formatTime(time * 1000)}`);
  const others = histograms.map(([time, histogram]) => `${histogramText(histogram)} @ ${formatTime(time * 1000)}`);
  return [...floats, ...others].join('\n');
}

function histogramText({ count, sum, buckets = [] }: HistogramJson): string {
  const lines = buckets.map(([boundaries, from, to, bucketCount]) => {
    const open = boundaries === 1 || boundaries === 3 ? '[' : '(';
    const close = boundaries === 0 || boundaries === 3 ? ']' : ')';
    return `${open}${from}, ${to}${close}: ${bucketCount}`;
  });
  return [`count ${count}, sum ${sum}`, ...lines].join('\n');
}

function rowsTable(rows: readonly (readonly [string, string])[]): HTMLElement {
  const table = html('table', { class: 'result' });
  for (const [name, value] of rows.slice(0, ROWS_LIMIT)) {
    table.append(html('tr', {}, html('td', {}, name), html('td', { class: 'value' }, value)));
  }
  const hiddenCount = rows.length - ROWS_LIMIT;
  if (hiddenCount <= 0) return table;
  return html('div', {}, table, html('p', { class: 'note' }, `${hiddenCount} more series are not shown.`));
}

function empty(): HTMLElement {
  return html('p', { class: 'note' }, 'No data.');
}
