import { expect, test } from 'vitest';
import { startPocketCortex } from '../src/index.ts';
import { matchers, type PocketCortexMatchers } from '../src/matchers.ts';

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: vitest declares its parameter so.
  interface Matchers<T = any> extends PocketCortexMatchers<T> {}
}
expect.extend(matchers);

const startMs = Date.UTC(2026, 0, 1);

async function failure(assertion: Promise<unknown>): Promise<string> {
  const error = await assertion.then(
    () => new Error('it passes'),
    (thrown: unknown) => thrown as Error,
  );
  return error.message.replace(/test-[0-9a-f]+/, 'T');
}

test('what is there passes, what is not fails', async () => {
  await using cortex = await startPocketCortex({ nowMs: startMs });
  const tenant = cortex.tenant('t');
  await tenant.load('up{job="a"} 1\nup{job="b"} 0.25');
  await expect(tenant).toHaveSeries('up');
  await expect(tenant).toHaveSeries('up', [{ job: 'a' }, { job: 'b' }]);
  await expect(tenant).toHaveSeries('down', []);
  await expect(tenant).not.toHaveSeries('up', [{ job: 'c' }]);
  await expect(tenant).toHaveValue('sum(up)', 1.25);
  await expect(tenant).toHaveValue('up{job="b"} * 1.1', 0.28, { within: 0.01 });
  await expect(tenant).toHaveValue('vector(NaN)', Number.NaN);
  await expect(tenant).not.toHaveValue('sum(up)', 1);
  const given = 'it gives \n  {__name__="up", job="a"} 1\n  {__name__="up", job="b"} 0.25';
  const failures = [
    [() => expect(tenant).toHaveSeries('up', [{ job: 'a' }, { job: 'c' }]), 'up of tenant t to give {job="c"}', given],
    [() => expect(tenant).toHaveSeries('up', []), 'up of tenant t to give no series', given],
    [() => expect(tenant).not.toHaveSeries('up'), 'up of tenant t to give no series', given],
    [
      () => expect(tenant).toHaveSeries('down'),
      'down of tenant t to give series',
      'it gives nothing\nthere is no metric down',
    ],
    [() => expect(tenant).toHaveValue('up', 1), 'up of tenant t to give one series of 1', given],
    [
      () => expect(tenant).toHaveValue('sum(up)', 2, { within: 0.5 }),
      'sum(up) of tenant t to give one series of 2 (± 0.5)',
      'it gives \n  {} 1.25',
    ],
  ] as const;
  for (const [assertion, wanted, there] of failures) {
    expect(await failure(assertion())).toBe(`expected ${wanted}\n${there}`);
  }
});

test('waits where it is asked to', async () => {
  await using cortex = await startPocketCortex({ nowMs: startMs });
  const tenant = cortex.tenant('t');
  const waiting = expect(tenant).toHaveValue('up', 3, { timeoutMs: 5000 });
  await tenant.load('up 3');
  await waiting;
  expect(await failure(expect(tenant).toHaveValue('up', 4, { timeoutMs: 10 }))).toBe(
    'expected up of tenant t to give one series of 4\nit gives \n  {__name__="up"} 3',
  );
});

test('a query that fails says so itself', async () => {
  await using cortex = await startPocketCortex({ nowMs: startMs });
  expect(await failure(expect(cortex.tenant()).toHaveSeries('up{'))).toContain('parse error');
});
