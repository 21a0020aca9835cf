import { goLog, goLog2, goLog10 } from '../../model/go-math.ts';
import { goAcos, goAsin, goAtan } from '../kernels/arctangent.ts';
import { goExp } from '../kernels/exponential.ts';
import { clampFloats, mapFloats, roundFloats } from '../kernels/floats.ts';
import { goAcosh, goAsinh, goCosh, goSinh, goTanh } from '../kernels/hyperbolic.ts';
import { goCos, goSin, goTan } from '../kernels/trigonometry.ts';
import type { MapFunction, PromqlFunction } from './types.ts';

/** A number in, a number out. */
export const mathFunctions = {
  abs: mapFunction(Math.abs),
  ceil: mapFunction(Math.ceil),
  floor: mapFunction(Math.floor),
  exp: mapFunction(goExp),
  ln: mapFunction(goLog),
  log2: mapFunction(goLog2),
  log10: mapFunction(goLog10),
  sqrt: mapFunction(Math.sqrt),
  sgn: mapFunction((value) => (value < 0 ? -1 : value > 0 ? 1 : value)),

  sin: mapFunction(goSin),
  cos: mapFunction(goCos),
  tan: mapFunction(goTan),
  asin: mapFunction(goAsin),
  acos: mapFunction(goAcos),
  atan: mapFunction(goAtan),
  sinh: mapFunction(goSinh),
  cosh: mapFunction(goCosh),
  tanh: mapFunction(goTanh),
  asinh: mapFunction(goAsinh),
  acosh: mapFunction(goAcosh),
  atanh: mapFunction(Math.atanh),
  deg: mapFunction((value) => (value * 180) / Math.PI),
  rad: mapFunction((value) => (value * Math.PI) / 180),

  round: {
    kind: 'map',
    keepsMetricName: false,
    apply: (column, scalars) => roundFloats(column, scalars[0]),
  },
  clamp: {
    kind: 'map',
    keepsMetricName: false,
    apply: (column, scalars) => clampFloats(column, scalars[0], scalars[1]),
  },
  clamp_min: {
    kind: 'map',
    keepsMetricName: false,
    apply: (column, scalars) => clampFloats(column, scalars[0], undefined),
  },
  clamp_max: {
    kind: 'map',
    keepsMetricName: false,
    apply: (column, scalars) => clampFloats(column, undefined, scalars[0]),
  },

  pi: { kind: 'scalar', apply: (_grid, out) => out.fill(Math.PI) },
} as const satisfies Record<string, PromqlFunction>;

function mapFunction(image: (value: number) => number): MapFunction {
  return { kind: 'map', keepsMetricName: false, apply: (column) => mapFloats(column, image) };
}
