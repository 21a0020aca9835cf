import { durationText, monthName, timeText, weekdayName } from './go-time.ts';
import { histogramText } from './histogram-text.ts';
import type { GoValue } from './values.ts';

/** What the value's own `String` method gives; undefined for a type that has none. */
export function textOfValue(value: GoValue): string | undefined {
  switch (value.kind) {
    case 'time':
      return timeText(value.nanoseconds);
    case 'int':
      if (value.type === 'time.Duration') return durationText(value.value);
      if (value.type === 'time.Month') return monthName(Number(value.value));
      if (value.type === 'time.Weekday') return weekdayName(Number(value.value));
      return undefined;
    case 'histogram':
      return histogramText(value.histogram);
    case 'pointer':
      return value.to && textOfValue(value.to);
    default:
      return undefined;
  }
}
