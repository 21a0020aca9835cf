import { ABSENT, createStepColumn, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { LabelMemo } from './label-memo.ts';
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
    const { unique, targets } = yield* known.of(labels, '', () => mergeLabels(labels));
    if (unique.length === labels.length) return labels;

    const merged: StepColumn[] = [];
    let column = createStepColumn(this.#stepCount);
    this.#account.assertRoomFor(unique.length * this.#stepCount);
    for (const target of targets) {
      this.#child.next(column);
      if (target === merged.length) {
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

/** Which labels stay, in the order of their first series, and at which place among them each series belongs. */
interface MergedLabels {
  readonly unique: readonly Labels[];
  readonly targets: Int32Array;
}

const known = new LabelMemo<MergedLabels>();

function* mergeLabels(series: readonly Labels[]): Work<MergedLabels> {
  const targets = new Int32Array(series.length);
  const unique: Labels[] = [];
  const targetByKey = new Map<string, number>();
  yield* forEachSeries(series, (labels, index) => {
    let target = targetByKey.get(labels.key);
    if (target === undefined) {
      target = unique.length;
      targetByKey.set(labels.key, target);
      unique.push(labels);
    }
    targets[index] = target;
  });
  return { unique, targets };
}

/** Whether the column has a value at any step. */
export function hasAny({ present }: StepColumn): boolean {
  for (let step = 0; step < present.length; step++) if (present[step] !== ABSENT) return true;
  return false;
}

function sameLabelset(): Error {
  return executionError('vector cannot contain metrics with the same labelset');
}
