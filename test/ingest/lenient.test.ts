import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeEach(async () => {
  app = await createTestApp({
    server: { ingest: 'lenient' },
    limits: { maxLabelNamesPerSeries: 3, ingestionRate: 10, ingestionBurstSize: 10 },
  });
});
afterEach(() => app.close());

const HOUR_MS = 3_600_000;

function push(labels: Readonly<Record<string, string>>, samples: readonly (readonly [atMs: number, value: number])[]) {
  const pairs = Object.entries({ __name__: 'up', ...labels });
  return app.push({ series: [{ labels: pairs, samples: samples.map(([atMs, value]) => [START_MS + atMs, value]) }] });
}

async function storedIn(range: string): Promise<unknown> {
  const { json } = await app.get('query', { query: `count_over_time(up[${range}])`, time: START_MS / 1000 + 7200 });
  return (json as { data: { result: { value: [number, string] }[] } }).data.result.map(({ value }) => value[1]);
}

const witness = async (answer: ReturnType<typeof push>) => {
  const { status, headers } = await answer;
  return [status, headers['x-pocket-cortex-would-refuse']];
};

test('says nothing of what Cortex takes', async () => {
  expect(await witness(push({}, [[0, 1]]))).toEqual([200, undefined]);
});

test.for<[what: string, labels: Record<string, string>, samples: [number, number][], header: RegExp]>([
  ['far in the future', {}, [[HOUR_MS, 1]], /^400 timestamp too new: 1700003600000 metric: "up"$/],
  [
    'before the hour that Cortex takes',
    {},
    [
      [0, 1],
      [-2 * HOUR_MS, 2],
    ],
    /^400 .*user=test: err: out of bounds\. timestamp=2023-11-14T20:13:20Z, series=\{__name__="up"\}/,
  ],
  [
    'with too many labels',
    { a: '1', b: '2', c: '3' },
    [[0, 1]],
    /^400 series has too many labels \(actual: 4, limit: 3\) series: 'up\{a="1", b="2", c="3"\}'$/,
  ],
  [
    'with a name of other characters',
    { 'a-é': '1' },
    [[0, 1]],
    /^400 sample invalid label: "a-\?" metric "up\{a-\?=\\"1\\"\}"$/,
  ],
])('takes samples $0, and says what Cortex would have said', async ([, labels, samples, header]) => {
  const [status, text] = await witness(push(labels, samples));
  expect(status).toBe(200);
  expect(text).toMatch(header);
  expect(await storedIn('6h')).toEqual([`${samples.length}`]);
});

test('takes more than the rate allows', async () => {
  const samples = Array.from({ length: 11 }, (_, i): [number, number] => [i * 1000, i]);
  const [status, text] = await witness(push({}, samples));
  expect([status, text]).toEqual([
    200,
    '429 ingestion rate limit (10) exceeded while adding 11 samples and 0 metadata',
  ]);
  expect(await storedIn('6h')).toEqual(['11']);
});

test('says it each time', async () => {
  const tooMany = { a: '1', b: '2', c: '3' };
  const headers = [];
  for (const atMs of [0, 1000]) headers.push((await witness(push(tooMany, [[atMs, 1]])))[1]);
  expect(headers).toEqual(Array(2).fill(expect.stringMatching(/^400 series has too many labels/)));
});

test('refuses what cannot be kept, as Cortex does', async () => {
  await push({}, [[0, 1]]);
  const another = await push({}, [[0, 2]]);
  expect([another.status, another.headers['x-pocket-cortex-would-refuse']]).toEqual([400, undefined]);
  expect(another.text).toContain('duplicate sample for timestamp');
  expect((await app.pushBytes(Uint8Array.of(1, 2, 3))).status).toBe(400);
});
