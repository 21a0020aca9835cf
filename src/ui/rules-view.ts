import type { GroupJson, RuleJson } from './api.ts';
import { html } from './dom.ts';
import { metricText } from './query-view.ts';

/** The rule groups of a tenant, or its alerting rules alone with the alerts they have raised. */
export function rulesView(
  groups: readonly GroupJson[],
  kind: 'alerts' | 'rules',
  show: (expr: string) => void,
): HTMLElement {
  const view = html('div', { class: 'rules' });
  for (const group of groups) {
    const rules = group.rules.filter(({ type }) => kind === 'rules' || type === 'alerting');
    if (rules.length === 0) continue;
    view.append(html('h2', {}, `${group.name} `, html('small', {}, `${group.file}, every ${group.interval} s`)));
    for (const rule of rules) view.append(ruleCard(rule, show));
  }
  if (view.childElementCount === 0) view.append(html('p', { class: 'note' }, `This tenant has no ${kind}.`));
  return view;
}

function ruleCard(rule: RuleJson, show: (expr: string) => void): HTMLElement {
  const { name, query, health, state, duration, lastError = '', alerts = [] } = rule;
  const badge = state ?? health;
  const waits = duration ? ` for ${duration} s` : '';
  const card = html(
    'section',
    { class: 'rule' },
    html('div', {}, html('span', { class: `badge ${badge}` }, badge), html('strong', {}, name), waits),
    html('button', { class: 'expr', title: 'Show the graph', click: () => show(query) }, query),
  );
  if (lastError !== '') card.append(html('p', { class: 'error' }, lastError));
  for (const { labels, annotations, state: alertState, activeAt, value } of alerts) {
    const texts = Object.entries(annotations).map(([key, text]) => html('div', {}, `${key}: ${text}`));
    card.append(
      html(
        'div',
        { class: 'alert' },
        html('span', { class: `badge ${alertState}` }, alertState),
        html('code', {}, metricText(labels)),
        html('div', { class: 'note' }, `value ${value}, since ${activeAt}`),
        ...texts,
      ),
    );
  }
  return card;
}
