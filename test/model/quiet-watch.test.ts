import { expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { QuietWatch } from '../../src/model/quiet-watch.ts';

test('tells once when nothing was touched for as long as it was told, and up to half of that more', async () => {
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
  await clock.advance(3000);
  // Timers at 5500, 6000, 6500, 7000 and 7500; then from 16,700 on.
  expect(calls).toEqual([7500, 17_700]);
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
