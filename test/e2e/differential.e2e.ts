import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findProgram } from '../support/child-process.ts';
import { generateData } from '../support/differential/data.ts';
import { type OlderServer, startOlderServer } from '../support/differential/older-server.ts';
import { runDifferential } from '../support/differential/run.ts';
import { type Peer, startPrometheus } from '../support/peers.ts';
import { push } from '../support/push.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

// For the engine of this process, which only tells what comes of the ways of an older Prometheus. The server under test is the
// built one, in a process of its own.
const olderEngine = vi.hoisted(() => () => import('../support/differential/older-engine.ts'));
vi.mock(import('../../grammar/promql.ts'), async (original) => (await olderEngine()).olderGrammar(await original()));
vi.mock(import('../../src/model/native-histogram-arithmetic.ts'), async (original) =>
  (await olderEngine()).olderArithmetic(await original()),
);
vi.mock(import('../../src/model/native-histogram-fold.ts'), async (original) =>
  (await olderEngine()).olderFolds(await original()),
);
vi.mock(import('../../src/model/native-histogram-fraction.ts'), async (original) =>
  (await olderEngine()).olderFractions(await original()),
);
vi.mock(import('../../src/promql/functions/histogram-texts.ts'), async (original) =>
  (await olderEngine()).olderTexts(await original()),
);
vi.mock(import('../../src/promql/kernels/buckets.ts'), async (original) =>
  (await olderEngine()).olderBuckets(await original()),
);
vi.mock(import('../../src/promql/kernels/extrapolation.ts'), async (original) =>
  (await olderEngine()).olderExtrapolation(await original()),
);
vi.mock(import('../../src/promql/operators/histogram-operation.ts'), async (original) =>
  (await olderEngine()).olderOperations(await original()),
);
vi.mock(import('../../src/promql/operators/histogram-statistics.ts'), async (original) =>
  (await olderEngine()).olderStatistics(await original()),
);
vi.mock(import('../../src/promql/plan-scope.ts'), async (original) =>
  (await olderEngine()).olderPlanScope(await original()),
);

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
  let older: OlderServer;

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
    older = await startOlderServer(request.series);
  });

  afterAll(async () => {
    await Promise.all([server?.stop(), prometheus?.stop(), older?.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  test(`${queryCount} queries of seed ${seed}: Prometheus gives the same answers`, {
    timeout: 60_000 + queryCount * 100,
  }, async () => {
    const report = await runDifferential({
      actualApi: { baseUrl: `${server.baseUrl}/prometheus`, tenant },
      expectedApi: { baseUrl: prometheus.baseUrl },
      older,
      seed,
      queryCount,
    });
    const { failures, knownDifferences, ...counts } = report;
    const percent = (count: number, of: number) => `${((100 * count) / of).toFixed(1)}%`;
    const all = percent(report.bitIdenticalCount, queryCount);
    const floats = percent(report.floatBitIdenticalCount, report.floatQueryCount);
    console.log(
      `seed ${seed}: ${all} the same to the last bit and word, of those on floats ${floats}`,
      counts,
      Object.fromEntries(knownDifferences),
    );
    for (const failure of failures) console.log(failure);
    expect(report.failureCount).toBe(0);
    expect(report.valueCount).toBeGreaterThan(queryCount);
  });
});
