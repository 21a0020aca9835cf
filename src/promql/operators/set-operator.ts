import type { SetOp, VectorMatching } from '../../../grammar/ast.ts';
import { ABSENT, createStepColumn, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { matchGroups } from './matching.ts';
import type { VectorOperator } from './operator.ts';
import type { SampleAccount } from './query-context.ts';

export interface SetOptions {
  readonly op: SetOp;
  readonly matching: VectorMatching;
  readonly stepCount: number;
  readonly account: SampleAccount;
}

/**
 * `and`, `or`, `unless`: keeps the values of one side by whether the other has any in the same match group at the same
 * step. That one bit a group and step is all that is kept of the deciding side, which is the right one, and for `or` the
 * left.
 */
export class SetOperator implements VectorOperator {
  readonly #left: VectorOperator;
  readonly #right: VectorOperator;
  readonly #options: SetOptions;
  #occupied = new Uint8Array();
  #leftGroups: Int32Array = new Int32Array();
  #rightGroups: Int32Array = new Int32Array();
  #nextSeries = 0;

  constructor(left: VectorOperator, right: VectorOperator, options: SetOptions) {
    this.#left = left;
    this.#right = right;
    this.#options = options;
  }

  *prepare(): Work<readonly Labels[]> {
    const { op, matching, stepCount, account } = this.#options;
    const leftLabels = yield* this.#left.prepare();
    const rightLabels = yield* this.#right.prepare();
    const groups = yield* matchGroups(leftLabels, rightLabels, matching);
    this.#leftGroups = groups.left;
    this.#rightGroups = groups.right;
    account.assertRoomFor(groups.count * stepCount);
    this.#occupied = new Uint8Array(groups.count * stepCount);
    if (op === 'or') return [...leftLabels, ...rightLabels];
    const column = createStepColumn(stepCount);
    for (let i = 0; i < rightLabels.length; i++) {
      this.#right.next(column);
      occupy(this.#occupied, this.#rightGroups[i]! * stepCount, column);
      yield;
    }
    return leftLabels;
  }

  next(out: StepColumn): void {
    const { op, stepCount } = this.#options;
    const index = this.#nextSeries++;
    const leftCount = this.#leftGroups.length;
    if (index >= leftCount) {
      this.#right.next(out);
      keepWhere(out, this.#occupied, this.#rightGroups[index - leftCount]! * stepCount, 0);
      return;
    }
    this.#left.next(out);
    const first = this.#leftGroups[index]! * stepCount;
    if (op === 'or') occupy(this.#occupied, first, out);
    else keepWhere(out, this.#occupied, first, op === 'and' ? 1 : 0);
  }

  close(): void {
    this.#occupied = new Uint8Array();
    this.#left.close();
    this.#right.close();
  }
}

function occupy(occupied: Uint8Array, first: number, { present }: StepColumn): void {
  for (let step = 0; step < present.length; step++) if (present[step] !== ABSENT) occupied[first + step] = 1;
}

function keepWhere({ present }: StepColumn, occupied: Uint8Array, first: number, wanted: 0 | 1): void {
  for (let step = 0; step < present.length; step++) if (occupied[first + step] !== wanted) present[step] = ABSENT;
}
