import fc from 'fast-check';
import { pushTimeseries } from 'prometheus-remote-write';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type PocketCortex, startPocketCortex } from '../../../src/index.ts';
import type { FaultReport } from '../../../src/pocket/faults/report.ts';

/*
 * A client that others wrote, over real connections. It tries nothing again by itself, so writers here do, as programs that use it
 * have to. What reports say is held against what the server has in the end.
 */

const START_MS = Date.UTC(2026, 0, 1);
const TENANT = 'team-a';

let cortex: PocketCortex;
beforeEach(async () => {
  cortex = await startPocketCortex({ port: 0, nowMs: START_MS });
});
afterEach(() => cortex.close());

/** Sample `i` of one series; no two have the same time or value. */
const sampleAt = (i: number) => ({ value: i + 0.5, timestamp: START_MS - 60_000 + i });

interface Sending {
  /** How a request ended: a status, or undefined for a connection that was cut. */
  readonly status: number | undefined;
  readonly retryAfterMs: number;
}

async function send(i: number, tenant = TENANT): Promise<Sending> {
  let retryAfterMs = 0;
  try {
    const { status } = await pushTimeseries(
      { labels: { __name__: 'orders_total', shop: 'north' }, samples: [sampleAt(i)] },
      {
        url: `${cortex.url}/api/v1/push`,
        headers: { 'X-Scope-OrgID': tenant },
        // The client tells of statuses only, so this is how a program gets at the header.
        fetch: async (url, init) => {
          const { method, headers, body } = init!;
          const answer = await fetch(url, { method, headers, body: new Uint8Array(body) });
          retryAfterMs = Number(answer.headers.get('retry-after') ?? 0) * 1000;
          return answer;
        },
      },
    );
    return { status, retryAfterMs };
  } catch {
    return { status: undefined, retryAfterMs };
  }
}

/** Tries again after 429, 5xx and cut connections; after `backoffMs`, or as late as it was told. */
async function sendUntilTaken(i: number, waitMs: (sending: Sending) => number, attempts: number): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const sending = await send(i);
    if (sending.status !== undefined && sending.status < 500 && sending.status !== 429) return sending.status < 300;
    await cortex.advance(waitMs(sending));
  }
  return false;
}

async function setScript(script: string, query = `?tenant=${TENANT}`): Promise<void> {
  const { status } = await cortex.request({ method: 'PUT', path: `/pocket/v1/faults${query}`, body: script });
  expect(status).toBe(200);
}

async function report(query = `?tenant=${TENANT}`): Promise<FaultReport> {
  return JSON.parse((await cortex.request({ path: `/pocket/v1/faults/report${query}` })).body) as FaultReport;
}

/** The times of all that the server has, and how many samples it was given. */
async function contentOf(
  tenant = TENANT,
): Promise<{ readonly timesMs: readonly number[]; readonly givenCount: number }> {
  const exported = await cortex.request({ path: '/pocket/v1/export?match[]={}&format=jsonl', tenant });
  const timesMs: number[] = [];
  for (const line of exported.body.split('\n').filter((text) => text !== '')) {
    const { metric, values, timestamps } = JSON.parse(line) as {
      metric: object;
      values: number[];
      timestamps: number[];
    };
    expect(metric).toEqual({ __name__: 'orders_total', shop: 'north' });
    expect(values).toEqual(timestamps.map((timeMs) => timeMs - START_MS + 60_000 + 0.5));
    timesMs.push(...timestamps);
  }
  const metrics = (await cortex.request({ path: '/metrics' })).body;
  const given = new RegExp(`^cortex_distributor_received_samples_total\\{.*user="${tenant}".*\\} (\\d+)$`, 'm');
  return { timesMs, givenCount: Number(given.exec(metrics)?.[1] ?? 0) };
}

test('what nobody sends again is lost, and what was stored behind an error is not', async () => {
  await setScript('503, 400 "not this one", reset, stored 503, stored reset, ok');
  const statuses = [];
  for (let i = 0; i < 6; i++) statuses.push((await send(i)).status);
  expect(statuses).toEqual([503, 400, undefined, 503, undefined, 200]);
  const { attempts, deliveries, samples } = await report();
  expect(attempts).toEqual({ count: 6, byEnd: { 200: 1, 400: 1, 503: 2, reset: 2 } });
  expect(deliveries).toMatchObject({ count: 6, acceptedCount: 1, retriedCount: 0 });
  expect(samples).toMatchObject({ sent: 6, stored: 3, lost: 3, doubled: 0, changed: 0, sentAgain: 0 });
  expect(samples?.examples.map(({ what, timestampMs }) => [what, timestampMs])).toEqual(
    [0, 1, 2].map((i) => ['lost', sampleAt(i).timestamp]),
  );
  expect(await contentOf()).toEqual({ timesMs: [3, 4, 5].map((i) => sampleAt(i).timestamp), givenCount: 3 });
});

