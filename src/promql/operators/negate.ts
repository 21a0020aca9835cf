import { FLOAT, histogramAt, type StepColumn, setHistogram } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import { scaleHistogram } from '../../model/native-histogram-arithmetic.ts';
import type { Work } from '../../model/work.ts';
import { mapSeries } from './label-work.ts';
import type { DropName } from './metric-name.ts';
import type { VectorOperator } from './operator.ts';

/** `-vector`. */
export class NegateVectorOperator implements VectorOperator {
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
    const { values, present } = out;
    for (let step = 0; step < values.length; step++) if (present[step] === FLOAT) values[step] = -values[step]!;
    if (out.histograms) negateHistograms(out);
  }

  close(): void {
    this.#child.close();
  }
}

function negateHistograms(column: StepColumn): void {
  for (let step = 0; step < column.present.length; step++) {
    const histogram = histogramAt(column, step);
    if (histogram) setHistogram(column, step, scaleHistogram(histogram, -1));
  }
}
