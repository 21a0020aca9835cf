import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { promtool, runProgram } from '../support/promtool.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const mainPath = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const SAMPLES_PER_SERIES = 1000;

describe('text by the built command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-text-'));
  const file = (name: string) => join(folder, name);
  let server: ServerProcess;

  beforeAll(async () => {
    server = await startServerProcess({ dataPath: file('pocket-cortex.db') });
    await writeSamples(file('1m.om'), 1000);
    await writeSamples(file('4m.om'), 4000);
  }, 60_000);

  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a million samples are loaded in under 15 s, others are answered meanwhile, and out comes the same', async () => {
    const longestMs = { value: 0 };
    const isDone = { value: false };
    const probing = probe(server, longestMs, isDone);
    const loaded = await run(['load', '--tenant=a', `--url=${server.baseUrl}`, file('1m.om')]);
    isDone.value = true;
    await probing;
    expect(loaded.errors).toContain('loaded 1,000,000 samples');
    expect(loaded.seconds).toBeLessThan(15);
    expect(longestMs.value).toBeLessThan(1000);
    const query = 'sum(count_over_time(http_requests_total[1d]))';
    const parameters = new URLSearchParams({ query, time: `${1_700_000_000 + SAMPLES_PER_SERIES * 15}` });
    const counted = await fetch(`${server.baseUrl}/prometheus/api/v1/query?${parameters}`, {
      headers: { 'X-Scope-OrgID': 'a' },
    });
    expect(await counted.text()).toContain('"1000000"');
    await run(['export', '--tenant=a', `--url=${server.baseUrl}`, `--output=${file('out.om')}`, '{}']);
    const sorted = (name: string) => readFileSync(file(name), 'utf8').split('\n').sort().join('\n');
    expect(sorted('out.om') === sorted('1m.om')).toBe(true);
  }, 120_000);

  test('memory does not grow with the file', async () => {
    const small = await run(['load', '--tenant=a', `--data-file=${file('small.db')}`, file('1m.om')]);
    const large = await run(['load', '--tenant=a', `--data-file=${file('large.db')}`, file('4m.om')]);
    expect(large.errors).toContain('loaded 4,000,000 samples');
    expect(small.peakMegabytes).toBeLessThan(200);
    // Four times the series take their room in the index.
    expect(large.peakMegabytes).toBeLessThan(small.peakMegabytes + 80);
  }, 120_000);

  test('an interrupted load goes on where it was', async () => {
    const data = `--data-file=${file('interrupted.db')}`;
    const first = await run(['load', '--tenant=a', data, file('4m.om')], { interruptAfterMs: 700 });
    expect(first.exitCode).toBe(130);
    const skip = /--skip-lines=\d+/.exec(first.errors)![0];
    const second = await run(['load', '--tenant=a', data, skip, file('4m.om')]);
    expect(second.exitCode).toBe(0);
    const counts = [first, second].map(({ errors }) => /loaded ([\d,]+) samples/.exec(errors)![1]!.replaceAll(',', ''));
    expect(Number(counts[0]) + Number(counts[1])).toBe(4_000_000);
  }, 120_000);

  test.skipIf(!promtool)(
    'promtool makes blocks of what is exported',
    async () => {
      await run(['load', '--tenant=b', `--url=${server.baseUrl}`, '-'], { stdin: odd });
      await run(['export', '--tenant=b', `--url=${server.baseUrl}`, `--output=${file('odd.om')}`, '{}']);
      const made = await runProgram(
        promtool!,
        ['tsdb', 'create-blocks-from', 'openmetrics', file('odd.om'), file('blocks')],
        folder,
      );
      expect({ exitCode: made.exitCode, stderr: made.stderr }).toEqual({ exitCode: 0, stderr: '' });
      // Samples, chunks and series of the one block.
      expect(made.stdout).toMatch(/ 15\.\d+s +3 +2 +2 /);
    },
    60_000,
  );
});

const odd = `# TYPE q counter
# HELP q "Quoted" \\\\ and\\nbroken.
# UNIT q bytes
q_total{p="a\\\\b\\"c\\nd"} 5 1700000000.5
q_total{p="a\\\\b\\"c\\nd"} +Inf 1700000015.5
# TYPE not_total_in_name counter
not_total_in_name 0.25 1700000001
`;

interface Outcome {
  readonly exitCode: number;
  readonly errors: string;
  readonly seconds: number;
  readonly peakMegabytes: number;
}

/** Runs the command line, and looks at its memory while it runs. */
async function run(
  args: readonly string[],
  { interruptAfterMs, stdin }: { readonly interruptAfterMs?: number; readonly stdin?: string } = {},
): Promise<Outcome> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [mainPath, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.end(stdin);
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors += text;
  });
  let peakMegabytes = 0;
  const watching = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakMegabytes = Math.max(peakMegabytes, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It has ended, or this is no Linux.
    }
  }, 50);
  if (interruptAfterMs !== undefined) setTimeout(() => child.kill('SIGINT'), interruptAfterMs);
  const exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  clearInterval(watching);
  return { exitCode, errors, seconds: (performance.now() - startedMs) / 1000, peakMegabytes };
}

async function probe(server: ServerProcess, longestMs: { value: number }, isDone: { value: boolean }): Promise<void> {
  while (!isDone.value) {
    const startedMs = performance.now();
    await (await fetch(`${server.baseUrl}/ready`)).text();
    longestMs.value = Math.max(longestMs.value, performance.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function writeSamples(path: string, seriesCount: number): Promise<void> {
  const out = createWriteStream(path);
  out.write('# TYPE http_requests counter\n');
  for (let i = 0; i < seriesCount; i++) {
    const labels = `{code="200",handler="/api/${i % 17}",instance="host-${i}:9090",job="api"}`;
    let text = '';
    for (let k = 0; k < SAMPLES_PER_SERIES; k++) {
      text += `http_requests_total${labels} ${k * 3 + (i % 7) / 4} ${1_700_000_000 + k * 15}\n`;
    }
    if (!out.write(text)) await new Promise<void>((resolve) => out.once('drain', () => resolve()));
  }
  out.end('# EOF\n');
  await finished(out);
}
