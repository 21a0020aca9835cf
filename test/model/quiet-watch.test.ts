import { expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { QuietWatch } from '../../src/model/quiet-watch.ts';

test('tells once when nothing was touched for as long as it was told', async () => {
  const clock = new ManualClock(0);
  const quiet = new QuietWatch(clock, 1000);
  const calls: number[] = [];
  quiet.onQuiet(() => calls.push(clock.nowMs()));
  await clock.advance(5000);
  quiet.touch();
  await clock.advance(600);
  quiet.touch();
  await clock.advance(600);
  quiet.touch();
  await clock.advance(10_000);
  quiet.touch();
  await clock.advance(1000);
  expect(calls).toEqual([7200, 17_200]);
});

test('is silent when it was stopped, for good', async () => {
  const clock = new ManualClock(0);
  const quiet = new QuietWatch(clock, 1000);
  quiet.onQuiet(() => expect.unreachable());
  quiet.touch();
  quiet.stop();
  quiet.touch();
  await clock.advance(5000);
});
