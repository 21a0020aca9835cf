import { FLOAT, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { dropMetricName } from './metric-name.ts';
import type { VectorOperator } from './operator.ts';

/** `-vector`. */
export class NegateVectorOperator implements VectorOperator {
  readonly #child: VectorOperator;

  constructor(child: VectorOperator) {
    this.#child = child;
  }

  *prepare(): Work<readonly Labels[]> {
    return (yield* this.#child.prepare()).map(dropMetricName);
  }

  next(out: StepColumn): void {
    this.#child.next(out);
    const { values, present } = out;
    for (let step = 0; step < values.length; step++) if (present[step] === FLOAT) values[step] = -values[step]!;
  }

  close(): void {
    this.#child.close();
  }
}
