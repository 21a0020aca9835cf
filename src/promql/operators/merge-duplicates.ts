import { ABSENT, createStepColumn, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { forEachSeries } from './label-work.ts';
import { copyColumn, copyStep } from './materialise.ts';
import type { VectorOperator } from './operator.ts';
import { executionError, type SampleAccount } from './query-context.ts';

/** What becomes of series that have the same labels but never a value at the same step. */
export type DisjointDuplicates = 'merge' | 'reject';

/**
 * Sits on an operator that changed labels and so may list the same labels twice: makes one series of such, and says so
 * when two have a value at the same step. Streams as long as all labels differ.
 */
export class MergeDuplicatesOperator implements VectorOperator {
  readonly areDistinct = true;
  readonly #child: VectorOperator;
  readonly #stepCount: number;
  readonly #account: SampleAccount;
  readonly #disjoint: DisjointDuplicates;
  #merged: StepColumn[] | undefined;
  #nextSeries = 0;

  constructor(
    child: VectorOperator,
    options: { stepCount: number; account: SampleAccount; disjoint?: DisjointDuplicates },
  ) {
    this.#child = child;
    this.#stepCount = options.stepCount;
    this.#account = options.account;
    this.#disjoint = options.disjoint ?? 'merge';
  }

  *prepare(): Work<readonly Labels[]> {
    const labels = yield* this.#child.prepare();
    if (this.#child.areDistinct) return labels;
    const targets = new Map<string, number>();
    yield* forEachSeries(labels, ({ key }) => {
      if (!targets.has(key)) targets.set(key, targets.size);
    });
    if (targets.size === labels.length) return labels;

    const unique: Labels[] = [];
    const merged: StepColumn[] = [];
    let column = createStepColumn(this.#stepCount);
    this.#account.assertRoomFor(targets.size * this.#stepCount);
    for (const series of labels) {
      const target = targets.get(series.key)!;
      this.#child.next(column);
      if (target === merged.length) {
        unique.push(series);
        merged.push(column);
        column = createStepColumn(this.#stepCount);
      } else {
        this.#mergeInto(merged[target]!, column);
      }
      yield;
    }
    this.#merged = merged;
    return unique;
  }

  next(out: StepColumn): void {
    if (this.#merged) copyColumn(this.#merged[this.#nextSeries++]!, out);
    else this.#child.next(out);
  }

  close(): void {
    this.#merged = undefined;
    this.#child.close();
  }

  #mergeInto(target: StepColumn, source: StepColumn): void {
    if (this.#disjoint === 'reject' && hasAny(target) && hasAny(source)) throw sameLabelset();
    for (let step = 0; step < this.#stepCount; step++) {
      if (source.present[step] === ABSENT) continue;
      if (target.present[step] !== ABSENT) throw sameLabelset();
      copyStep(source, step, target);
    }
  }
}

/** Whether the column has a value at any step. */
export function hasAny({ present }: StepColumn): boolean {
  for (let step = 0; step < present.length; step++) if (present[step] !== ABSENT) return true;
  return false;
}

function sameLabelset(): Error {
  return executionError('vector cannot contain metrics with the same labelset');
}
