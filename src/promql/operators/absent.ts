import { ABSENT, createStepColumn, FLOAT, type StepColumn } from '../../model/columns.ts';
import { Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { Work } from '../../model/work.ts';
import type { RangeWindows } from '../functions/types.ts';
import { copyColumn } from './materialise.ts';
import type { RangeOperator, VectorOperator } from './operator.ts';
import type { SampleAccount } from './query-context.ts';

/** `absent(x)`: 1 at every step where the vector has no series. */
export class AbsentOperator implements VectorOperator {
  readonly #child: VectorOperator;
  readonly #labels: Labels;
  readonly #out: StepColumn;

  constructor(child: VectorOperator, labels: Labels, stepCount: number) {
    this.#child = child;
    this.#labels = labels;
    this.#out = createStepColumn(stepCount);
  }

  *prepare(): Work<readonly Labels[]> {
    const seriesCount = (yield* this.#child.prepare()).length;
    const column = createStepColumn(this.#out.present.length);
    fillWithOnes(this.#out);
    for (let i = 0; i < seriesCount; i++) {
      this.#child.next(column);
      removeWherePresent(this.#out, column);
      yield;
    }
    return [this.#labels];
  }

  next(out: StepColumn): void {
    copyColumn(this.#out, out);
  }

  close(): void {
    this.#child.close();
  }
}

/** `absent_over_time(x[5m])`: 1 at every step where no series has a sample in its window. */
export class AbsentOverTimeOperator implements VectorOperator {
  readonly #range: RangeOperator;
  readonly #account: SampleAccount;
  readonly #labels: Labels;
  readonly #out: StepColumn;

  constructor(range: RangeOperator, labels: Labels, options: { stepCount: number; account: SampleAccount }) {
    this.#range = range;
    this.#account = options.account;
    this.#labels = labels;
    this.#out = createStepColumn(options.stepCount);
  }

  *prepare(): Work<readonly Labels[]> {
    const seriesCount = (yield* this.#range.prepare()).length;
    fillWithOnes(this.#out);
    for (let i = 0; i < seriesCount; i++) {
      removeWhereWindowHasSamples(this.#out, this.#range.next());
      this.#account.hold(this.#out.present.length);
      yield;
    }
    return [this.#labels];
  }

  next(out: StepColumn): void {
    copyColumn(this.#out, out);
  }

  close(): void {
    this.#range.close();
  }
}

function fillWithOnes(column: StepColumn): void {
  column.values.fill(1);
  column.present.fill(FLOAT);
}

function removeWherePresent({ present }: StepColumn, column: StepColumn): void {
  for (let step = 0; step < present.length; step++) if (column.present[step] !== ABSENT) present[step] = ABSENT;
}

function removeWhereWindowHasSamples({ present }: StepColumn, { from, to }: RangeWindows): void {
  for (let step = 0; step < present.length; step++) if (to[step]! > from[step]!) present[step] = ABSENT;
}

/**
 * What the selector says of the series that are not there: its `=` matchers. A label with another matcher behind its `=`
 * is left out, so which labels stay depends on the order of the matchers; Prometheus keeps that for compatibility.
 */
export function labelsOfAbsent(matchers: readonly Matcher[]): Labels {
  const values = new Map<string, string>();
  const seen = new Set<string>();
  for (const { name, op, value } of matchers) {
    if (name === METRIC_NAME) continue;
    if (op === '=' && !seen.has(name)) {
      values.set(name, value);
      seen.add(name);
    } else {
      values.delete(name);
    }
  }
  return Labels.of(values);
}
