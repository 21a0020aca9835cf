import { FunctionError } from './execution-error.ts';
import type { GoFunction, ParameterType } from './functions.ts';
import { dateOf, durationText, floorDivide, formatTime } from './go-time.ts';
import { textOfValue } from './stringers.ts';
import {
  boolValue,
  floatValue,
  type GoValue,
  type IntValue,
  indirect,
  intValue,
  type StringValue,
  stringValue,
  type TimeValue,
} from './values.ts';

/** The method of a value that a template calls by its name, if it has one. */
export function methodOf(value: GoValue, name: string): GoFunction | undefined {
  const receiver = indirect(value);
  switch (receiver?.kind) {
    case 'time':
      return own(timeMethods(receiver), name);
    case 'int':
      return receiver.type === 'time.Duration' ? own(durationMethods(receiver), name) : stringMethod(receiver, name);
    case 'histogram':
      return own(histogramMethods(receiver), name);
    default:
      return undefined;
  }
}

type Methods = Readonly<Record<string, GoFunction>>;

function own(methods: Methods, name: string): GoFunction | undefined {
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}

function stringMethod(value: GoValue, name: string): GoFunction | undefined {
  const text = name === 'String' ? textOfValue(value) : undefined;
  return text === undefined ? undefined : method(() => stringValue(text));
}

function method(call: (args: readonly GoValue[]) => GoValue, ...parameters: ParameterType[]): GoFunction {
  return { parameters, call };
}

function refused(refusal: string): GoFunction {
  return {
    parameters: [],
    refusal,
    call: () => {
      throw new FunctionError(refusal);
    },
  };
}

function timeMethods(time: TimeValue): Methods {
  const { nanoseconds } = time;
  const date = dateOf(nanoseconds);
  const number = (value: number): GoFunction => method(() => intValue(value));
  const comparison = (holds: (other: bigint) => boolean): GoFunction =>
    method(([other]) => boolValue(holds((other as TimeValue).nanoseconds)), 'time.Time');
  const moved = (to: bigint): TimeValue => ({ kind: 'time', nanoseconds: to });
  const same = method(() => time);
  return {
    Year: number(date.year),
    Month: method(() => intValue(date.month, 'time.Month')),
    Day: number(date.day),
    Weekday: method(() => intValue(date.weekday, 'time.Weekday')),
    YearDay: number(date.yearDay),
    Hour: number(date.hour),
    Minute: number(date.minute),
    Second: number(date.second),
    Nanosecond: number(date.nanosecond),
    Unix: method(() => intValue(floorDivide(nanoseconds, 1_000_000_000n), 'int64')),
    UnixMilli: method(() => intValue(floorDivide(nanoseconds, 1_000_000n), 'int64')),
    UnixMicro: method(() => intValue(floorDivide(nanoseconds, 1000n), 'int64')),
    UnixNano: method(() => intValue(nanoseconds, 'int64')),
    UTC: same,
    Local: same,
    IsDST: method(() => boolValue(false)),
    IsZero: method(() => boolValue(nanoseconds === ZERO_TIME_NS)),
    Before: comparison((other) => nanoseconds < other),
    After: comparison((other) => nanoseconds > other),
    Equal: comparison((other) => nanoseconds === other),
    Compare: method(([other]) => {
      const difference = nanoseconds - (other as TimeValue).nanoseconds;
      return intValue(difference < 0n ? -1 : difference > 0n ? 1 : 0);
    }, 'time.Time'),
    Sub: method(([other]) => intValue(nanoseconds - (other as TimeValue).nanoseconds, 'time.Duration'), 'time.Time'),
    Add: method(([duration]) => moved(nanoseconds + (duration as IntValue).value), 'time.Duration'),
    AddDate: method(
      ([years, months, days]) => {
        const midnight = Date.UTC(
          date.year + Number((years as IntValue).value),
          date.month - 1 + Number((months as IntValue).value),
          date.day + Number((days as IntValue).value),
        );
        if (Number.isNaN(midnight)) throw new FunctionError('time is out of range');
        const timeOfDay = nanoseconds - floorDivide(nanoseconds, DAY_NS) * DAY_NS;
        return moved(BigInt(midnight) * 1_000_000n + timeOfDay);
      },
      'int',
      'int',
      'int',
    ),
    Truncate: method(
      ([unit]) => moved(nanoseconds - sinceMultiple(nanoseconds, (unit as IntValue).value)),
      'time.Duration',
    ),
    Round: method(([unit]) => {
      const size = (unit as IntValue).value;
      const rest = sinceMultiple(nanoseconds, size);
      return moved(nanoseconds - rest + (rest * 2n < size || rest === 0n ? 0n : size));
    }, 'time.Duration'),
    Format: method(([layout]) => stringValue(formatTime(nanoseconds, (layout as StringValue).value)), 'string'),
    String: method(() => stringValue(textOfValue(time)!)),
    Date: refused('function Date has 3 return values; should be 1 or 2'),
    Clock: refused('function Clock has 3 return values; should be 1 or 2'),
    ISOWeek: refused('invalid function signature for ISOWeek: second return value should be error; is int'),
    Zone: refused('invalid function signature for Zone: second return value should be error; is int'),
  };
}

const DAY_NS = 86_400_000_000_000n;
/** The first of January of the year 1, from which Go counts. */
const ZERO_TIME_NS = -62_135_596_800n * 1_000_000_000n;

/** How far a moment is behind the last multiple of `unit`, counted from Go's zero time. */
function sinceMultiple(nanoseconds: bigint, unit: bigint): bigint {
  if (unit <= 0n) return 0n;
  const rest = (nanoseconds - ZERO_TIME_NS) % unit;
  return rest < 0n ? rest + unit : rest;
}

function durationMethods({ value }: IntValue): Methods {
  const float = (unitNs: number): GoFunction => method(() => floatValue(Number(value) / unitNs));
  const whole = (unitNs: bigint): GoFunction => method(() => intValue(value / unitNs, 'int64'));
  const duration = (nanoseconds: bigint): GoValue => intValue(nanoseconds, 'time.Duration');
  return {
    Hours: float(3.6e12),
    Minutes: float(6e10),
    Seconds: float(1e9),
    Milliseconds: whole(1_000_000n),
    Microseconds: whole(1000n),
    Nanoseconds: whole(1n),
    Abs: method(() => duration(value < 0n ? -value : value)),
    Truncate: method(([unit]) => {
      const size = (unit as IntValue).value;
      return duration(size <= 0n ? value : value - (value % size));
    }, 'time.Duration'),
    Round: method(([unit]) => {
      const size = (unit as IntValue).value;
      if (size <= 0n) return duration(value);
      const rest = value % size;
      const magnitude = rest < 0n ? -rest : rest;
      const isUp = magnitude * 2n >= size;
      return duration(value - rest + (isUp ? (value < 0n ? -size : size) : 0n));
    }, 'time.Duration'),
    String: method(() => stringValue(durationText(value))),
  };
}

function histogramMethods(value: Extract<GoValue, { kind: 'histogram' }>): Methods {
  return {
    String: method(() => stringValue(textOfValue(value)!)),
    UsesCustomBuckets: method(() => boolValue(value.histogram.usesCustomBuckets)),
  };
}
