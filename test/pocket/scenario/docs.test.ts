import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rules } from '../../../src/cli/rules.ts';
import { startPocketCortex } from '../../../src/index.ts';
import { scenarioKeys } from '../../../src/pocket/scenario/scenario-keys.ts';

const text = readFileSync(new URL('../../../docs/scenarios.md', import.meta.url), 'utf8');
const example = /^```yaml\n([\s\S]*?)^```/m.exec(text)![1]!;

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-scenario-'));
  file = join(folder, 'fleet.yaml');
  writeFileSync(file, example);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The keys in the last table of a section. */
function documented(heading: string): string[] {
  const section = new RegExp(`^##+ ${heading}\\n([\\s\\S]*?)(?=^##|(?![\\s\\S]))`, 'm').exec(text)![1]!;
  const table = section.slice(section.lastIndexOf('| key | default | meaning |'));
  return [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key!);
}

test.for([
  ['The file', 'scenario'],
  ['tenants', 'tenant'],
  ['services', 'service'],
  ['latency', 'latency'],
  ['metrics', 'metric'],
  ['incidents', 'incident'],
  ['queries', 'query'],
  ['expect', 'expectation'],
] as const)('docs/scenarios.md tells of all keys in "%s"', ([heading, map]) => {
  expect(documented(heading).sort()).toEqual([...scenarioKeys[map]].sort());
});

test('the scenario in docs/scenarios.md passes as a test of its rules', async () => {
  const output: string[] = [];
  const terminal = { write: (piece: string) => void output.push(piece), columns: 100, hasColour: false };
  expect(await rules(['test', file], terminal)).toBe(0);
  expect(output.join('')).toBe(`${file}: 3 passed, 0 failed\n\n3 passed, 0 failed\n`);
});

test('the snippet for Node in docs/scenarios.md does what it says', async () => {
  const snippet = /^```ts\n([\s\S]*?)^```/m.exec(text)![1]!.replaceAll("'fleet.yaml'", JSON.stringify(file));
  const body = snippet.replace(/^import .*\n/m, '').replace('tenant.alerts();', 'return tenant.alerts();');
  // Node 20 has no `await using`.
  const { code } = transformSync(`async function run() {${body}}`, { loader: 'ts', target: 'node20' });
  const run = new Function('startPocketCortex', `${code}; return run();`);
  const alerts = (await run(startPocketCortex)) as { readonly name: string; readonly state: string; labels: object }[];
  expect(alerts).toMatchObject([{ name: 'ManyErrors', state: 'firing', labels: { cluster: 'eu', severity: 'page' } }]);
});

test('the requests in docs/scenarios.md do what they say', async () => {
  await using cortex = await startPocketCortex({ nowMs: Date.UTC(2026, 0, 5, 12) });
  const requests = [
    ...text.matchAll(/^curl (?:-X (\w+) )?'http:\/\/localhost:9009([^']+)'(?: (--data-binary @.*))?$/gm),
  ];
  expect(requests).toHaveLength(4);
  const answers: unknown[] = [];
  for (const [, method = 'GET', path, body] of requests) {
    const payload = body === undefined ? {} : { body: example };
    const answer = await cortex.request({ method: method as 'GET' | 'POST' | 'DELETE', path: path!, ...payload });
    answers.push([answer.status, JSON.parse(answer.body)]);
  }
  const times = { start: '2026-01-05T12:00:00.000Z', begin: '2026-01-05T10:00:00.000Z' };
  expect(answers).toMatchObject([
    [200, { status: 'success', name: 'small', tenants: ['team-a'], ...times, series: 84 }],
    [200, { status: 'success', name: 'small', tenants: ['test-1'], series: 84 }],
    [
      200,
      {
        scenarios: [
          { name: 'small', tenants: ['team-a'] },
          { name: 'small', tenants: ['test-1'] },
        ],
      },
    ],
    [200, { status: 'success' }],
  ]);
});
