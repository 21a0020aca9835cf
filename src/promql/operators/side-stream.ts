import type { VectorMatching } from '../../../grammar/ast.ts';
import { ABSENT, createStepColumn, type StepColumn } from '../../model/columns.ts';
import type { Work } from '../../model/work.ts';
import type { VectorOperator } from './operator.ts';
import type { SampleAccount } from './query-context.ts';

/** One side of a join: its columns in order, one at a time, unless all of them were needed at once. */
export class SideStream {
  readonly #operator: VectorOperator;
  readonly #seriesCount: number;
  readonly #current: StepColumn;
  #pulledCount = 0;
  #held: readonly StepColumn[] | undefined;

  constructor(operator: VectorOperator, { seriesCount, stepCount }: { seriesCount: number; stepCount: number }) {
    this.#operator = operator;
    this.#seriesCount = seriesCount;
    this.#current = createStepColumn(stepCount);
  }

  /** Pulls all series and keeps those that are `needed`, which is all without it. */
  *hold(account: SampleAccount, needed?: ReadonlySet<number | undefined>): Work<void> {
    const stepCount = this.#current.present.length;
    account.assertRoomFor((needed?.size ?? this.#seriesCount) * stepCount);
    const held: StepColumn[] = [];
    for (; this.#pulledCount < this.#seriesCount; this.#pulledCount++) {
      const isNeeded = needed === undefined || needed.has(this.#pulledCount);
      const column = isNeeded ? createStepColumn(stepCount) : this.#current;
      this.#operator.next(column);
      held.push(column);
      yield;
    }
    this.#held = held;
  }

  /** How many series are not pulled yet. */
  get pendingCount(): number {
    return this.#seriesCount - this.#pulledCount;
  }

  /** Only of a held side. */
  hasAnyAt(step: number): boolean {
    return this.#held!.some(({ present }) => present[step] !== ABSENT);
  }

  /** The column of series `index`; borrowed. Indices must not fall. */
  column(index: number): StepColumn {
    if (this.#held) return this.#held[index]!;
    for (; this.#pulledCount <= index; this.#pulledCount++) this.#operator.next(this.#current);
    return this.#current;
  }

  /** All columns of a held side; of another, the one column that `column` overwrites, for every series. */
  columns(): readonly StepColumn[] {
    return this.#held ?? new Array<StepColumn>(this.#seriesCount).fill(this.#current);
  }

  /** Pulls what is left. */
  *drain(): Work<void> {
    for (; this.#pulledCount < this.#seriesCount; this.#pulledCount++) {
      this.#operator.next(this.#current);
      yield;
    }
  }
}

/**
 * Whether both sides can stream: each series has at most one partner, and the partners come in order, as they do where
 * both sides have the same labels (`rate(errors[5m]) / rate(total[5m])`). Then the "one" side need not be held.
 */
export function goInStep(
  sides: { manyGroups: Int32Array; oneGroups: Int32Array; groupCount: number },
  { fillLeft }: VectorMatching,
): boolean {
  // Unmatched series of the "one" side are looked at again in the end.
  if (fillLeft !== undefined) return false;
  const oneOfGroup = new Int32Array(sides.groupCount).fill(-1);
  for (let one = 0; one < sides.oneGroups.length; one++) {
    const group = sides.oneGroups[one]!;
    if (oneOfGroup[group] !== -1) return false;
    oneOfGroup[group] = one;
  }
  let latest = -1;
  for (const group of sides.manyGroups) {
    const one = oneOfGroup[group]!;
    if (one >= 0 && one < latest) return false;
    latest = Math.max(latest, one);
  }
  return true;
}
