import type { YamlFile, YamlNode } from '../../ruler/rule-file/yaml-file.ts';
import { FieldReader, readDate, readOffset, readTimeOfDay } from './field-reader.ts';
import { placeFields } from './read-parts.ts';
import { type Incident, type IncidentKind, incidentKinds, type Recurrence } from './scenario.ts';
import { scenarioKeys } from './scenario-keys.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 1970 began on the first of these. */
const WEEKDAYS = ['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed'];

/** How long an incident takes when the file does not say. */
const durationsMs: Readonly<Record<IncidentKind, number>> = {
  outage: 10 * MINUTE_MS,
  surge: 30 * MINUTE_MS,
  deploy: 5 * MINUTE_MS,
  reset: MINUTE_MS,
  leak: 6 * HOUR_MS,
  bomb: 30 * MINUTE_MS,
};

export function readIncident(yaml: YamlFile, node: YamlNode): Incident {
  const fields = new FieldReader(yaml, node, scenarioKeys.incident);
  if (!fields.has('kind')) fields.fail('kind', `expected a kind: ${incidentKinds.join(', ')}`);
  const kind = fields.choice('kind', incidentKinds, 'outage');
  const durationMs = fields.durationMs('for', durationsMs[kind]);
  if (durationMs < MINUTE_MS) fields.fail('for', 'expected a minute or more');
  return {
    ...placeFields(fields),
    name: fields.text('name', kind),
    kind,
    when: readRecurrence(fields),
    durationMs,
    services: fields.texts('services'),
    metrics: fields.texts('metrics'),
    errors: fields.share('errors', undefined),
    requests: fields.factor('requests', 1),
    latency: positive(fields, 'latency'),
    cpu: fields.factor('cpu', 1),
    value: fields.factor('value', 1),
    memory: fields.factor('memory', kind === 'leak' ? 3 : 1),
    downPods: fields.count('down', 0),
    seriesCount: fields.count('series', kind === 'bomb' ? 500 : 0),
  };
}

function positive(fields: FieldReader, key: string): number {
  const factor = fields.factor(key, 1);
  if (factor > 0) return factor;
  fields.fail(key, 'expected a factor above 0');
  return 1;
}

/** `at`, and `every` if something comes back more often, or less, than a time of day or of the week would. */
function readRecurrence(fields: FieldReader): Recurrence {
  const text = fields.text('at', fields.has('every') ? '00:00' : '');
  const [, weekday, time = text] = /^([A-Z][a-z]{2}) (.+)$/.exec(text) ?? [];
  const timeOfDayMs = readTimeOfDay(time);
  if (timeOfDayMs !== undefined) {
    const day = weekday === undefined ? 0 : WEEKDAYS.indexOf(weekday.toLowerCase());
    if (day < 0) fields.fail('at', `there is no weekday ${weekday}`);
    const periodMs = fields.durationMs('every', weekday === undefined ? DAY_MS : 7 * DAY_MS);
    if (periodMs < MINUTE_MS) fields.fail('every', 'expected a minute or more');
    return { kind: 'every', periodMs: Math.max(MINUTE_MS, periodMs), offsetMs: day * DAY_MS + timeOfDayMs };
  }
  if (fields.has('every')) fields.fail('at', 'expected a time of day beside every');
  return readMoment(fields, 'a time: 03:10, Tue 14:00, +90s or -2d from the start, or 2026-01-05T12:00:00Z');
}

/** A time from the start, or a date. */
export function readMoment(fields: FieldReader, expected: string): Exclude<Recurrence, { kind: 'every' }> {
  const text = fields.text('at');
  const offsetMs = readOffset(text);
  if (offsetMs !== undefined) return { kind: 'from-start', offsetMs };
  const timeMs = readDate(text);
  if (timeMs === undefined) fields.fail('at', `expected ${expected}`);
  return { kind: 'at', timeMs: timeMs ?? 0 };
}
