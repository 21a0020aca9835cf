import type { TenantAlertmanager } from '../alertmanager/alertmanagers.ts';
import { receiversOf } from '../alertmanager/groups.ts';
import { silenceState } from '../alertmanager/silences.ts';
import type { TenantId } from '../model/tenant.ts';
import { escapeHtml, page, table } from './pages.ts';

/** What a tenant's Alertmanager knows, for people. */
export function alertmanagerPage(manager: TenantAlertmanager, tenant: TenantId, nowMs: number): string {
  const { config, alerts, silences } = manager;
  const alertRows = alerts
    .active(nowMs)
    .map((alert) => [
      labelsText(alert.labels),
      labelsText(alert.annotations),
      new Date(alert.startsAtMs).toISOString(),
      receiversOf(config.route, alert).join(', '),
    ]);
  const silenceRows = silences
    .list([], nowMs)
    .map((silence) => [
      silence.matchers
        .map(
          ({ name, value, isRegex, isEqual }) =>
            `${name}${isEqual ? '=' : '!'}${isRegex ? '~' : isEqual ? '' : '='}"${value}"`,
        )
        .join(', '),
      silenceState(silence, nowMs),
      new Date(silence.endsAtMs).toISOString(),
      silence.createdBy,
      silence.comment,
    ]);
  return page(
    'Alertmanager',
    `<h1>Alertmanager of ${escapeHtml(tenant)}</h1>
<p>It takes alerts and silences, and shows them; it notifies nobody.</p>
<h2>Alerts</h2>
${table(['Labels', 'Annotations', 'Since', 'Receivers'], alertRows)}
<h2>Silences</h2>
${table(['Matchers', 'State', 'Until', 'By', 'Comment'], silenceRows)}
<h2>Configuration</h2>
<pre>${escapeHtml(config.text)}</pre>`,
  );
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ');
}
