import type { StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { FunctionContext, MapFunction } from '../functions/types.ts';
import { type DropName, dropNames } from './metric-name.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import { evaluateScalars } from './scalar-arguments.ts';

/** `abs(x)` and its like: value by value. */
export class MapFunctionOperator implements VectorOperator {
  readonly #function: MapFunction;
  readonly #child: VectorOperator;
  readonly #scalars: readonly ScalarOperator[];
  readonly #context: FunctionContext;
  readonly #dropName: DropName;
  #scalarValues: readonly Float64Array[] = [];
  #areDistinct = false;

  constructor(
    mapFunction: MapFunction,
    inputs: { vector: VectorOperator; scalars: readonly ScalarOperator[] },
    context: FunctionContext,
    dropName: DropName,
  ) {
    this.#function = mapFunction;
    this.#child = inputs.vector;
    this.#scalars = inputs.scalars;
    this.#context = context;
    this.#dropName = dropName;
  }

  *prepare(): Work<readonly Labels[]> {
    this.#scalarValues = yield* evaluateScalars(this.#scalars, this.#context.grid.count);
    const labels = yield* this.#child.prepare();
    const areDistinct = this.#child.areDistinct === true;
    const output = this.#function.keepsMetricName
      ? { labels, areDistinct }
      : yield* dropNames(labels, { areDistinct, dropName: this.#dropName });
    this.#areDistinct = output.areDistinct;
    return output.labels;
  }

  get areDistinct(): boolean {
    return this.#areDistinct;
  }

  next(out: StepColumn): void {
    this.#child.next(out);
    this.#function.apply(out, this.#scalarValues, this.#context);
  }

  close(): void {
    this.#child.close();
    for (const scalar of this.#scalars) scalar.close();
  }
}
