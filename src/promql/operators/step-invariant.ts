import { ABSENT, createStepColumn, histogramAt, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { Work } from '../../model/work.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import type { SampleAccount } from './query-context.ts';
import { weightOf } from './sample-weight.ts';

/** A vector whose value is the same at every step: its child has one step only, which stands for all. */
export class StepInvariantVectorOperator implements VectorOperator {
  readonly #child: VectorOperator;
  readonly #account: SampleAccount;
  readonly #only = createStepColumn(1);

  constructor(child: VectorOperator, account: SampleAccount) {
    this.#child = child;
    this.#account = account;
  }

  prepare(): Work<readonly Labels[]> {
    return this.#child.prepare();
  }

  next(out: StepColumn): void {
    const only = this.#only;
    this.#child.next(only);
    out.values.fill(only.values[0]!);
    out.present.fill(only.present[0]!);
    const histogram = histogramAt(only, 0);
    out.histograms = histogram && new Array<NativeHistogram | undefined>(out.present.length).fill(histogram);
    if (only.present[0] !== ABSENT) {
      this.#account.hold((out.values.length - 1) * (histogram ? weightOf(histogram) : 1));
    }
  }

  close(): void {
    this.#child.close();
  }
}

/** A scalar that is the same at every step. */
export class StepInvariantScalarOperator implements ScalarOperator {
  readonly #child: ScalarOperator;
  readonly #account: SampleAccount;

  constructor(child: ScalarOperator, account: SampleAccount) {
    this.#child = child;
    this.#account = account;
  }

  *evaluate(out: Float64Array): Work<void> {
    const only = new Float64Array(1);
    yield* this.#child.evaluate(only);
    this.#account.hold(out.length - 1);
    out.fill(only[0]!);
  }

  close(): void {
    this.#child.close();
  }
}
