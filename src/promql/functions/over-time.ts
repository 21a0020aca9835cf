import { meanOfHistograms, sumOfHistograms } from '../../model/native-histogram-fold.ts';
import { countOverTime, endOverTime, presentOverTime } from '../kernels/counts.ts';
import { extremeOverTime } from '../kernels/extremes.ts';
import { medianAbsoluteDeviation, quantileOverTime } from '../kernels/quantile.ts';
import { avgOverTime, sumOverTime } from '../kernels/sum.ts';
import { varianceOverTime } from '../kernels/variance.ts';
import { warnOfBadQuantiles } from './annotate.ts';
import { foldHistograms, ofFloatsOnly } from './mixed-ranges.ts';
import type { PromqlFunction, RangeFunction } from './types.ts';

/** `…_over_time`: a range of each series folded to one value. */
export const overTimeFunctions = {
  sum_over_time: rangeFunction((windows, _scalars, out, context) => {
    sumOverTime(windows, out);
    foldHistograms(windows, sumOfHistograms, out, context);
  }),
  avg_over_time: rangeFunction((windows, _scalars, out, context) => {
    avgOverTime(windows, out);
    foldHistograms(windows, meanOfHistograms, out, context);
  }),
  count_over_time: rangeFunction((windows, _scalars, out) => countOverTime(windows, out)),
  present_over_time: rangeFunction((windows, _scalars, out) => presentOverTime(windows, out)),
  min_over_time: extremeFunction({ isMax: false, isTimestamp: false }),
  max_over_time: extremeFunction({ isMax: true, isTimestamp: false }),
  ts_of_min_over_time: extremeFunction({ isMax: false, isTimestamp: true }),
  ts_of_max_over_time: extremeFunction({ isMax: true, isTimestamp: true }),
  first_over_time: endFunction({ isLast: false, isTimestamp: false }),
  last_over_time: endFunction({ isLast: true, isTimestamp: false }),
  ts_of_first_over_time: endFunction({ isLast: false, isTimestamp: true }),
  ts_of_last_over_time: endFunction({ isLast: true, isTimestamp: true }),
  stddev_over_time: floatFunction((windows, _scalars, out) => varianceOverTime(windows, true, out)),
  stdvar_over_time: floatFunction((windows, _scalars, out) => varianceOverTime(windows, false, out)),
  mad_over_time: floatFunction((windows, _scalars, out, { features }) =>
    medianAbsoluteDeviation(windows, features?.prometheus314 === true, out),
  ),
  quantile_over_time: {
    kind: 'range',
    keepsMetricName: false,
    apply: ofFloatsOnly((windows, scalars, out, context) => {
      const quantiles = scalars[0]!;
      warnOfBadQuantiles(context, 0, quantiles, (step) => windows.from[step]! < windows.to[step]!);
      quantileOverTime(windows, quantiles, out);
    }),
  },
} as const satisfies Record<string, PromqlFunction>;

function rangeFunction(apply: RangeFunction['apply']): RangeFunction {
  return { kind: 'range', keepsMetricName: false, isOfSamplesAlone: true, apply };
}

/** Of floats; native histograms are passed over. */
function floatFunction(apply: RangeFunction['apply']): RangeFunction {
  return rangeFunction(ofFloatsOnly(apply));
}

function extremeFunction(kind: { isMax: boolean; isTimestamp: boolean }): RangeFunction {
  return floatFunction((windows, _scalars, out) => extremeOverTime(windows, kind, out));
}

function endFunction(kind: { isLast: boolean; isTimestamp: boolean }): RangeFunction {
  return {
    kind: 'range',
    // A sample picked out of the range is still the metric's.
    keepsMetricName: !kind.isTimestamp,
    isOfSamplesAlone: true,
    apply: (windows, _scalars, out) => endOverTime(windows, kind, out),
  };
}
