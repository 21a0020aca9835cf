import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../support/child-process.ts';
import { generateData } from '../support/differential/data.ts';
import { runDifferential } from '../support/differential/run.ts';
import { type Peer, startPrometheus } from '../support/peers.ts';
import { push } from '../support/push.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const program = findProgram('prometheus');
const because = program ? '' : ' (skipped: prometheus not on PATH)';

/** A run is the same run each time; for other and longer ones: `E2E_DIFFERENTIAL_QUERIES=20000 E2E_DIFFERENTIAL_SEED=7`. */
const queryCount = Number(process.env['E2E_DIFFERENTIAL_QUERIES'] ?? 2000);
const seed = Number(process.env['E2E_DIFFERENTIAL_SEED'] ?? 1);
const tenant = 'differential';

describe.skipIf(!program)(`random queries beside a real Prometheus${because}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-differential-'));
  let server: ServerProcess;
  let prometheus: Peer;

  beforeAll(async () => {
    server = await startServerProcess({
      dataPath: join(folder, 'pocket-cortex.db'),
      arguments: [
        '-querier.enable-promql-experimental-functions=true',
        '-blocks-storage.tsdb.enable-native-histograms=true',
      ],
    });
    prometheus = await startPrometheus({
      program: program!,
      folder: join(folder, 'prometheus'),
      config: 'storage: { tsdb: { out_of_order_time_window: 1d } }\n',
      arguments: [
        '--web.enable-remote-write-receiver',
        '--enable-feature=promql-experimental-functions,native-histograms',
      ],
    });
    const request = { series: generateData(seed) };
    expect(await push({ baseUrl: server.baseUrl, tenant }, request)).toEqual({ status: 200, text: '' });
    expect(await push({ baseUrl: prometheus.baseUrl, tenant, path: '/api/v1/write' }, request)).toMatchObject({
      status: 204,
    });
  });

  afterAll(async () => {
    await Promise.all([server?.stop(), prometheus?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  test(`${queryCount} queries of seed ${seed}: Prometheus gives the same answers`, {
    timeout: 60_000 + queryCount * 100,
  }, async () => {
    const report = await runDifferential({
      actualApi: { baseUrl: `${server.baseUrl}/prometheus`, tenant },
      expectedApi: { baseUrl: prometheus.baseUrl },
      seed,
      queryCount,
    });
    const { failures, knownDifferences, ...counts } = report;
    const share = ((100 * report.bitIdenticalCount) / queryCount).toFixed(1);
    console.log(
      `seed ${seed}: ${share}% the same to the last bit and word`,
      counts,
      Object.fromEntries(knownDifferences),
    );
    for (const failure of failures) console.log(failure);
    expect(report.failureCount).toBe(0);
    expect(report.valueCount).toBeGreaterThan(queryCount);
  });
});
