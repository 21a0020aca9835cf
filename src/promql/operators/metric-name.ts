import { type Labels, METRIC_NAME } from '../../model/labels.ts';

/** What describes a metric rather than its target: leaves together with the name. */
const METADATA_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);

/** The labels of a value that is no longer of the metric: `rate(x_total[5m])` has no name. */
export function dropMetricName(labels: Labels): Labels {
  return labels.without(METADATA_LABELS);
}

/** Whether taking the name from series that are all different may leave two alike. */
export function namesDiffer(series: readonly Labels[]): boolean {
  const first = series[0];
  if (first === undefined) return false;
  for (const labels of series) {
    for (const name of METADATA_LABELS) if (labels.get(name) !== first.get(name)) return true;
  }
  return false;
}
