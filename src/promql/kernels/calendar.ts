import { ABSENT, FLOAT, type StepColumn } from '../../model/columns.ts';

const DAY_SECONDS = 86_400;

export type CalendarField =
  | 'minute'
  | 'hour'
  | 'day_of_week'
  | 'day_of_month'
  | 'day_of_year'
  | 'days_in_month'
  | 'month'
  | 'year';

/** Replaces each value, in seconds since 1970, by a field of its date in UTC. Fractions of a second are cut off. */
export function calendarField(column: StepColumn, field: CalendarField): void {
  const { values, present } = column;
  const date = { year: 0, month: 0, day: 0 };
  for (let step = 0; step < values.length; step++) {
    if (present[step] !== FLOAT) {
      present[step] = ABSENT;
      continue;
    }
    const seconds = wholeSeconds(values[step]!);
    // Far dates have more seconds than a double counts exactly; remainders are exact all the same.
    const secondOfDay = ((seconds % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
    const days = Math.round((seconds - secondOfDay) / DAY_SECONDS);
    switch (field) {
      case 'minute':
        values[step] = Math.floor(secondOfDay / 60) % 60;
        break;
      case 'hour':
        values[step] = Math.floor(secondOfDay / 3600);
        break;
      case 'day_of_week':
        // 1970 began on a Thursday.
        values[step] = (((days + 4) % 7) + 7) % 7;
        break;
      case 'day_of_month':
        civilDate(days, date);
        values[step] = date.day;
        break;
      case 'day_of_year':
        civilDate(days, date);
        values[step] = days - daysBefore(date.year, 1) + 1;
        break;
      case 'days_in_month':
        civilDate(days, date);
        values[step] =
          daysBefore(date.year + (date.month === 12 ? 1 : 0), (date.month % 12) + 1) -
          daysBefore(date.year, date.month);
        break;
      case 'month':
        civilDate(days, date);
        values[step] = date.month;
        break;
      case 'year':
        civilDate(days, date);
        values[step] = date.year;
        break;
    }
  }
}

/**
 * Whole seconds as Go gets them on amd64: what does not fit into 64 bits (NaN too) becomes the smallest integer, and the
 * date of that comes out as if it were the largest and one more.
 */
function wholeSeconds(value: number): number {
  return Math.abs(value) < 2 ** 63 ? Math.trunc(value) : 2 ** 63;
}

/**
 * The date of a day counted from 1970-01-01, in the proleptic Gregorian calendar. Years are counted from March, so that
 * the leap day is a year's last day, in eras of 400 years, each of 146,097 days.
 */
function civilDate(days: number, date: { year: number; month: number; day: number }): void {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  date.day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  date.month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  date.year = yearOfEra + era * 400 + (date.month <= 2 ? 1 : 0);
}

/** Days from 1970-01-01 to the first of a month. */
function daysBefore(year: number, month: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5);
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}
