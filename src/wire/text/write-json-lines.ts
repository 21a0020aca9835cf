import { isStaleMarker, type SampleColumns } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { spansOfBuckets } from '../../model/native-histogram-spans.ts';
import type { Exemplar, MetricMetadata } from '../../model/write-batch.ts';
import { quoteJson } from '../json-text.ts';

/** So many samples a line: whoever reads it holds a line in memory. */
const SAMPLES_PER_LINE = 4096;
const HISTOGRAMS_PER_LINE = 128;

/** The samples of a series as lines that `JsonLinesParser` reads, bit for bit; none when there are none. */
export function* writeJsonLines(labels: Labels, samples: SampleColumns): Generator<string, void> {
  const metric = `{"metric":${labelsJson(labels)}`;
  for (let from = 0; from < samples.count; ) {
    const isHistogram = samples.histograms?.[from] !== undefined;
    const limit = Math.min(samples.count, from + (isHistogram ? HISTOGRAMS_PER_LINE : SAMPLES_PER_LINE));
    let to = from + 1;
    while (to < limit && (samples.histograms?.[to] !== undefined) === isHistogram) to += 1;
    yield isHistogram ? histogramLine(metric, samples, from, to) : sampleLine(metric, samples, from, to);
    from = to;
  }
}

export function exemplarsJsonLine(labels: Labels, exemplars: readonly Exemplar[]): string {
  const list = exemplars.map(({ labels: own, value, timestampMs }) => {
    const pairs = own.map(([name, text]) => `${quoteJson(name)}:${quoteJson(text)}`);
    return `{"labels":{${pairs}},"value":${numberJson(value)},"timestamp":${timestampMs}}`;
  });
  return `{"metric":${labelsJson(labels)},"exemplars":[${list}]}\n`;
}

export function metadataJsonLine({ metric, type, help, unit }: MetricMetadata): string {
  return `{"metadata":{"metric":${quoteJson(metric)},"type":"${type}","help":${quoteJson(help)},"unit":${quoteJson(unit)}}}\n`;
}

function sampleLine(metric: string, { values, bits, timestampsMs }: SampleColumns, from: number, to: number): string {
  let valueTexts = '';
  let timeTexts = '';
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const text = Number.isNaN(value) && isStaleMarker(bits, i) ? 'null' : numberJson(value);
    valueTexts += i === from ? text : `,${text}`;
    timeTexts += i === from ? timestampsMs[i]! : `,${timestampsMs[i]!}`;
  }
  return `${metric},"values":[${valueTexts}],"timestamps":[${timeTexts}]}\n`;
}

function histogramLine(metric: string, { histograms, timestampsMs }: SampleColumns, from: number, to: number): string {
  const texts: string[] = [];
  for (let i = from; i < to; i++) texts.push(histogramText(histograms![i]!));
  return `${metric},"histograms":[${texts}],"timestamps":[${timestampsMs.subarray(from, to).join()}]}\n`;
}

/** Fields that are empty, 0 or false are left out, as the reader has it. */
function histogramText(histogram: NativeHistogram): string {
  const { schema, count, sum, zeroThreshold, zeroCount, positive, negative, customBounds } = histogram;
  const fields: string[] = [];
  const add = (name: string, json: string): void => {
    fields.push(`"${name}":${json}`);
  };
  if (histogram.isInteger) add('integer', 'true');
  if (histogram.counterResetHint !== 'unknown') add('counter_reset_hint', `"${histogram.counterResetHint}"`);
  if (histogram.isStale) return `{${[...fields, '"stale":true']}}`;
  add('schema', `${schema}`);
  add('count', numberJson(count));
  add('sum', numberJson(sum));
  if (zeroThreshold !== 0) add('zero_threshold', numberJson(zeroThreshold));
  if (zeroCount !== 0) add('zero_count', numberJson(zeroCount));
  for (const [name, side] of [['positive', positive] as const, ['negative', negative] as const]) {
    if (side.counts.length === 0) continue;
    add(`${name}_spans`, `[${spansOfBuckets(side).map(({ offset, length }) => `[${offset},${length}]`)}]`);
    add(`${name}_counts`, numbersJson(side.counts));
  }
  if (customBounds.length > 0) add('custom_bounds', numbersJson(customBounds));
  return `{${fields}}`;
}

function labelsJson(labels: Labels): string {
  const pairs: string[] = [];
  for (const [name, value] of labels) pairs.push(`${quoteJson(name)}:${quoteJson(value)}`);
  return `{${pairs}}`;
}

function numbersJson(numbers: Float64Array): string {
  const texts: string[] = [];
  for (const number of numbers) texts.push(numberJson(number));
  return `[${texts}]`;
}

/** JSON has no NaN and no infinities; VictoriaMetrics reads and writes them as these texts. */
function numberJson(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : `${value}`;
  return Number.isNaN(value) ? '"NaN"' : value > 0 ? '"Infinity"' : '"-Infinity"';
}
