import { expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { SteerableClock } from '../../src/model/steerable-clock.ts';

function steered(): { base: ManualClock; clock: SteerableClock; fired: number[]; arm: (delayMs: number) => void } {
  const base = new ManualClock(1000);
  const clock = new SteerableClock(base);
  const fired: number[] = [];
  const arm = (delayMs: number): void => void clock.setTimer(() => fired.push(clock.nowMs()), delayMs);
  return { base, clock, fired, arm };
}

test('runs with the clock beneath', async () => {
  const { base, clock, fired, arm } = steered();
  arm(50);
  await base.advance(60);
  expect([clock.nowMs(), clock.isFrozen, fired]).toEqual([1060, false, [1050]]);
});

test('stands still while it is frozen, and goes on from there', async () => {
  const { base, clock, fired, arm } = steered();
  arm(50);
  await clock.freeze();
  await base.advance(500);
  expect([clock.nowMs(), clock.elapsedMs(), fired]).toEqual([1000, 1000, []]);
  await clock.resume();
  await base.advance(60);
  expect([clock.nowMs(), clock.elapsedMs(), fired]).toEqual([1060, 1060, [1050]]);
});

test('stops at every timer on the way, those that are set on the way too', async () => {
  const { clock, fired } = steered();
  await clock.freeze();
  const again = (): void => {
    fired.push(clock.nowMs());
    clock.setTimer(again, 20);
  };
  clock.setTimer(again, 20);
  await clock.advance(70);
  expect([clock.nowMs(), fired]).toEqual([1070, [1020, 1040, 1060]]);
});

test('moved while it runs, it runs on', async () => {
  const { base, clock, fired, arm } = steered();
  arm(3_600_050);
  await clock.advance(3_600_000);
  await base.advance(60);
  expect([clock.nowMs(), clock.isFrozen, fired]).toEqual([3_601_060, false, [3_601_050]]);
});

test('set forward, each timer that became due fires once', async () => {
  const { clock, fired, arm } = steered();
  await clock.freeze();
  arm(20);
  arm(10);
  arm(90_000);
  await clock.set(60_000);
  expect([clock.nowMs(), fired]).toEqual([60_000, [60_000, 60_000]]);
});

test('set back, timers keep the time they have left', async () => {
  const { clock, fired, arm } = steered();
  await clock.freeze();
  arm(100);
  await clock.set(200);
  await clock.advance(100);
  expect([clock.nowMs(), clock.elapsedMs(), fired]).toEqual([300, 1100, [300]]);
});

test('tells who watches of every move, until they have enough', async () => {
  const { clock } = steered();
  const seen: number[] = [];
  const unwatch = clock.watch(() => seen.push(clock.nowMs()));
  await clock.freeze();
  await clock.advance(5);
  unwatch();
  await clock.advance(5);
  expect(seen).toEqual([1000, 1005]);
});
