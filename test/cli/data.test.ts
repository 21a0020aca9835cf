import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportData } from '../../src/cli/export.ts';
import { load } from '../../src/cli/load.ts';
import { defaultConfig } from '../../src/config/settings.ts';
import { SystemClock } from '../../src/model/clock.ts';
import { startServer } from '../../src/server.ts';
import { decodeRemoteWrite } from '../../src/wire/remote-write.ts';
import { decompressSnappy } from '../../src/wire/snappy.ts';
import { dataTerminal } from '../support/data-terminal.ts';

const text = `# TYPE up gauge
up{job="a"} 1 1.5
up{job="a"} 0 16.5
up{job="b"} 1 1.5
# EOF
`;

let folder: string;
let file: string;
let data: string;
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-'));
  file = join(folder, 'up.om');
  data = join(folder, 'data.db');
  await writeFile(file, text);
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(folder, { recursive: true });
});

async function run(command: typeof load | typeof exportData, args: readonly string[], terminal = dataTerminal()) {
  const code = await command(args, terminal);
  const shorten = (shown: string) => shown.replaceAll(`${folder}/`, '');
  return { code, output: shorten(terminal.output()), errors: shorten(terminal.errors()) };
}

const loaded = (args: readonly string[], terminal = dataTerminal()) =>
  run(load, ['--tenant=a', `--data-file=${data}`, ...args], terminal);
const exported = (args: readonly string[], terminal = dataTerminal()) =>
  run(exportData, ['--tenant=a', `--data-file=${data}`, ...args], terminal);

describe('with a data file', () => {
  test('load takes a file, and export gives it back', async () => {
    expect(await loaded([file])).toEqual({ code: 0, output: '', errors: 'loaded 3 samples, 1 metadata in T\n' });
    expect(await exported(['{}'])).toEqual({
      code: 0,
      output: text,
      errors: 'exported 3 samples of 2 series\n',
    });
    expect((await exported(['--start=2', '--end', '1970-01-01T00:00:20Z', '--quiet', 'up{job="a"}'])).output).toBe(
      '# TYPE up gauge\nup{job="a"} 0 16.5\n# EOF\n',
    );
  });

  test('load takes gzip, standard input and several files', async () => {
    await writeFile(`${file}.gz`, gzipSync('up{job="z"} 1 1\n# EOF\n'));
    const { code, errors } = await loaded([file, `${file}.gz`, '-'], dataTerminal({ stdin: 'up 7 1700000000000\n' }));
    expect({ code, errors }).toEqual({ code: 0, errors: 'loaded 5 samples, 1 metadata in T\n' });
  });

  test('export writes to a file, and JSON lines hold it all', async () => {
    await loaded(['--quiet', file]);
    const out = join(folder, 'out.jsonl');
    expect((await exported(['--quiet', '--format=jsonl', `--output=${out}`, '{}'])).output).toBe('');
    expect(
      await readFile(out, 'utf8'),
    ).toBe(`{"metric":{"__name__":"up","job":"a"},"values":[1,0],"timestamps":[1500,16500]}
{"metric":{"__name__":"up","job":"b"},"values":[1],"timestamps":[1500]}
{"metadata":{"metric":"up","type":"gauge","help":"","unit":""}}
`);
    expect((await run(load, ['--tenant=b', `--data-file=${data}`, out])).errors).toBe(
      'loaded 3 samples, 1 metadata in T\n',
    );
  });

  test('samples without a time have the one that is given', async () => {
    await loaded(['--timestamp=2023-11-14T22:13:20Z', '--quiet', '-'], dataTerminal({ stdin: 'up 7\n' }));
    expect((await exported(['--quiet', 'up'])).output).toBe('up 7 1700000000\n# EOF\n');
  });

  test('a mistake is told with its place and how to go on', async () => {
    await writeFile(file, 'up 1 1\nup 2 2\nup 3 x\nup 4 4\n# EOF\n');
    expect(await loaded([file])).toEqual({
      code: 1,
      output: '',
      errors: `up.om:3:6: "x" is no time in seconds
loaded up to there; when it is set right: --skip-lines=2 up.om
loaded 2 samples in T
`,
    });
    expect((await loaded(['--skip-lines=3', file])).errors).toBe('loaded 1 samples in T\n');
    expect((await exported(['--quiet', 'up'])).output).toBe('up 1 1\nup 2 2\nup 4 4\n# EOF\n');
  });

  test('what is refused is told, and the exit code says so', async () => {
    const stdin = '{"metric":{"job":"a"},"values":[1],"timestamps":[1]}\n';
    expect(await loaded(['-'], dataTerminal({ stdin }))).toEqual({
      code: 1,
      output: '',
      errors: '1 refused, the first: a series without a metric name: {job="a"}\nloaded 0 samples in T\n',
    });
  });

  test('an interruption ends behind what was loaded, and says how to go on', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `up ${i} ${i}\n`);
    await writeFile(file, `${lines.join('')}# EOF\n`);
    const terminal = dataTerminal();
    terminal.interrupt();
    expect(await loaded([file], terminal)).toEqual({
      code: 130,
      output: '',
      errors: 'interrupted; to go on: --skip-lines=8192 up.om\nloaded 8,192 samples in T\n',
    });
    expect((await loaded(['--skip-lines=8192', file])).errors).toBe('loaded 11,808 samples in T\n');
    expect((await exported(['--quiet', 'up'])).output.split('\n')).toHaveLength(20_002);
  });

  test('a terminal sees how far it is, a pipe does not', async () => {
    const terminal = dataTerminal({ isTerminal: true });
    await loaded([file], terminal);
    const shown = terminal.errors().replaceAll('\u001b[K', '<');
    expect(shown).toMatch(/^\r█+░* +\d+% 3 samples, [\d,]+\/s<\r<loaded/);
  });
});

