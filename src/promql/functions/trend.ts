import { PocketCortexError } from '../../model/errors.ts';
import { formatFloatFixed } from '../../model/go-float.ts';
import { derivative, doubleExponentialSmoothing, predictLinear } from '../kernels/regression.ts';
import { ofFloatsOnly } from './mixed-ranges.ts';
import type { PromqlFunction, RangeFunction, RangeWindows } from './types.ts';

const smoothing: RangeFunction = {
  kind: 'range',
  keepsMetricName: false,
  apply(windows, scalars, out, context) {
    const factors = { smoothing: scalars[0]!, trend: scalars[1]! };
    assertFactors(windows, factors.smoothing, { name: 'smoothing', symbol: 'sf' });
    assertFactors(windows, factors.trend, { name: 'trend', symbol: 'tf' });
    ofFloatsOnly((floats) => doubleExponentialSmoothing(floats, factors, out))(windows, scalars, out, context);
  },
};

/** Where a range is heading. */
export const trendFunctions = {
  deriv: {
    kind: 'range',
    keepsMetricName: false,
    isOfSamplesAlone: true,
    apply: ofFloatsOnly((windows, _scalars, out) => derivative(windows, out)),
  },
  predict_linear: {
    kind: 'range',
    keepsMetricName: false,
    apply: ofFloatsOnly((windows, scalars, out, { grid }) =>
      predictLinear(windows, { startMs: grid.startMs, stepMs: grid.stepMs, aheadSeconds: scalars[0]! }, out),
    ),
  },
  double_exponential_smoothing: smoothing,
  // The name of Prometheus 2, which Cortex still takes.
  holt_winters: smoothing,
} as const satisfies Record<string, PromqlFunction>;

/** @throws {PocketCortexError} `execution-error` for a factor outside of (0, 1) at a step that has samples. */
function assertFactors(
  { from, to }: RangeWindows,
  factors: Float64Array,
  { name, symbol }: { name: string; symbol: string },
): void {
  for (let step = 0; step < factors.length; step++) {
    const factor = factors[step]!;
    if ((factor <= 0 || factor >= 1) && from[step]! < to[step]!) {
      const text = formatFloatFixed(factor);
      throw new PocketCortexError(
        'execution-error',
        `invalid ${name} factor. Expected: 0 < ${symbol} < 1, got: ${text}`,
      );
    }
  }
}
