import { expect as expectOfJest } from 'expect';
import { expect, test } from 'vitest';
import { startPocketCortex } from '../src/index.ts';
import { matchers, type PocketCortexMatchers } from '../src/matchers.ts';

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends PocketCortexMatchers<R> {}
}
expectOfJest.extend(matchers);

test('the matchers work with the expect of jest', async () => {
  await using cortex = await startPocketCortex({ nowMs: Date.UTC(2026, 0, 1) });
  const tenant = cortex.tenant('t');
  await tenant.load('up{job="a"} 1');
  await expectOfJest(tenant).toHaveSeries('up', [{ job: 'a' }]);
  await expectOfJest(tenant).not.toHaveSeries('down');
  await expectOfJest(tenant).toHaveValue('up', 1.1, { within: 0.2 });
  await expectOfJest(tenant).toReceiveNoWrites();
  const failures = [
    [() => expectOfJest(tenant).toHaveValue('up', 2), 'it gives \n  {__name__="up", job="a"} 1'],
    [() => expectOfJest(tenant).not.toHaveSeries('up'), 'to give no series\nit gives \n  {__name__="up", job="a"} 1'],
    [() => expectOfJest(tenant).toReceive('up', { timeoutMs: 0 }), 'it received nothing'],
  ] as const;
  for (const [assertion, message] of failures) await expect(assertion()).rejects.toThrow(message);
});
