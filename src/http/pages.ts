import type { ServiceStatus } from './dependencies.ts';

/** What the first page links to: Cortex's paths that are served. */
const links: readonly (readonly [path: string, about: string])[] = [
  ['/config', 'Current configuration (mode=diff and mode=defaults show parts of it)'],
  ['/services', 'Status of the services'],
  ['/ready', 'Readiness'],
  ['/metrics', 'Metrics of this process'],
  ['/distributor/all_user_stats', 'Usage of every tenant'],
  ['/ruler/rule_groups', 'Rule groups of every tenant'],
  ['/pocket/rules', 'How the rules of every tenant are doing'],
];

export function indexPage(): string {
  const items = links.map(([path, about]) => `<li><a href="${path}">${escapeHtml(about)}</a></li>`);
  return page('Cortex', `<h1>Cortex</h1>\n<ul>\n${items.join('\n')}\n</ul>`);
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

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
