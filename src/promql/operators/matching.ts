import type { VectorMatching } from '../../../grammar/ast.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { LabelMemo, namesKey } from './label-memo.ts';
import { forEachSeries } from './label-work.ts';
import { withoutNameMark } from './metric-name.ts';

/** What two series have to have in common to be partners: the `on` labels, or all but the `ignoring` ones and the name. */
export function matchLabels({ isOn, labels }: VectorMatching): (series: Labels) => Labels {
  const names = new Set(labels);
  if (isOn) return (series) => series.only(names);
  names.add(METRIC_NAME);
  return (series) => withoutNameMark(series).without(names);
}

/** The match groups of two sides: numbers from 0 in the order they are met, the left side first. Frozen. */
export interface MatchGroups {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly count: number;
}

const known = new LabelMemo<{ readonly right: readonly Labels[]; readonly groups: MatchGroups }>();

/** The groups of the series of both sides. */
export function* matchGroups(
  left: readonly Labels[],
  right: readonly Labels[],
  matching: VectorMatching,
): Work<MatchGroups> {
  const key = `${matching.isOn ? 'on' : 'ignoring'} ${namesKey(matching.labels)}`;
  const make = function* () {
    return { right, groups: yield* makeGroups(left, right, matching) };
  };
  const found = yield* known.of(left, key, make);
  // What is on the right is mostly the same too.
  return found.right === right ? found.groups : yield* makeGroups(left, right, matching);
}

function* makeGroups(left: readonly Labels[], right: readonly Labels[], matching: VectorMatching): Work<MatchGroups> {
  const groupByKey = new Map<string, number>();
  const labelsOf = matchLabels(matching);
  const groupOf = (labels: Labels): number => {
    const key = matching.isOn ? labels.keyOf(matching.labels) : labelsOf(labels).key;
    let group = groupByKey.get(key);
    if (group === undefined) {
      group = groupByKey.size;
      groupByKey.set(key, group);
    }
    return group;
  };
  const groups = { left: new Int32Array(left.length), right: new Int32Array(right.length) };
  yield* forEachSeries(left, (labels, index) => {
    groups.left[index] = groupOf(labels);
  });
  yield* forEachSeries(right, (labels, index) => {
    groups.right[index] = groupOf(labels);
  });
  return { ...groups, count: groupByKey.size };
}
