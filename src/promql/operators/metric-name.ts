import { type Labels, METRIC_NAME } from '../../model/labels.ts';

/** What describes a metric rather than its target: leaves together with the name. */
const METADATA_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);

/**
 * Stands beside the labels of a series whose metric name is to be dropped at the end of the query only. No series has a
 * label of this name (a lone high surrogate comes out of no decoder), and it sorts behind all others.
 */
const NAME_IS_DROPPED = '\ud800';

/** How a query takes the metric name from the labels of a value that is no longer of the metric. */
export type DropName = (labels: Labels) => Labels;

/** `rate(x_total[5m])` has no name. */
export const dropMetricName: DropName = (labels) => labels.without(METADATA_LABELS);

/** With delayed name removal: `rate(x_total[5m])` keeps its name to its end, unless something gives it another. */
export const markNameDropped: DropName = (labels) => labels.with(NAME_IS_DROPPED, '1');

export function isNameDropped(labels: Labels): boolean {
  return labels.size > 0 && labels.nameAt(labels.size - 1) === NAME_IS_DROPPED;
}

/** The labels with their name, as if it had not been dropped. */
export function withoutNameMark(labels: Labels): Labels {
  return isNameDropped(labels) ? labels.with(NAME_IS_DROPPED, '') : labels;
}

/** The end of the delay: takes the names that were dropped. */
export function settleName(labels: Labels): Labels {
  return isNameDropped(labels) ? dropMetricName(withoutNameMark(labels)) : labels;
}
