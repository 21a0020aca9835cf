import type { StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { FunctionContext, MapFunction } from '../functions/types.ts';
import { mapSeries } from './label-work.ts';
import type { DropName } from './metric-name.ts';
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
    return this.#function.keepsMetricName ? labels : yield* mapSeries(labels, this.#dropName);
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
