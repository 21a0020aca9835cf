import type { Labels } from '../model/labels.ts';
import type { MetricMetadata } from '../model/write-batch.ts';
import { type JsonBytes, type JsonChunks, writeJson } from './json-bytes.ts';
import { quoteJsonForHtml } from './json-text.ts';

/** The answer to `labels` and `label/…/values`. */
export function textListResponseJson(texts: readonly string[], warnings: readonly string[]): JsonChunks {
  return writeJson((json) => listJson(json, { items: texts, add: (text) => json.addQuotedForHtml(text), warnings }));
}

/** The answer to `series`. */
export function seriesResponseJson(series: readonly Labels[], warnings: readonly string[]): JsonChunks {
  return writeJson((json) => listJson(json, { items: series, add: (labels) => json.addLabels(labels), warnings }));
}

interface List<Item> {
  readonly items: readonly Item[];
  readonly add: (item: Item) => void;
  readonly warnings: readonly string[];
}

function* listJson<Item>(json: JsonBytes, { items, add, warnings }: List<Item>): Iterable<Uint8Array> {
  json.addText('{"status":"success","data":[');
  for (let i = 0; i < items.length; i++) {
    if (json.isFull) yield json.take();
    if (i > 0) json.addText(',');
    add(items[i]!);
  }
  json.addText(warnings.length === 0 ? ']}' : `],"warnings":[${warnings.map(quoteJsonForHtml).join(',')}]}`);
}

/** The answer to `metadata`: entries by metric, in the order of `metadata`, which is sorted by metric. */
export function metadataResponseJson(metadata: readonly MetricMetadata[]): string {
  const byMetric = new Map<string, string[]>();
  for (const { metric, type, help, unit } of metadata) {
    const entries = byMetric.get(metric) ?? [];
    entries.push(`{"type":"${type}","help":${quoteJsonForHtml(help)},"unit":${quoteJsonForHtml(unit)}}`);
    byMetric.set(metric, entries);
  }
  const metrics = [...byMetric].map(([metric, entries]) => `${quoteJsonForHtml(metric)}:[${entries.join(',')}]`);
  return successJson(`{${metrics.join(',')}}`);
}

/** `{"status":"success","data":…}` around data that is JSON already. */
export function successJson(dataJson: string): string {
  return `{"status":"success","data":${dataJson}}`;
}

/** An error of the query API; an error of `metadata` has no type. */
export function errorJson(error: string, errorType?: string): string {
  const type = errorType === undefined ? '' : `,"errorType":${quoteJsonForHtml(errorType)}`;
  return `{"status":"error"${type},"error":${quoteJsonForHtml(error)}}`;
}
