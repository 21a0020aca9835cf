import { expect, test } from 'vitest';
import type { NotifiedAlert } from '../../../src/ruler/alert-sink.ts';
import { alertsJson } from '../../../src/ruler/notifier/alerts-json.ts';

const alert: NotifiedAlert = {
  labels: { severity: 'page', alertname: 'Down' },
  annotations: { summary: '<up> & "down"' },
  startsAtMs: Date.UTC(2026, 0, 1, 0, 0, 0, 250),
  endsAtMs: Date.UTC(2026, 0, 1, 0, 4),
  generatorUrl: 'http://here/graph?g0.expr=up&g0.tab=1',
};

test('writes alerts as Prometheus does: fields in its order, labels sorted, times with milliseconds', () => {
  expect(alertsJson([alert])).toBe(
    '[{"annotations":{"summary":"\\u003cup\\u003e \\u0026 \\"down\\""},"endsAt":"2026-01-01T00:04:00.000Z",' +
      '"startsAt":"2026-01-01T00:00:00.250Z","generatorURL":"http://here/graph?g0.expr=up\\u0026g0.tab=1",' +
      '"labels":{"alertname":"Down","severity":"page"}}]',
  );
});

test('a time that is not known is the one that Go has for it, and no URL is none', () => {
  const bare = { ...alert, annotations: {}, endsAtMs: 0, generatorUrl: '' };
  expect(alertsJson([bare, bare])).toBe(
    `[${Array(2).fill(
      '{"annotations":{},"endsAt":"0001-01-01T00:00:00.000Z","startsAt":"2026-01-01T00:00:00.250Z",' +
        '"labels":{"alertname":"Down","severity":"page"}}',
    )}]`,
  );
});