describe('arguments that make no sense', () => {
  test.for([
    [load, [], 'load: no files named'],
    [load, ['x'], 'no such file or directory'],
    [load, [import.meta.filename], '--tenant says whose data it is'],
    [load, ['--tenant=a|b', import.meta.filename], "tenant ID 'a|b' contains unsupported character '|'"],
    [load, ['--tenant=a', '--format=csv', import.meta.filename], '--format is one of openmetrics, prometheus, jsonl'],
    [load, ['--tenant=a', '--speed=5', import.meta.filename], 'unknown argument --speed=5'],
    [load, ['--tenant'], '--tenant needs a value'],
    [load, ['--skip-lines=-1', import.meta.filename], '--skip-lines is a whole number'],
    [load, ['--timestamp=soon', import.meta.filename], '--timestamp: soon is no time'],
    [exportData, ['--tenant=a'], "which series? '{}' selects all"],
    [exportData, ['--tenant=a', '--format=remote-write', '{}'], '--format=remote-write and --to belong together'],
    [exportData, ['--tenant=a', '--data-file=:memory:', 'up{'], '1:4: parse error'],
    [exportData, ['--tenant=a', '--url=http://127.0.0.1:1', '{}'], 'http://127.0.0.1:1: '],
  ] as const)('$0.name %j: %s', async ([command, args, message]) => {
    await expect(command(args, dataTerminal())).rejects.toThrow(message);
  });

  test('get help when they ask for it', async () => {
    expect((await run(load, ['--help'])).output).toContain('Usage: pocket-cortex load');
    expect((await run(exportData, ['--help'])).output).toContain('Usage: pocket-cortex export');
  });
});

describe('with a server', () => {
  test('load and export speak to it, and remote write moves its data to another tenant', async () => {
    const config = {
      ...defaultConfig,
      server: { ...defaultConfig.server, dataFile: ':memory:', httpListenAddress: '127.0.0.1', httpListenPort: 0 },
    };
    const server = await startServer(config, { clock: new SystemClock(), logger: pino({ level: 'silent' }) });
    closing.push(() => server.close());
    const { url } = server;
    expect((await run(load, ['--tenant=a', `--url=${url}/`, file])).errors).toBe('loaded 3 samples, 1 metadata in T\n');
    const to = `--to=${url}/api/v1/push`;
    const sent = await run(exportData, [
      '--tenant=a',
      `--url=${url}`,
      '--format=remote-write',
      to,
      '--to-tenant=b',
      '{}',
    ]);
    expect(sent).toEqual({ code: 0, output: '', errors: `sent 3 samples to ${url}/api/v1/push in T\n` });
    expect((await run(exportData, ['--tenant=b', `--url=${url}`, '{}'])).output).toBe(text);
    await expect(run(exportData, ['--tenant=b', `--url=${url}`, 'up{'])).rejects.toThrow('1:4: parse error');
  });

  test('remote write is sent again when it has to be, and refusals are told', async () => {
    await loaded(['--quiet', file]);
    const answers = [503, 429, 200];
    const received: unknown[] = [];
    const url = await fakeServer((body) => {
      const status = answers.shift() ?? 400;
      const batch = decodeRemoteWrite(decompressSnappy(body, 1 << 20));
      received.push([status, batch.timestampsMs.length]);
      return status;
    });
    const args = ['--format=remote-write', `--to=${url}`, '{}'];
    const first = await exported(args);
    expect(first.code).toBe(0);
    expect(first.errors.split('\n').slice(0, 2)).toEqual([
      `${url}: 503 answer 503; again in 0 ms`,
      `${url}: 429 answer 429; again in 0 ms`,
    ]);
    const second = await exported(args);
    expect(second.code).toBe(1);
    expect(second.errors).toContain(`${url} refused something of 1 requests, the first: 400 answer 400`);
    expect(received).toEqual([
      [503, 3],
      [429, 3],
      [200, 3],
      [400, 3],
    ]);
  });
});

async function fakeServer(answer: (body: Uint8Array) => number): Promise<string> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = answer(Buffer.concat(chunks));
      response.writeHead(status, { 'retry-after': '0' }).end(`answer ${status}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/write`;
}
