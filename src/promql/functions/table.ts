import { calendarFunctions } from './calendar.ts';
import { histogramFunctions } from './histogram.ts';
import { labelFunctions } from './labels.ts';
import { mathFunctions } from './math.ts';
import { overTimeFunctions } from './over-time.ts';
import { rateFunctions } from './rate.ts';
import { sortFunctions } from './sorting.ts';
import { trendFunctions } from './trend.ts';
import type { PromqlFunction } from './types.ts';

/**
 * Every function that is evaluated by a record, by name. Operators of their own evaluate `absent`, `absent_over_time`,
 * `scalar`, `vector` and `timestamp`, whose result depends on more than their argument's values.
 */
export const functionTable: Readonly<Record<string, PromqlFunction>> = {
  ...rateFunctions,
  ...overTimeFunctions,
  ...trendFunctions,
  ...mathFunctions,
  ...calendarFunctions,
  ...labelFunctions,
  ...sortFunctions,
  ...histogramFunctions,
};
