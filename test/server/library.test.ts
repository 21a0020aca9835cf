import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PocketCortexError, startPocketCortex } from '../../src/index.ts';
import { encodeRemoteWrite } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';

const startMs = Date.UTC(2026, 0, 1);
const tenant = 'team-a';

function push(samples: readonly (readonly [timestampMs: number, value: number])[]): Uint8Array {
  return compressSnappy(
    encodeRemoteWrite({
      series: [
        {
          labels: [
            ['__name__', 'up'],
            ['job', 'api'],
          ],
          samples,
        },
      ],
    }),
  );
}

function query(expression: string, timeMs: number): string {
  return `/prometheus/api/v1/query?query=${encodeURIComponent(expression)}&time=${timeMs / 1000}`;
}

test('takes samples and answers queries without a port', async () => {
  await using cortex = await startPocketCortex({ nowMs: startMs });
  expect([cortex.url, cortex.nowMs]).toEqual([undefined, startMs]);
  const pushed = await cortex.request({ method: 'POST', path: '/api/v1/push', tenant, body: push([[startMs, 3]]) });
  expect([pushed.status, pushed.body]).toEqual([200, '']);
  const answer = await cortex.request({ path: query('up * 2', startMs), tenant });
  expect(JSON.parse(answer.body)).toEqual({
    status: 'success',
    data: { resultType: 'vector', result: [{ metric: { job: 'api' }, value: [startMs / 1000, '6'] }] },
  });
});

test('rules run as time is moved, to the minute', async () => {
  await using cortex = await startPocketCortex({ nowMs: startMs });
  await cortex.request({ method: 'POST', path: '/api/v1/push', tenant, body: push([[startMs, 3]]) });
  const body = 'name: g\ninterval: 1m\nrules: [{record: "up:sum", expr: "sum(up)"}]\n';
  await cortex.request({ method: 'POST', path: '/api/v1/rules/ns', tenant, body });
  await cortex.advance(10 * 60_000);
  const nowMs = startMs + 10 * 60_000;
  const counted = await cortex.request({ path: query('count_over_time(up:sum[15m])', nowMs), tenant });
  // Once when it was set, then at each minute's slot; the sample is out of sight after five.
  expect(JSON.parse(counted.body).data.result[0].value[1]).toBe('6');
  const now = await cortex.request({ path: query('up:sum', nowMs), tenant });
  expect(JSON.parse(now.body).data.result).toEqual([]);
});

test('listens where it is asked to', async () => {
  await using cortex = await startPocketCortex({ port: 0, authEnabled: false });
  expect((await fetch(`${cortex.url}/prometheus/api/v1/query?query=1`)).status).toBe(200);
});

test('has the limits it is given', async () => {
  await using cortex = await startPocketCortex({ nowMs: startMs, limits: { maxLabelNamesPerSeries: 1 } });
  const answer = await cortex.request({ method: 'POST', path: '/api/v1/push', tenant, body: push([[startMs, 3]]) });
  expect(answer.status).toBe(400);
});

test("the machine's time can be moved on, and runs on from there", async () => {
  await using cortex = await startPocketCortex();
  const beforeMs = cortex.nowMs;
  await cortex.advance('1d');
  const passedMs = cortex.nowMs - beforeMs;
  expect([passedMs >= 86_400_000, passedMs < 86_460_000, cortex.clock.isFrozen]).toEqual([true, true, false]);
});

test('says by a code of its own why it does not start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const dataFile = join(folder, 'data.db');
  await using _first = await startPocketCortex({ dataFile });
  const error = await startPocketCortex({ dataFile }).catch((thrown: unknown) => thrown);
  expect([error instanceof PocketCortexError, error]).toMatchObject([true, { code: 'storage-locked', status: 500 }]);
});
