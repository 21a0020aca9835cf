import { expect, test } from 'vitest';
import { makeInSlices, runAtOnce, runInSlices, type Work } from '../../src/model/work.ts';

function* counting(turns: number, log: string[] = []): Work<number> {
  try {
    for (let turn = 0; turn < turns; turn++) yield;
    return turns;
  } finally {
    log.push('closed');
  }
}

test('runs work to its result', async () => {
  expect([runAtOnce(counting(5)), await runInSlices(counting(5))]).toEqual([5, 5]);
});

test('lets the event loop turn while work goes on', async () => {
  let turns = 0;
  const turn = () => {
    turns += 1;
    if (turns < 3) setImmediate(turn);
  };
  setImmediate(turn);
  const giveUpMs = performance.now() + 10_000;
  function* untilTurned(): Work<void> {
    while (turns < 3 && performance.now() < giveUpMs) yield;
  }
  await runInSlices(untilTurned());
  expect(turns).toBe(3);
});

test('closes work that is cancelled and says why', async () => {
  const log: string[] = [];
  const controller = new AbortController();
  function* endless(): Work<void> {
    try {
      for (;;) yield;
    } finally {
      log.push('closed');
    }
  }
  setImmediate(() => controller.abort(new Error('no longer wanted')));
  await expect(runInSlices(endless(), controller.signal)).rejects.toThrow('no longer wanted');
  expect(log).toEqual(['closed']);
});

test('does not start work when the signal has come before', async () => {
  const started: string[] = [];
  function* work(): Work<void> {
    started.push('started');
    yield;
  }
  await expect(runInSlices(work(), AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  expect(started).toEqual([]);
});

test('passes on what the work throws', async () => {
  function* failing(): Work<void> {
    yield;
    throw new Error('broken');
  }
  await expect(runInSlices(failing())).rejects.toThrow('broken');
});

test('lets the event loop turn while items are made, and gives all of them', async () => {
  let turns = 0;
  const turn = () => {
    turns += 1;
    if (turns < 3) setImmediate(turn);
  };
  setImmediate(turn);
  const giveUpMs = performance.now() + 10_000;
  function* untilTurned(): Generator<number> {
    for (let i = 0; turns < 3 && performance.now() < giveUpMs; i++) yield i;
  }
  let expected = 0;
  for await (const item of makeInSlices(untilTurned())) {
    if (item !== expected) throw new Error(`item ${item} came in the place of ${expected}`);
    expected += 1;
  }
  expect(turns).toBe(3);
});

test('of all work there is one slice in a turn of the event loop, and what begins goes before what goes on', async () => {
  const log: string[] = [];
  function* busy(name: string, slices: number): Work<void> {
    for (let slice = 0; slice < slices; slice++) {
      log.push(name);
      const endMs = performance.now() + 11;
      while (performance.now() < endMs);
      yield;
    }
  }
  const turn = () => {
    log.push('turn');
    if (log.length < 12) setImmediate(turn);
  };
  const long = Promise.all([runInSlices(busy('a', 2)), runInSlices(busy('b', 2))]);
  setImmediate(turn);
  await Promise.all([long, runInSlices(busy('c', 1))]);
  expect(log.join(' ')).toMatch(/^a (turn )?b turn c turn a turn b/);
});
