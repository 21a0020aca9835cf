import { expect, test } from 'vitest';
import { ManualClock, SystemClock, sleep } from '../../src/model/clock.ts';

test('stops at every timer on the way, in order of time, then of creation', async () => {
  const clock = new ManualClock(1000);
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name}@${clock.nowMs()}`);
  clock.setTimer(note('c'), 300);
  clock.setTimer(note('a'), 100);
  clock.setTimer(note('b'), 100);
  clock.setTimer(note('later'), 501);
  await clock.advance(500);
  expect([...fired, clock.nowMs()]).toEqual(['a@1100', 'b@1100', 'c@1300', 1500]);
});

test('fires timers that timers set, within one move', async () => {
  const clock = new ManualClock();
  let count = 0;
  const again = () => {
    count += 1;
    clock.setTimer(again, 10);
  };
  clock.setTimer(again, 10);
  await clock.advance(100);
  expect(count).toBe(10);
});

test('does not fire a cancelled timer', async () => {
  const clock = new ManualClock();
  const fired: number[] = [];
  const second = clock.setTimer(() => fired.push(2), 20);
  clock.setTimer(() => {
    fired.push(1);
    second.cancel();
  }, 10);
  await clock.advance(100);
  expect(fired).toEqual([1]);
});

test('lets work that a timer started finish before time moves on', async () => {
  const clock = new ManualClock();
  const finishedAtMs: number[] = [];
  clock.setTimer(async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    finishedAtMs.push(clock.nowMs());
  }, 10);
  await clock.advance(1000);
  expect(finishedAtMs).toEqual([10]);
});

test('never moves time back when two moves overlap', async () => {
  const clock = new ManualClock();
  clock.setTimer(() => {}, 10);
  await Promise.all([clock.advance(20), clock.advance(100)]);
  expect(clock.nowMs()).toBeGreaterThanOrEqual(100);
});

test('sleeps until the time has come, or the signal', async () => {
  const clock = new ManualClock();
  const woken: string[] = [];
  const controller = new AbortController();
  void sleep(clock, 50).then(() => woken.push('time'));
  void sleep(clock, 1e9, controller.signal).then(() => woken.push('signal'));
  await clock.advance(49);
  expect(woken).toEqual([]);
  await clock.advance(1);
  controller.abort();
  await sleep(clock, 1e9, controller.signal);
  expect(woken).toEqual(['time', 'signal']);
});

test('the machine’s clock fires timers and cancels them', async () => {
  const clock = new SystemClock();
  const startMs = clock.elapsedMs();
  clock.setTimer(() => expect.unreachable(), 1).cancel();
  clock.setTimer(() => expect.unreachable(), 2 ** 40).cancel();
  await sleep(clock, 5);
  expect(clock.elapsedMs()).toBeGreaterThan(startMs);
  expect(Number.isInteger(clock.nowMs())).toBe(true);
});
