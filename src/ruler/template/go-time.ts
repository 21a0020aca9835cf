const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const SECOND_NS = 1_000_000_000n;
const DAY_SECONDS = 86_400n;

/** A moment of UTC, taken apart. Months and weekdays are Go's: January is 1, Sunday is 0. */
export interface GoDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  readonly weekday: number;
  readonly yearDay: number;
}

/** `nanoseconds` are since 1970. Go's times reach as far as JavaScript's dates do. */
export function dateOf(nanoseconds: bigint): GoDate {
  const seconds = floorDivide(nanoseconds, SECOND_NS);
  const date = new Date(Number(seconds) * 1000);
  const days = floorDivide(seconds, DAY_SECONDS);
  const newYear = floorDivide(BigInt(Date.UTC(date.getUTCFullYear(), 0, 1)), 86_400_000n);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(nanoseconds - seconds * SECOND_NS),
    weekday: date.getUTCDay(),
    yearDay: Number(days - newYear) + 1,
  };
}

export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

export function monthName(month: number): string {
  return MONTHS[month - 1] ?? `%!Month(${month})`;
}

export function weekdayName(weekday: number): string {
  return WEEKDAYS[weekday] ?? `%!Weekday(${weekday})`;
}

/** `2024-05-06 07:08:09.5 +0000 UTC` */
export function timeText(nanoseconds: bigint): string {
  return formatTime(nanoseconds, '2006-01-02 15:04:05.999999999 -0700 MST');
}

/** The pieces of a layout, longest first where one begins like another. */
const LAYOUT =
  /January|Jan|Monday|Mon|MST|2006|__2|_2006|_2|002|01|02|03|04|05|06|15|1|2|3|4|5|PM|pm|-07:00:00|-07:00|-070000|-0700|-07|Z07:00:00|Z07:00|Z070000|Z0700|Z07|[.,]0+(?!\d)|[.,]9+(?!\d)/g;

/** A moment in UTC by one of Go's layouts, which write the second of January 2006. */
export function formatTime(nanoseconds: bigint, layout: string): string {
  const date = dateOf(nanoseconds);
  return layout.replace(LAYOUT, (piece, offset: number) => {
    // `Month` is no month, as `Monthly` has a letter behind it.
    const isWordGoingOn = (piece === 'Jan' || piece === 'Mon') && /[a-z]/.test(layout[offset + piece.length] ?? '');
    return isWordGoingOn ? piece : pieceText(piece, date);
  });
}

function pieceText(piece: string, date: GoDate): string {
  const { year, month, day, hour, minute, second, weekday, yearDay, nanosecond } = date;
  const two = (value: number): string => String(value).padStart(2, '0');
  switch (piece) {
    case 'January':
      return monthName(month);
    case 'Jan':
      return monthName(month).slice(0, 3);
    case 'Monday':
      return weekdayName(weekday);
    case 'Mon':
      return weekdayName(weekday).slice(0, 3);
    case 'MST':
      return 'UTC';
    case '2006':
      return yearText(year);
    case '_2006':
      return `_${yearText(year)}`;
    case '06':
      return two(((year % 100) + 100) % 100);
    case '01':
      return two(month);
    case '1':
      return String(month);
    case '02':
      return two(day);
    case '_2':
      return String(day).padStart(2);
    case '2':
      return String(day);
    case '002':
      return String(yearDay).padStart(3, '0');
    case '__2':
      return String(yearDay).padStart(3);
    case '15':
      return two(hour);
    case '03':
      return two(hour % 12 || 12);
    case '3':
      return String(hour % 12 || 12);
    case '04':
      return two(minute);
    case '4':
      return String(minute);
    case '05':
      return two(second);
    case '5':
      return String(second);
    case 'PM':
      return hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return hour >= 12 ? 'pm' : 'am';
  }
  if (piece.startsWith('Z')) return 'Z';
  if (piece.startsWith('-')) return `+${piece.slice(1).replaceAll(/\d/g, '0')}`;
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, piece.length - 1)
    .padEnd(piece.length - 1, '0');
  const shown = piece[1] === '9' ? digits.replace(/0+$/, '') : digits;
  return shown === '' ? '' : piece[0] + shown;
}

function yearText(year: number): string {
  return year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0');
}

/** A `time.Duration` as Go prints it: `1h30m0s`, `1.5s`, `2ms`, `0s`. */
export function durationText(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const magnitude = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (magnitude < SECOND_NS) {
    const [unit, size] = magnitude < 1000n ? ['ns', 1n] : magnitude < 1_000_000n ? ['µs', 1000n] : ['ms', 1_000_000n];
    return sign + decimalText(magnitude, size as bigint) + unit;
  }
  const minutes = magnitude / (60n * SECOND_NS);
  const seconds = `${decimalText(magnitude % (60n * SECOND_NS), SECOND_NS)}s`;
  if (minutes === 0n) return sign + seconds;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimalText(amount: bigint, size: bigint): string {
  const fraction = String((amount % size) + size)
    .slice(1)
    .replace(/0+$/, '');
  return fraction === '' ? String(amount / size) : `${amount / size}.${fraction}`;
}
