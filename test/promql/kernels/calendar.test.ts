import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStepColumn, FLOAT } from '../../../src/model/columns.ts';
import { type CalendarField, calendarField } from '../../../src/promql/kernels/calendar.ts';

const fields: Record<CalendarField, (date: Date) => number> = {
  minute: (date) => date.getUTCMinutes(),
  hour: (date) => date.getUTCHours(),
  day_of_week: (date) => date.getUTCDay(),
  day_of_month: (date) => date.getUTCDate(),
  day_of_year: (date) => Math.floor((date.getTime() - yearStartMs(date)) / 864e5) + 1,
  days_in_month: (date) =>
    new Date(Date.UTC(2000 + (date.getUTCFullYear() % 400), date.getUTCMonth() + 1, 0)).getUTCDate(),
  month: (date) => date.getUTCMonth() + 1,
  year: (date) => date.getUTCFullYear(),
};

function yearStartMs(date: Date): number {
  const start = new Date(date.getTime());
  start.setUTCMonth(0, 1);
  return start.setUTCHours(0, 0, 0, 0);
}

function fieldOf(seconds: number, field: CalendarField): number {
  const column = createStepColumn(1);
  column.values[0] = seconds;
  column.present[0] = FLOAT;
  calendarField(column, field);
  return column.values[0];
}

test.for(Object.entries(fields) as [CalendarField, (date: Date) => number][])(
  '%s is that of the date in UTC',
  ([field, expected]) => {
    fc.assert(
      // The calendar of JavaScript begins in the year 1 without tricks.
      fc.property(fc.integer({ min: -62_135_596_800, max: 200_000_000_000 }), (seconds) => {
        expect(fieldOf(seconds, field)).toBe(expected(new Date(seconds * 1000)));
      }),
    );
  },
);

// Recorded from Prometheus 3.5 on amd64.
test.for([
  { field: 'year', seconds: 1e15, expected: 31_690_708 },
  { field: 'year', seconds: -1e15, expected: -31_686_769 },
  { field: 'year', seconds: 1e18, expected: 31_688_740_476 },
  { field: 'year', seconds: -1e18, expected: -31_688_736_537 },
  { field: 'month', seconds: 1e18, expected: 10 },
  { field: 'year', seconds: NaN, expected: 292_277_026_596 },
  { field: 'year', seconds: Infinity, expected: 292_277_026_596 },
  { field: 'minute', seconds: -Infinity, expected: 30 },
  { field: 'day_of_week', seconds: NaN, expected: 0 },
  { field: 'day_of_month', seconds: NaN, expected: 4 },
  { field: 'minute', seconds: -0.5, expected: 0 },
] as const)('$field of $seconds is $expected, as Go has it', ({ field, seconds, expected }) => {
  expect(fieldOf(seconds, field)).toBe(expected);
});