describe('a writer that tries again', () => {
  const script = '429 retry-after=5 x2, 500, reset, stored 503, stored reset';

  test.for<[how: string, waitMs: (sending: Sending) => number, verdicts: FaultReport['retryAfter']]>([
    [
      'and heeds Retry-After',
      ({ retryAfterMs }) => Math.max(100, retryAfterMs),
      { asked: 2, honoured: 2, tooEarly: 0, notRetried: 0 },
    ],
    ['as soon as it likes', () => 100, { asked: 2, honoured: 0, tooEarly: 2, notRetried: 0 }],
  ])('$0 loses nothing', async ([, waitMs, verdicts]) => {
    await setScript(script);
    for (let i = 0; i < 3; i++) expect(await sendUntilTaken(i, waitMs, 10)).toBe(true);
    const { retryAfter, attempts, deliveries, samples } = await report();
    expect(retryAfter).toEqual(verdicts);
    expect(attempts).toEqual({ count: 9, byEnd: { 200: 3, 429: 2, 500: 1, 503: 1, reset: 2 } });
    expect(deliveries).toMatchObject({ count: 3, acceptedCount: 3, retriedCount: 1 });
    // The first one was stored, and sent again since its writer could not know.
    expect(samples).toMatchObject({ sent: 3, stored: 3, lost: 0, doubled: 1, sentAgain: 1 });
    expect(await contentOf()).toEqual({ timesMs: [0, 1, 2].map((i) => sampleAt(i).timestamp), givenCount: 5 });
  });

  test('and gives up in the end loses what it says', async () => {
    await setScript('503 forever');
    expect(await sendUntilTaken(0, () => 1000, 4)).toBe(false);
    expect(await report()).toMatchObject({
      isOver: false,
      attempts: { count: 4 },
      deliveries: { count: 1, acceptedCount: 0, shortestGapMs: 1000 },
      samples: { sent: 1, stored: 0, lost: 1, sentAgain: 1 },
    });
    expect(await contentOf()).toEqual({ timesMs: [], givenCount: 0 });
  });
});

test('a script for every tenant tells them apart', async () => {
  await setScript('503 x2', '');
  for (const tenant of ['a', 'b', 'a', 'b', 'b']) await send(tenant === 'a' ? 0 : 1, tenant);
  const { deliveries, samples } = await report('');
  expect(deliveries).toMatchObject({ count: 2, acceptedCount: 2, retriedCount: 2 });
  expect(samples?.tenants).toMatchObject([
    { tenant: 'a', sent: 1, stored: 1, lost: 0, doubled: 0 },
    { tenant: 'b', sent: 1, stored: 1, lost: 0, doubled: 1 },
  ]);
  expect([await contentOf('a'), await contentOf('b')]).toMatchObject([{ givenCount: 1 }, { givenCount: 2 }]);
});

test('whatever the script, the report is what the server has', async () => {
  const step = fc.constantFrom(
    '503',
    '429 retry-after=1',
    '400 "no"',
    'reset',
    'stored 500',
    'stored reset',
    'stored 400 "no"',
    'ok',
  );
  const steps = fc.array(step, { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (script, attempts) => {
      await cortex.request({ method: 'POST', path: `/pocket/v1/tenants/${TENANT}/reset` });
      const before = (await contentOf()).givenCount;
      await setScript(script.join(', '));
      const sentCount = 5;
      for (let i = 0; i < sentCount; i++) await sendUntilTaken(i, () => 1000, attempts);
      const { samples, log } = await report();
      const { timesMs, givenCount } = await contentOf();
      const isThere = (timestampMs: number) => timesMs.includes(timestampMs);
      expect(samples).toMatchObject({ sent: sentCount, stored: timesMs.length, lost: sentCount - timesMs.length });
      const handedOn = log.filter(({ serverStatus }) => serverStatus !== null);
      expect(handedOn.length).toBe(givenCount - before);
      const oftenStored = new Set(handedOn.map(({ delivery }) => delivery)).size;
      expect(timesMs.length).toBe(oftenStored);
      expect(samples!.doubled).toBeLessThanOrEqual(handedOn.length - oftenStored);
      expect(samples!.doubled === 0).toBe(handedOn.length === oftenStored);
      for (const { what, timestampMs } of samples!.examples) expect(isThere(timestampMs)).toBe(what !== 'lost');
    }),
    { numRuns: 30 },
  );
});
