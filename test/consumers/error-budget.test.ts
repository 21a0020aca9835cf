import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startPocketCortex } from '../../src/index.ts';
import { ErrorBudget } from './error-budget.ts';

const startMs = Date.UTC(2026, 0, 1);

test.for([
  ['no errors', 'requests{code="200"} 0+100x240', 1],
  ['half of it', 'requests{code="200"} 0+199x240\nrequests{code="500"} 0+1x240', 0.5],
  ['overspent', 'requests{code="200"} 0+97x240\nrequests{code="503"} 0+3x240', -2],
] as const)('tells what is left: %s', async ([, series, left]) => {
  await using cortex = await startPocketCortex({ nowMs: startMs, port: 0 });
  const tenant = cortex.tenant();
  await tenant.load(`${series}\nrequests{code="502"} 0x240`);
  expect(await new ErrorBudget(cortex.url!, tenant.id).left(0.99)).toBeCloseTo(left);
});

test('knows nothing without traffic', async () => {
  await using cortex = await startPocketCortex({ port: 0 });
  expect(await new ErrorBudget(cortex.url!, cortex.tenant().id).left(0.99)).toBeUndefined();
});

/** Output of a command that has to succeed. */
function run(command: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...environment } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve(output) : reject(new Error(`${command}: ${output}`))));
  });
}

test("the same in Node's own test runner", async () => {
  const file = fileURLToPath(new URL('error-budget.node.ts', import.meta.url));
  const output = await run(process.execPath, ['--import', 'tsx', '--test', file], {});
  expect(output).toMatch(/pass 1\b/);
}, 60_000);

test('and in Python, over HTTP', async () => {
  await using cortex = await startPocketCortex({ nowMs: startMs, port: 0 });
  const file = fileURLToPath(new URL('alert_test.py', import.meta.url));
  const output = await run('python3', ['-B', file], { POCKET_CORTEX_URL: cortex.url! });
  expect(output).toMatch(/Ran 2 tests[\s\S]*OK/);
}, 60_000);
