import type { VectorMatching } from '../../../grammar/ast.ts';
import { ABSENT, createStepColumn, type StepColumn } from '../../model/columns.ts';
import { compareText, type Labels } from '../../model/labels.ts';
import type { EngineFeatures } from '../functions/types.ts';
import { matchLabels } from './matching.ts';
import { copyStep } from './materialise.ts';
import { withoutNameMark } from './metric-name.ts';
import { executionError } from './query-context.ts';

/** The "one" side of a join, all of it: the series of each match group, of which no two may share a step. */
export class OneSide {
  readonly labels: readonly Labels[];
  readonly columns: readonly StepColumn[];
  /** By match group; undefined for a group without a series on this side. */
  readonly #seriesOfGroup: (number[] | undefined)[];
  readonly #combined = new Map<number, StepColumn>();

  constructor(side: { labels: readonly Labels[]; columns: readonly StepColumn[] }, groupOfSeries: Int32Array) {
    this.labels = side.labels;
    this.columns = side.columns;
    this.#seriesOfGroup = [];
    for (let i = 0; i < groupOfSeries.length; i++) {
      const group = groupOfSeries[i]!;
      const members = this.#seriesOfGroup[group];
      if (members) members.push(i);
      else this.#seriesOfGroup[group] = [i];
    }
  }

  /** The series of a group, by index. */
  seriesOf(group: number): readonly number[] {
    return this.#seriesOfGroup[group] ?? [];
  }

  /** The group's series as one column, undefined where there is none. Frozen. */
  columnOf(group: number): StepColumn | undefined {
    const members = this.seriesOf(group);
    if (members.length < 2) return members.length === 0 ? undefined : this.columns[members[0]!]!;
    let column = this.#combined.get(group);
    if (column === undefined) {
      column = this.combine(members);
      this.#combined.set(group, column);
    }
    return column;
  }

  /** Some of a group's series as one column. */
  combine(series: readonly number[]): StepColumn {
    if (series.length === 1) return this.columns[series[0]!]!;
    const combined = createStepColumn(this.columns[series[0]!]!.present.length);
    for (const index of series) overlay(combined, this.columns[index]!);
    return combined;
  }

  /** Steps at which two series of one group meet; undefined when there is none, which is the rule. */
  conflictSteps(): Uint8Array | undefined {
    let conflicts: Uint8Array | undefined;
    for (const members of this.#seriesOfGroup) {
      if (members === undefined || members.length < 2) continue;
      const stepCount = this.columns[0]!.present.length;
      const taken = new Uint8Array(stepCount);
      for (const index of members) {
        const { present } = this.columns[index]!;
        for (let step = 0; step < stepCount; step++) {
          if (present[step] === ABSENT) continue;
          if (taken[step] === 1) {
            conflicts ??= new Uint8Array(stepCount);
            conflicts[step] = 1;
          }
          taken[step] = 1;
        }
      }
    }
    return conflicts;
  }

  /** The error for a step with a conflict, in Prometheus's words. */
  conflictError(
    step: number,
    groupOfSeries: Int32Array,
    { matching, features }: { matching: VectorMatching; features: EngineFeatures },
  ): Error {
    const first = new Map<number, number>();
    for (let i = 0; i < this.columns.length; i++) {
      if (this.columns[i]!.present[step] === ABSENT) continue;
      const earlier = first.get(groupOfSeries[i]!);
      if (earlier !== undefined) {
        const side = matching.cardinality === 'one-to-many' ? 'left' : 'right';
        const pair = [withoutNameMark(this.labels[i]!), withoutNameMark(this.labels[earlier]!)].map(String);
        // Newer engines name the two in the same order each time.
        if (features.prometheus314) pair.sort(compareText);
        const group = matchLabels(matching)(this.labels[i]!);
        return executionError(
          `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: ` +
            `[${pair.join(', ')}]` +
            ';many-to-many matching not allowed: matching labels must be unique on one side',
        );
      }
      first.set(groupOfSeries[i]!, i);
    }
    throw new RangeError(`no conflict at step ${step}`);
  }
}

function overlay(target: StepColumn, source: StepColumn): void {
  for (let step = 0; step < target.present.length; step++) {
    if (source.present[step] !== ABSENT) copyStep(source, step, target);
  }
}
