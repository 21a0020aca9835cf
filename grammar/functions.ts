import type { ValueType } from './ast.ts';
import type { Language } from './language.ts';

/** What a function takes and gives. */
export interface FunctionSignature {
  readonly argTypes: readonly ValueType[];
  /** How many arguments may stand beyond `argTypes` less one, each of the last type; 0: exactly `argTypes`; -1: any number. */
  readonly variadic: number;
  readonly returnType: ValueType;
  /** Refused unless `enableExperimentalFunctions`. */
  readonly isExperimental: boolean;
  /** Only in one language; in both without it. */
  readonly language?: Language;
  /** Experimental in 3.9 although it no longer is in 3.14. */
  readonly wasExperimental?: boolean;
}

function vector(...argTypes: ValueType[]): FunctionSignature {
  return { argTypes, variadic: 0, returnType: 'vector', isExperimental: false };
}

function scalar(...argTypes: ValueType[]): FunctionSignature {
  return { argTypes, variadic: 0, returnType: 'scalar', isExperimental: false };
}

function experimental(signature: FunctionSignature): FunctionSignature {
  return { ...signature, isExperimental: true };
}

/** A date function: of the evaluation time when it is called without a vector. */
const datePart: FunctionSignature = { ...vector('vector'), variadic: 1 };

/** All functions of Prometheus 3.14 and what Cortex 1.21 adds to its 3.9. */
export const functionSignatures = {
  abs: vector('vector'),
  absent: vector('vector'),
  absent_over_time: vector('matrix'),
  acos: vector('vector'),
  acosh: vector('vector'),
  asin: vector('vector'),
  asinh: vector('vector'),
  atan: vector('vector'),
  atanh: vector('vector'),
  avg_over_time: vector('matrix'),
  ceil: vector('vector'),
  changes: vector('matrix'),
  clamp: vector('vector', 'scalar', 'scalar'),
  clamp_max: vector('vector', 'scalar'),
  clamp_min: vector('vector', 'scalar'),
  cos: vector('vector'),
  cosh: vector('vector'),
  count_over_time: vector('matrix'),
  day_of_month: datePart,
  day_of_week: datePart,
  day_of_year: datePart,
  days_in_month: datePart,
  deg: vector('vector'),
  delta: vector('matrix'),
  deriv: vector('matrix'),
  double_exponential_smoothing: experimental(vector('matrix', 'scalar', 'scalar')),
  end: { ...experimental(scalar()), language: '3.14' },
  exp: vector('vector'),
  first_over_time: { ...vector('matrix'), wasExperimental: true },
  floor: vector('vector'),
  histogram_avg: vector('vector'),
  histogram_count: vector('vector'),
  histogram_fraction: vector('scalar', 'scalar', 'vector'),
  histogram_quantile: vector('scalar', 'vector'),
  histogram_quantiles: {
    ...experimental(vector('vector', 'string', 'scalar', 'scalar')),
    variadic: 9,
    language: '3.14',
  },
  histogram_stddev: vector('vector'),
  histogram_stdvar: vector('vector'),
  histogram_sum: vector('vector'),
  // The former name of double_exponential_smoothing: Cortex keeps it, and not as an experiment.
  holt_winters: vector('matrix', 'scalar', 'scalar'),
  hour: datePart,
  idelta: vector('matrix'),
  increase: vector('matrix'),
  info: { ...experimental(vector('vector', 'vector')), variadic: 1 },
  irate: vector('matrix'),
  label_join: { ...vector('vector', 'string', 'string', 'string'), variadic: -1 },
  label_replace: vector('vector', 'string', 'string', 'string', 'string'),
  last_over_time: vector('matrix'),
  ln: vector('vector'),
  log10: vector('vector'),
  log2: vector('vector'),
  mad_over_time: experimental(vector('matrix')),
  max_of: { ...experimental(scalar('scalar', 'scalar')), language: '3.14' },
  max_over_time: vector('matrix'),
  min_of: { ...experimental(scalar('scalar', 'scalar')), language: '3.14' },
  min_over_time: vector('matrix'),
  minute: datePart,
  month: datePart,
  pi: scalar(),
  predict_linear: vector('matrix', 'scalar'),
  present_over_time: vector('matrix'),
  quantile_over_time: vector('scalar', 'matrix'),
  rad: vector('vector'),
  range: { ...experimental(scalar()), language: '3.14' },
  rate: vector('matrix'),
  resets: vector('matrix'),
  round: { ...vector('vector', 'scalar'), variadic: 1 },
  scalar: scalar('vector'),
  sgn: vector('vector'),
  sin: vector('vector'),
  sinh: vector('vector'),
  sort: vector('vector'),
  sort_by_label: { ...experimental(vector('vector', 'string')), variadic: -1 },
  sort_by_label_desc: { ...experimental(vector('vector', 'string')), variadic: -1 },
  sort_desc: vector('vector'),
  sqrt: vector('vector'),
  start: { ...experimental(scalar()), language: '3.14' },
  start_timestamp: { ...experimental(vector('vector')), language: '3.14' },
  stddev_over_time: vector('matrix'),
  stdvar_over_time: vector('matrix'),
  step: { ...experimental(scalar()), language: '3.14' },
  sum_over_time: vector('matrix'),
  tan: vector('vector'),
  tanh: vector('vector'),
  time: scalar(),
  timestamp: vector('vector'),
  ts_of_first_over_time: experimental(vector('matrix')),
  ts_of_last_over_time: experimental(vector('matrix')),
  ts_of_max_over_time: experimental(vector('matrix')),
  ts_of_min_over_time: experimental(vector('matrix')),
  vector: vector('scalar'),
  year: datePart,
} satisfies Record<string, FunctionSignature>;

export type FunctionName = keyof typeof functionSignatures;

const byName: ReadonlyMap<string, FunctionSignature> = new Map(Object.entries(functionSignatures));

/** The function that `name` is in `language`, with `isExperimental` as that language has it. */
export function findFunction(name: string, language: Language): FunctionSignature | undefined {
  const signature = byName.get(name);
  if (!signature || (signature.language !== undefined && signature.language !== language)) return undefined;
  return language === '3.9' && signature.wasExperimental ? { ...signature, isExperimental: true } : signature;
}
