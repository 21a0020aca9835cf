import type { Labels } from '../model/labels.ts';
import type { Work } from '../model/work.ts';
import type { RangeOperator, ScalarOperator, VectorOperator } from './operators/operator.ts';
import type { PeakMeter } from './peak-meter.ts';

/** Operators whose values `meter` counts. */
export function meteredVector(operator: VectorOperator, meter: PeakMeter): VectorOperator {
  return {
    prepare: (): Work<readonly Labels[]> => operator.prepare(),
    next: (out) => {
      operator.next(out);
      meter.addColumn(out);
    },
    get areDistinct() {
      return operator.areDistinct ?? false;
    },
    close: () => operator.close(),
  };
}

export function meteredScalar(operator: ScalarOperator, meter: PeakMeter): ScalarOperator {
  return {
    *evaluate(out) {
      yield* operator.evaluate(out);
      meter.addScalar();
    },
    close: () => operator.close(),
  };
}

export function meteredRange(operator: RangeOperator, meter: PeakMeter): RangeOperator {
  return {
    prepare: (): Work<readonly Labels[]> => operator.prepare(),
    next: () => {
      const windows = operator.next();
      meter.addWindows(windows);
      return windows;
    },
    get areDistinct() {
      return operator.areDistinct ?? false;
    },
    close: () => operator.close(),
  };
}
