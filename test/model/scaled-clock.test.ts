import { expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { ScaledClock } from '../../src/model/scaled-clock.ts';

test('time passes as many times as fast, from when it was made', async () => {
  const base = new ManualClock(1_000_000);
  await base.advance(5000);
  const clock = new ScaledClock(base, 60);
  const fired: number[] = [];
  clock.setTimer(() => fired.push(clock.nowMs()), 90_000);
  expect(clock.nowMs()).toBe(1_005_000);
  const startedMs = clock.elapsedMs();
  await base.advance(1000);
  expect([clock.nowMs(), clock.elapsedMs() - startedMs, fired]).toEqual([1_065_000, 60_000, []]);
  await base.advance(1000);
  expect(fired).toEqual([1_095_000]);
});

test('a timer that was cancelled does not fire', async () => {
  const base = new ManualClock();
  const clock = new ScaledClock(base, 2);
  const fired: string[] = [];
  clock.setTimer(() => fired.push('a'), 10).cancel();
  await base.advance(100);
  expect(fired).toEqual([]);
});
