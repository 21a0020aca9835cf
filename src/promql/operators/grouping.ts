import { Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { LabelMemo, namesKey } from './label-memo.ts';
import { forEachSeries } from './label-work.ts';
import { isNameDropped, markNameDropped, withoutNameMark } from './metric-name.ts';

/** `by (labels)` or `without (labels)`. */
export interface Grouping {
  readonly isWithout: boolean;
  readonly names: readonly string[];
}

/** Which group each series falls into, and the groups' labels in the order of their first series. */
export interface Groups {
  readonly labels: readonly Labels[];
  readonly groupOfSeries: Int32Array;
}

const known = new LabelMemo<Groups>();

/** The groups that `series` falls into. Frozen. */
export function groupSeries(series: readonly Labels[], grouping: Grouping): Work<Groups> {
  const key = `${grouping.isWithout ? 'without' : 'by'} ${namesKey(grouping.names)}`;
  return known.of(series, key, () => makeGroups(series, grouping));
}

function* makeGroups(series: readonly Labels[], grouping: Grouping): Work<Groups> {
  const groupOfSeries = new Int32Array(series.length);
  if (!grouping.isWithout && grouping.names.length === 0) {
    return { labels: series.length > 0 ? [Labels.EMPTY] : [], groupOfSeries };
  }
  const labelsOf = groupLabels(grouping);
  const labels: Labels[] = [];
  const groupByKey = new Map<string, number>();
  yield* forEachSeries(series, (member, index) => {
    // The labels of a group are made once for the group, not once for each series, where its key is quicker to have.
    let own = grouping.isWithout ? labelsOf(member) : undefined;
    const key = own ? own.key : member.keyOf(grouping.names);
    let group = groupByKey.get(key);
    if (group === undefined) {
      group = labels.length;
      groupByKey.set(key, group);
      own ??= labelsOf(member);
      labels.push(own);
    }
    groupOfSeries[index] = group;
    if (isNameDropped(member) && labels[group]!.has(METRIC_NAME)) labels[group] = markNameDropped(labels[group]!);
  });
  return { labels, groupOfSeries };
}

/** The labels of the group that a series falls into. `without` always takes the metric name too. */
export function groupLabels({ isWithout, names }: Grouping): (series: Labels) => Labels {
  const set = new Set(names);
  if (!isWithout) return (series) => series.only(set);
  set.add(METRIC_NAME);
  return (series) => withoutNameMark(series).without(set);
}
