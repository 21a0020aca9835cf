import type { Labels } from '../model/labels.ts';
import type { MetricMetadata } from '../model/write-batch.ts';
import { quoteJsonForHtml } from './json-text.ts';
import { labelsJson } from './result-json.ts';

/** The answer to `labels` and `label/…/values`. */
export function labelListResponseJson(texts: readonly string[], warnings: readonly string[] = []): string {
  return successJson(`[${texts.map(quoteJsonForHtml).join(',')}]`, warnings);
}

/** The answer to `series`. */
export function seriesResponseJson(series: readonly Labels[], warnings: readonly string[] = []): string {
  return successJson(`[${series.map(labelsJson).join(',')}]`, warnings);
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
  return successJson(`{${metrics.join(',')}}`, []);
}

/** `{"status":"success","data":…}` around data that is JSON already. */
export function successJson(dataJson: string, warnings: readonly string[] = []): string {
  const tail = warnings.length === 0 ? '' : `,"warnings":[${warnings.map(quoteJsonForHtml).join(',')}]`;
  return `{"status":"success","data":${dataJson}${tail}}`;
}

/** An error of the query API; the answer to `metadata` has none of the types. */
export function errorJson(error: string, errorType?: string): string {
  const type = errorType === undefined ? '' : `,"errorType":${quoteJsonForHtml(errorType)}`;
  return `{"status":"error"${type},"error":${quoteJsonForHtml(error)}}`;
}
