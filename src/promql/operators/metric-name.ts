import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { LabelMemo } from './label-memo.ts';
import { forEachSeries, mapSeries } from './label-work.ts';

/** What describes a metric rather than its target: leaves together with the name. */
const METADATA_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);

const hasTypeOrUnit = (labels: Labels): boolean => labels.has('__type__') || labels.has('__unit__');

/**
 * Stands beside the labels of a series whose metric name is to be dropped at the end of the query only. No series has a
 * label of this name (a lone high surrogate comes out of no decoder), and it sorts behind all others.
 */
const NAME_IS_DROPPED = '\ud800';

/** How a query takes the metric name from the labels of a value that is no longer of the metric. */
export type DropName = (labels: Labels) => Labels;

/** `rate(x_total[5m])` has no name. */
export const dropMetricName: DropName = (labels) =>
  hasTypeOrUnit(labels) ? labels.without(METADATA_LABELS) : labels.withoutMetricName();

/** With delayed name removal: `rate(x_total[5m])` keeps its name to its end, unless something gives it another. */
export const markNameDropped: DropName = (labels) => labels.with(NAME_IS_DROPPED, '1');

/**
 * What `dropName` makes of the labels of all series, and whether they are sure to be all different: they are when the
 * series had been, and one name is all that has gone.
 */
export function dropNames(
  series: readonly Labels[],
  { areDistinct, dropName }: { areDistinct: boolean; dropName: DropName },
): Work<Unnamed> {
  if (dropName !== dropMetricName) return markNames(series, dropName);
  return known.of(series, areDistinct ? 'distinct' : '', () => takeNames(series, areDistinct));
}

interface Unnamed {
  readonly labels: readonly Labels[];
  readonly areDistinct: boolean;
}

const known = new LabelMemo<Unnamed>();

function* markNames(series: readonly Labels[], dropName: DropName): Work<Unnamed> {
  return { labels: yield* mapSeries(series, dropName), areDistinct: false };
}

function* takeNames(series: readonly Labels[], areDistinct: boolean): Work<Unnamed> {
  const labels = yield* mapSeries(series, dropMetricName);
  if (!areDistinct) return { labels, areDistinct };
  let isOneName = true;
  const name = series[0]?.metricName;
  yield* forEachSeries(series, (one) => {
    if (isOneName) isOneName = one.metricName === name && !hasTypeOrUnit(one);
  });
  return { labels, areDistinct: isOneName };
}

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
