import { quoteGo } from '../model/go-quote.ts';
import { compareText, METRIC_NAME } from '../model/labels.ts';
import { encodeUtf8, isValidUtf8 } from '../model/utf8.ts';

/** name, value, name, value … as a request gave them, in any order, with any content. */
export type FlatLabels = readonly string[];

/** Go's `%.200q`: the first 200 characters, in quotes. */
export function quoteShort(text: string): string {
  const limit = 200;
  if (text.length <= limit) return quoteGo(text);
  const characters: string[] = [];
  for (const character of text) {
    if (characters.length === limit) break;
    characters.push(character);
  }
  return quoteGo(characters.join(''));
}

/**
 * `m{a="1", b="2"}` in the order given, repeated names kept; only the first `__name__` is the metric, a further one
 * prints as a label. How validation errors show a series.
 */
export function formatSeries(labels: FlatLabels): string {
  let metricName = '';
  const parts: string[] = [];
  for (let i = 0; i < labels.length; i += 2) {
    const [name, value] = [labels[i]!, labels[i + 1]!];
    if (name === METRIC_NAME && metricName === '' && value !== '') metricName = value;
    else parts.push(`${name}=${quoteGo(value)}`);
  }
  if (parts.length === 0) return metricName === '' ? '{}' : metricName;
  return `${metricName}{${parts.join(', ')}}`;
}

/** `m{a="1", b="2"}` sorted, of a repeated name the last value: how the error about too many labels shows a series. */
export function formatMetric(labels: FlatLabels): string {
  const byName = new Map<string, string>();
  for (let i = 0; i < labels.length; i += 2) byName.set(labels[i]!, labels[i + 1]!);
  const metricName = byName.get(METRIC_NAME) ?? '';
  byName.delete(METRIC_NAME);
  const parts = [...byName].map(([name, value]) => `${name}=${quoteGo(value)}`).sort(compareText);
  if (parts.length === 0) return metricName === '' ? '{}' : metricName;
  return `${metricName}{${parts.join(', ')}}`;
}

/** How many bytes `text` took in the request. */
export function byteLength(text: string): number {
  return isValidUtf8(text) ? Buffer.byteLength(text, 'utf8') : encodeUtf8(text).length;
}
