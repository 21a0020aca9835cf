import type { VectorMatching } from '../../../grammar/ast.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { forEachSeries } from './label-work.ts';
import { withoutNameMark } from './metric-name.ts';

/** What two series have to have in common to be partners: the `on` labels, or all but the `ignoring` ones and the name. */
export function matchLabels({ isOn, labels }: VectorMatching): (series: Labels) => Labels {
  const names = new Set(labels);
  if (isOn) return (series) => series.only(names);
  names.add(METRIC_NAME);
  return (series) => withoutNameMark(series).without(names);
}

/** Numbers match groups from 0 in the order they are met; the same for both sides. */
export class MatchGroups {
  readonly #groupByKey = new Map<string, number>();
  readonly #matchLabels: (series: Labels) => Labels;

  constructor(matching: VectorMatching) {
    this.#matchLabels = matchLabels(matching);
  }

  get count(): number {
    return this.#groupByKey.size;
  }

  /** The group of each series; groups not met yet are added. */
  *assign(series: readonly Labels[]): Work<Int32Array> {
    const groups = new Int32Array(series.length);
    yield* forEachSeries(series, (labels, index) => {
      const { key } = this.#matchLabels(labels);
      let group = this.#groupByKey.get(key);
      if (group === undefined) {
        group = this.#groupByKey.size;
        this.#groupByKey.set(key, group);
      }
      groups[index] = group;
    });
    return groups;
  }
}
