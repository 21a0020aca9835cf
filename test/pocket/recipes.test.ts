import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseArguments } from '../../src/config/arguments.ts';
import { serverSettings } from '../../src/config/server-settings.ts';
import { findProgram } from '../support/child-process.ts';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

const text = readFileSync(new URL('../../docs/faults-and-journal.md', import.meta.url), 'utf8');
const run = promisify(execFile);

let app: TestApp;
let CORTEX: string;
beforeAll(async () => {
  app = await createTestApp();
  await app.push(
    { series: [{ labels: [['__name__', 'up']], samples: [[START_MS, 1]] }] },
    { 'x-scope-orgid': 'team-a' },
  );
  await app.server.app.listen({ port: 0, host: '127.0.0.1' });
  CORTEX = `http://127.0.0.1:${(app.server.app.server.address() as AddressInfo).port}`;
});
afterAll(() => app.close());

function snippet(language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (found === undefined) throw new Error(`the page has no snippet of ${language}`);
  return found;
}

test.skipIf(!findProgram('curl'))('the commands of the page run', async () => {
  const { stdout } = await run('sh', ['-e', '-c', snippet('sh')], { env: { ...process.env, CORTEX } });
  expect(stdout).toContain('"steps":[{"step":"429 retry-after=1","used":0},{"step":"stored 503","used":0}]');
  expect(stdout).toContain('there is no metric upp; perhaps up');
});

test.skipIf(!findProgram('python3'))('the Python of the page runs', async () => {
  await run('python3', ['-c', snippet('python')], { env: { ...process.env, CORTEX } });
});

test('the flags of the compose file are flags', () => {
  const { services } = parse(snippet('yaml')) as { services: { cortex: { command: string[] } } };
  expect(() => parseArguments(services.cortex.command, Object.values(serverSettings))).not.toThrow();
});

test('paths and scripts of the other languages are right', async () => {
  for (const script of ['500 x2, ok', '429 retry-after=1, reset']) {
    expect(text).toContain(`"${script}"`);
    expect((await app.send('PUT', '/pocket/v1/faults?tenant=of-a-page', script)).status).toBe(200);
  }
});
