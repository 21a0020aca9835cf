import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../support/child-process.ts';
import { push } from '../support/push.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const root = mkdtempSync(join(tmpdir(), 'pocket-cortex-page-'));
const nowMs = Date.now();
const minutes = Array.from({ length: 30 }, (_, minute) => minute);
const chromium = findProgram('chromium');

let server: ServerProcess;
beforeAll(async () => {
  server = await startServerProcess({ dataPath: join(root, 'pocket-cortex.db') });
  const series = ['api', 'web'].map((job) => ({
    labels: [['__name__', 'requests_total'] as const, ['job', job] as const],
    samples: minutes.map((minute) => [nowMs - (30 - minute) * 60_000, minute * 60] as const),
  }));
  expect(await push({ baseUrl: server.baseUrl, tenant: 'team-a' }, { series })).toEqual({ status: 200, text: '' });
});
afterAll(async () => {
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

describe('the page', () => {
  test('and all that it loads come from this server', async () => {
    const page = await (await fetch(`${server.baseUrl}/graph`)).text();
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    expect(links).toEqual(['/pocket/ui/graph.css', 'data:,', '/', '/pocket/ui/graph.js']);
    for (const link of links.filter((path) => path.startsWith('/pocket/'))) {
      expect((await fetch(server.baseUrl + link)).status).toBe(200);
    }
    expect(page).toContain('<meta name="prometheus-prefix" content="/prometheus">');
  });

  // Without a browser nothing runs the page; the machine that has none says so by skipping.
  test.skipIf(!chromium)('draws one line a series', () => {
    const text = rendered('/graph?tenant=team-a&g0.expr=rate(requests_total[5m])&g0.tab=graph');
    expect(text.match(/<path class="line"/g)).toHaveLength(2);
    expect(text).toContain('{job="api"}');
  });

  test.skipIf(!chromium)('opens what an alert links to, and finds the one tenant by itself', () => {
    const text = rendered('/graph?g0.expr=requests_total%7Bjob%3D%22web%22%7D&g0.tab=1');
    expect(text).toContain('<td>requests_total{job="web"}</td><td class="value">1740</td>');
  });

  test.skipIf(!chromium)('shows what is wrong with an expression', () => {
    expect(rendered('/graph?tenant=team-a&g0.expr=sum(&g0.tab=1')).toContain('parse error: unclosed left parenthesis');
  });
});

/** The document as the browser has it when the page has settled. */
function rendered(path: string): string {
  const profile = mkdtempSync(join(root, 'profile-'));
  const switches = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
  const output = ['--virtual-time-budget=5000', '--dump-dom', server.baseUrl + path];
  return execFileSync(chromium!, [...switches, `--user-data-dir=${profile}`, ...output], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
