import { createStepColumn, FLOAT, type StepGrid } from '../../model/columns.ts';
import type { Work } from '../../model/work.ts';
import type { ScalarFunction } from '../functions/types.ts';
import type { NumberOperation } from './arithmetic.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import type { SampleAccount } from './query-context.ts';

/** A number literal. */
export class ConstantOperator implements ScalarOperator {
  readonly #value: number;
  readonly #account: SampleAccount;

  constructor(value: number, account: SampleAccount) {
    this.#value = value;
    this.#account = account;
  }

  *evaluate(out: Float64Array): Work<void> {
    this.#account.hold(out.length);
    out.fill(this.#value);
  }

  close(): void {}
}

/** `time()` and its like. */
export class ScalarFunctionOperator implements ScalarOperator {
  readonly #function: ScalarFunction;
  readonly #grid: StepGrid;
  readonly #account: SampleAccount;

  constructor(scalarFunction: ScalarFunction, grid: StepGrid, account: SampleAccount) {
    this.#function = scalarFunction;
    this.#grid = grid;
    this.#account = account;
  }

  *evaluate(out: Float64Array): Work<void> {
    this.#account.hold(out.length);
    this.#function.apply(this.#grid, out);
  }

  close(): void {}
}

/** `-scalar`. */
export class NegateScalarOperator implements ScalarOperator {
  readonly #child: ScalarOperator;

  constructor(child: ScalarOperator) {
    this.#child = child;
  }

  *evaluate(out: Float64Array): Work<void> {
    yield* this.#child.evaluate(out);
    for (let step = 0; step < out.length; step++) out[step] = -out[step]!;
  }

  close(): void {
    this.#child.close();
  }
}

/** `scalar + scalar`; a comparison (always with `bool`) gives 1 or 0. */
export class BinaryScalarOperator implements ScalarOperator {
  readonly #operation: NumberOperation;
  readonly #left: ScalarOperator;
  readonly #right: ScalarOperator;

  constructor(operation: NumberOperation, left: ScalarOperator, right: ScalarOperator) {
    this.#operation = operation;
    this.#left = left;
    this.#right = right;
  }

  *evaluate(out: Float64Array): Work<void> {
    const operation = this.#operation;
    const right = new Float64Array(out.length);
    yield* this.#left.evaluate(out);
    yield* this.#right.evaluate(right);
    for (let step = 0; step < out.length; step++) out[step] = operation(out[step]!, right[step]!);
  }

  close(): void {
    this.#left.close();
    this.#right.close();
  }
}

/** `scalar(vector)`: the value of the only series at a step, NaN when there is none or more than one. */
export class ScalarOfVectorOperator implements ScalarOperator {
  readonly #child: VectorOperator;

  constructor(child: VectorOperator) {
    this.#child = child;
  }

  *evaluate(out: Float64Array): Work<void> {
    const seriesCount = (yield* this.#child.prepare()).length;
    const column = createStepColumn(out.length);
    const found = new Uint8Array(out.length);
    out.fill(NaN);
    for (let i = 0; i < seriesCount; i++) {
      this.#child.next(column);
      takeOnly(column.values, column.present, found, out);
      yield;
    }
  }

  close(): void {
    this.#child.close();
  }
}

/** Native histograms do not count: only a float can be the scalar. */
function takeOnly(values: Float64Array, present: Uint8Array, found: Uint8Array, out: Float64Array): void {
  for (let step = 0; step < out.length; step++) {
    if (present[step] !== FLOAT) continue;
    out[step] = found[step] === 0 ? values[step]! : NaN;
    found[step] = 1;
  }
}
