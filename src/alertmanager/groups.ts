import { compareText } from '../model/labels.ts';
import type { Alert } from './alerts.ts';
import { compareAlerts, compareLabelMaps } from './alerts.ts';
import type { LabelMap } from './matchers.ts';
import { matchingRoutes, type Route } from './route.ts';

/** Alerts that would be notified together. */
export interface AlertGroup {
  readonly receiver: string;
  /** What they have in common. */
  readonly labels: LabelMap;
  readonly alerts: readonly Alert[];
}

/** The receivers of an alert, in the order of the routes. */
export function receiversOf(route: Route, alert: Alert): string[] {
  return matchingRoutes(route, alert.labels).map(({ receiver }) => receiver);
}

/** Puts alerts into the groups of their routes. Sorted by what a group has in common, then by receiver. */
export function groupAlerts(root: Route, alerts: readonly Alert[]): AlertGroup[] {
  const byRoute = new Map<Route, Map<string, { labels: LabelMap; alerts: Alert[] }>>();
  for (const alert of alerts) {
    for (const route of matchingRoutes(root, alert.labels)) {
      const labels = commonLabels(route, alert);
      const key = JSON.stringify(Object.entries(labels));
      const groups = byRoute.get(route) ?? new Map<string, { labels: LabelMap; alerts: Alert[] }>();
      byRoute.set(route, groups);
      const group = groups.get(key) ?? { labels, alerts: [] };
      groups.set(key, group);
      group.alerts.push(alert);
    }
  }
  return [...byRoute]
    .flatMap(([{ receiver }, groups]) =>
      [...groups.values()].map(({ labels, alerts }) => ({ receiver, labels, alerts: alerts.sort(compareAlerts) })),
    )
    .sort((a, b) => compareLabelMaps(a.labels, b.labels) || compareText(a.receiver, b.receiver));
}

function commonLabels({ groupBy }: Route, { labels }: Alert): LabelMap {
  const names = Object.keys(labels).sort(compareText);
  const common = groupBy === undefined ? names : names.filter((name) => groupBy.includes(name));
  return Object.fromEntries(common.map((name) => [name, labels[name]!]));
}
