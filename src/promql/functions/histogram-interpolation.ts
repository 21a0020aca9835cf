import type { NativeHistogram } from '../../model/native-histogram.ts';
import {
  addHistograms,
  type Combination,
  scaleHistogram,
  subtractHistograms,
} from '../../model/native-histogram-arithmetic.ts';
import { detectReset } from '../../model/native-histogram-resets.ts';
import type { HistogramOperation } from './histogram-texts.ts';

/**
 * `before` and `behind` mixed: a counter that was reset between them starts anew from zero. `settle` tells of what a
 * combination had to settle.
 */
export function interpolateHistograms(
  ends: { before: NativeHistogram; behind: NativeHistogram; fraction: number; isCounter: boolean },
  settle: (combination: Combination | undefined, operation: HistogramOperation) => NativeHistogram | undefined,
): NativeHistogram | undefined {
  const { before, behind, fraction, isCounter } = ends;
  if (fraction === 0) return before;
  if (fraction === 1) return behind;
  if (isCounter && detectReset(behind, before)) return scaleHistogram(behind, fraction);
  const rise = settle(subtractHistograms(behind, before), 'subtraction');
  return rise && settle(addHistograms(scaleHistogram(rise, fraction), before), 'addition');
}
