import type { Shape } from './go-yaml-reader.ts';

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = 'january february march april may june july august september october november december'.split(' ');

type Check = (written: string) => string | undefined;

function ranges(check: Check): Shape {
  return { kind: 'list', of: { kind: 'text', check } };
}

/** `a:b`, or one value that is both. */
function rangeOf(written: string): readonly [string, string] {
  const [begin = '', end = begin] = written.toLowerCase().split(':');
  return [begin, end];
}

const weekdays: Check = (written) => {
  const range = rangeOf(written);
  const bad = range.find((day) => !WEEKDAYS.includes(day));
  if (bad !== undefined) return `${bad} is not a valid weekday`;
  return WEEKDAYS.indexOf(range[0]) > WEEKDAYS.indexOf(range[1]) ? 'start day cannot be before end day' : undefined;
};

const daysOfMonth: Check = (written) => {
  const [begin, end] = rangeOf(written).map(Number) as [number, number];
  if (!Number.isInteger(begin) || !Number.isInteger(end)) return notANumber(written);
  for (const day of [begin, end]) {
    if (day === 0 || Math.abs(day) > 31) return `${day} is not a valid day of the month: out of range`;
  }
  if (begin < 0 && end > 0) return 'end day must be negative if start day is negative';
  // Counted from the end of the longest month.
  const from = (day: number): number => (day < 0 ? 31 + day + 1 : day);
  return from(begin) > from(end) ? `end day ${end} is always before start day ${begin}` : undefined;
};

const months: Check = (written) => {
  const range = rangeOf(written);
  const numbers = range.map((month) => (/^\d+$/.test(month) ? Number(month) : MONTHS.indexOf(month) + 1));
  const bad = range.find((_, index) => !(numbers[index]! >= 1 && numbers[index]! <= 12));
  if (bad !== undefined) return `${bad} is not a valid month`;
  return numbers[0]! > numbers[1]! ? `end month ${range[1]} is before start month ${range[0]}` : undefined;
};

const years: Check = (written) => {
  const [begin, end] = rangeOf(written).map(Number) as [number, number];
  if (!Number.isInteger(begin) || !Number.isInteger(end)) return notANumber(written);
  return begin > end ? `end year ${end} is before start year ${begin}` : undefined;
};

function notANumber(written: string): string {
  const bad = rangeOf(written).find((part) => !/^[+-]?\d+$/.test(part));
  return `strconv.Atoi: parsing ${JSON.stringify(bad ?? written)}: invalid syntax`;
}

function timeProblem(written: string): string | undefined {
  if (!/^((([01][0-9])|(2[0-3])):[0-5][0-9])$|(^24:00$)/.test(written)) {
    return `couldn't parse timestamp ${written}, invalid format`;
  }
  return undefined;
}

const location: Check = (written) => {
  try {
    if (written !== 'Local') new Intl.DateTimeFormat('en', { timeZone: written });
    return undefined;
  } catch {
    return `unknown time zone ${written}`;
  }
};

/** When routes are muted or active: looked at for its form only, because nothing is sent. */
export const timeIntervalShape: Shape = {
  kind: 'struct',
  type: 'timeinterval.TimeInterval',
  fields: {
    times: {
      kind: 'list',
      of: {
        kind: 'struct',
        type: 'timeinterval.yamlTimeRange',
        fields: { start_time: { kind: 'text' }, end_time: { kind: 'text' } },
        check: ({ start_time: start = '', end_time: end = '' }) => {
          if (start === '' || end === '') return 'both start and end times must be provided';
          const problem = timeProblem(`${start}`) ?? timeProblem(`${end}`);
          if (problem !== undefined) return problem;
          return `${start}` >= `${end}` ? 'start time cannot be equal or greater than end time' : undefined;
        },
      },
    },
    weekdays: ranges(weekdays),
    days_of_month: ranges(daysOfMonth),
    months: ranges(months),
    years: ranges(years),
    location: { kind: 'text', check: location },
  },
};
