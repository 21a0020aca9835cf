import { ABSENT } from '../../model/columns.ts';
import { type CalendarField, calendarField } from '../kernels/calendar.ts';
import type { MapFunction, PromqlFunction, ScalarFunction } from './types.ts';

const time: ScalarFunction = {
  kind: 'scalar',
  apply(grid, out) {
    for (let step = 0; step < out.length; step++) out[step] = (grid.startMs + step * grid.stepMs) / 1000;
  },
};

/** Time and date. Values are seconds since 1970, dates are in UTC. */
export const calendarFunctions = {
  time,
  /** Of 3.14, about when a counter began: nothing where, as here, no such times are kept. */
  start_timestamp: { kind: 'map', keepsMetricName: false, apply: ({ present }) => present.fill(ABSENT) },
  minute: dateFunction('minute'),
  hour: dateFunction('hour'),
  day_of_week: dateFunction('day_of_week'),
  day_of_month: dateFunction('day_of_month'),
  day_of_year: dateFunction('day_of_year'),
  days_in_month: dateFunction('days_in_month'),
  month: dateFunction('month'),
  year: dateFunction('year'),
} as const satisfies Record<string, PromqlFunction>;

function dateFunction(field: CalendarField): MapFunction {
  return {
    kind: 'map',
    keepsMetricName: false,
    defaultArgument: 'time',
    apply: (column) => calendarField(column, field),
  };
}
