import type { FieldReader } from './field-reader.ts';
import type { Place, Rhythm } from './scenario.ts';

export function placeFields(fields: FieldReader): Place {
  return { tenants: fields.texts('tenants'), clusters: fields.texts('clusters') };
}

export function rhythmFields(fields: FieldReader): Rhythm {
  return {
    daily: fields.share('daily', 0),
    peakMs: fields.timeOfDayMs('peak', 14 * 3_600_000),
    weekend: fields.share('weekend', 1, 10),
    noise: fields.share('noise', 0),
  };
}

export function metricNameFault(name: string): string | undefined {
  return /^[a-zA-Z_:][\w:]*$/.test(name) ? undefined : `${name} is no name of a metric`;
}
