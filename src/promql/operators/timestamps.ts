import { ABSENT, FLOAT, type StepColumn, type StepGrid } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { mapSeries } from './label-work.ts';
import type { DropName } from './metric-name.ts';
import type { VectorOperator } from './operator.ts';

/** The labels of a vector without the metric name, its values as they are. */
export class DropNameOperator implements VectorOperator {
  readonly #child: VectorOperator;
  readonly #dropName: DropName;

  constructor(child: VectorOperator, dropName: DropName) {
    this.#child = child;
    this.#dropName = dropName;
  }

  *prepare(): Work<readonly Labels[]> {
    return yield* mapSeries(yield* this.#child.prepare(), this.#dropName);
  }

  next(out: StepColumn): void {
    this.#child.next(out);
  }

  close(): void {
    this.#child.close();
  }
}

/** The time of the step, in seconds, wherever a vector has a value. */
export class StepTimeOperator implements VectorOperator {
  readonly #child: VectorOperator;
  readonly #grid: StepGrid;

  constructor(child: VectorOperator, grid: StepGrid) {
    this.#child = child;
    this.#grid = grid;
  }

  prepare(): Work<readonly Labels[]> {
    return this.#child.prepare();
  }

  next(out: StepColumn): void {
    this.#child.next(out);
    const { startMs, stepMs } = this.#grid;
    for (let step = 0; step < out.values.length; step++) {
      if (out.present[step] === ABSENT) continue;
      out.values[step] = (startMs + step * stepMs) / 1000;
      out.present[step] = FLOAT;
    }
  }

  close(): void {
    this.#child.close();
  }
}
