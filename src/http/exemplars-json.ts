import { formatFloat } from '../model/go-float.ts';
import { Labels } from '../model/labels.ts';
import type { Exemplar } from '../model/write-batch.ts';
import { successJson } from '../wire/list-json.ts';
import { labelsJson } from '../wire/result-json.ts';

export interface SeriesExemplars {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

/** The answer to `query_exemplars`. */
export function exemplarsResponseJson(series: readonly SeriesExemplars[]): string {
  const entries = series.map(
    ({ labels, exemplars }) =>
      `{"seriesLabels":${labelsJson(labels)},"exemplars":[${exemplars.map(exemplarJson).join(',')}]}`,
  );
  return successJson(`[${entries.join(',')}]`);
}

function exemplarJson({ labels, value, timestampMs }: Exemplar): string {
  return `{"labels":${labelsJson(Labels.of(labels))},"value":"${formatFloat(value)}","timestamp":${timestampMs / 1000}}`;
}
