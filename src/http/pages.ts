import type { ServiceStatus } from './dependencies.ts';

type Link = readonly [path: string, about: string];

/** What the first page links to, in Cortex's two parts; of a part that is not served nothing is shown. */
const links: readonly (readonly [title: string, links: readonly Link[]])[] = [
  [
    'Admin Endpoints',
    [
      ['/config', 'Current Config (including the default values)'],
      ['/config?mode=diff', 'Current Config (show only values that differ from the defaults)'],
      ['/runtime_config', 'Current Runtime Config (incl. Overrides)'],
      ['/runtime_config?mode=diff', 'Current Runtime Config (show only values that differ from the defaults)'],
      ['/services', 'Service Status'],
      ['/ready', 'Readiness'],
      ['/metrics', 'Metrics of this process'],
      ['/memberlist', 'Memberlist Status'],
      ['/ingester/ring', 'Ingester Ring Status'],
      ['/ingester/all_user_stats', 'Usage Statistics'],
      ['/distributor/ring', 'Distributor Ring Status'],
      ['/distributor/all_user_stats', 'Usage Statistics'],
      ['/distributor/ha_tracker', 'HA Tracking Status'],
      ['/store-gateway/ring', 'Store Gateway Ring'],
      ['/compactor/ring', 'Compactor Ring Status'],
      ['/parquet-converter/ring', 'Parquet Converter Ring Status'],
      ['/ruler/ring', 'Ruler Ring Status'],
      ['/ruler/rule_groups', 'Rule groups of every tenant'],
      ['/multitenant_alertmanager/status', 'Alertmanager Status'],
      ['/multitenant_alertmanager/ring', 'Alertmanager Ring Status'],
      ['/multitenant_alertmanager/configs', 'Alertmanager configurations of every tenant'],
      ['/debug/pprof/', 'Profiles of this process'],
      ['/pocket/rules', 'How the rules of every tenant are doing'],
    ],
  ],
  [
    'Dangerous',
    [
      ['/ingester/flush', 'Trigger a Flush of data from Ingester to storage'],
      ['/ingester/shutdown', 'Trigger Ingester Shutdown (Dangerous)'],
      ['/ingester/renewTokens', 'Renew Ingester Tokens (10%)'],
      ['/ingester/mode?mode=READONLY', 'Set Ingester to READONLY mode'],
      ['/ingester/mode?mode=ACTIVE', 'Set Ingester to ACTIVE mode'],
    ],
  ],
];

/** `isServed` says whether there is a page at a path. */
export function indexPage(isServed: (path: string) => boolean): string {
  const parts = links.map(([title, list]) => {
    const items = list
      .filter(([path]) => isServed(path.split('?', 1)[0]!))
      .map(([path, about]) => `<li><a href="${path}">${escapeHtml(about)}</a></li>`);
    return items.length === 0 ? '' : `<h2>${title}</h2>\n<ul>\n${items.join('\n')}\n</ul>\n`;
  });
  return page('Cortex', `<h1>Cortex</h1>\n${parts.join('')}`);
}

export function memberlistPage(): string {
  const members = table(['Name', 'Address', 'State'], [['pocket-cortex', '127.0.0.1:7946', '0']]);
  return page(
    'Cortex Memberlist Status',
    `<h1>Cortex Memberlist Status</h1>\n<p>There is one process.</p>\n${members}`,
  );
}

export function servicesPage(services: readonly ServiceStatus[]): string {
  return page(
    'Cortex Services Status',
    `<h1>Services</h1>\n${table(['Service', 'Status'], services.map(Object.values))}`,
  );
}

/** One line of `all_user_stats`. */
export interface TenantLine {
  readonly userID: string;
  readonly ingestionRate: number;
  readonly numSeries: number;
  readonly APIIngestionRate: number;
  readonly RuleIngestionRate: number;
  readonly activeSeries: number;
  readonly loadedBlocks: number;
  readonly queriedIngesters: number;
}

export function tenantStatsPage(tenants: readonly TenantLine[]): string {
  const rows = tenants.map((line) => [
    line.userID,
    line.numSeries,
    line.activeSeries,
    line.ingestionRate.toFixed(2),
    line.APIIngestionRate.toFixed(2),
    line.RuleIngestionRate.toFixed(2),
  ]);
  const columns = ['User', '# Series', '# Active Series', 'Total Ingest Rate', 'API Ingest Rate', 'Rule Ingest Rate'];
  return page('Cortex Ingester Stats', `<h1>Cortex Ingester Stats</h1>\n${table(columns, rows)}`);
}

export function table(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const head = columns.map((column) => `<th>${escapeHtml(column)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escapeHtml(`${cell}`)}</td>`).join('')}</tr>`);
  return `<table border="1">\n<tr>${head}</tr>\n${body.join('\n')}\n</table>`;
}

export function page(title: string, body: string): string {
  return `<!DOCTYPE html>
<html>
<head><meta charset="UTF-8"><title>${escapeHtml(title)}</title></head>
<body>
${body}
</body>
</html>
`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

/** As Go escapes what stands in HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}
