import { compareText } from '../../model/labels.ts';
import { quoteJsonForHtml } from '../../wire/json-text.ts';
import type { NotifiedAlert } from '../alert-sink.ts';

/** The body of `POST /api/v2/alerts`, byte for byte as Prometheus writes it. */
export function alertsJson(alerts: readonly NotifiedAlert[]): string {
  return `[${alerts.map(alertJson).join(',')}]`;
}

function alertJson({ labels, annotations, startsAtMs, endsAtMs, generatorUrl }: NotifiedAlert): string {
  const fields = [
    `"annotations":${mapJson(annotations)}`,
    `"endsAt":${timeJson(endsAtMs)}`,
    `"startsAt":${timeJson(startsAtMs)}`,
    ...(generatorUrl === '' ? [] : [`"generatorURL":${quoteJsonForHtml(generatorUrl)}`]),
    `"labels":${mapJson(labels)}`,
  ];
  return `{${fields.join(',')}}`;
}

function mapJson(map: Readonly<Record<string, string>>): string {
  const entries = Object.entries(map).sort(([a], [b]) => compareText(a, b));
  return `{${entries.map(([name, text]) => `${quoteJsonForHtml(name)}:${quoteJsonForHtml(text)}`).join(',')}}`;
}

/** 0 is Go's time that was never set: an Alertmanager takes it for no time at all. */
function timeJson(timeMs: number): string {
  return timeMs === 0 ? '"0001-01-01T00:00:00.000Z"' : `"${new Date(timeMs).toISOString()}"`;
}
