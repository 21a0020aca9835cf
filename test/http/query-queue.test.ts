import { expect, test } from 'vitest';
import { QueryQueue } from '../../src/http/query-queue.ts';
import { LazyAbort } from '../../src/model/stop-signal.ts';
import type { TenantId } from '../../src/model/tenant.ts';

const one = 'one' as TenantId;
const two = 'two' as TenantId;

/** A queue, what was started in it, and a way to end what runs. */
function createQueue(maxConcurrent: number, maxOutstanding: number) {
  const queue = new QueryQueue({ maxConcurrent, maxOutstanding: () => maxOutstanding });
  const started: string[] = [];
  const running = new Map<string, () => void>();
  return {
    started,
    ask: (tenant: TenantId, name: string, abort = new LazyAbort()) =>
      queue.run({ tenant, abort }, () => {
        started.push(name);
        return new Promise<string>((resolve) => running.set(name, () => resolve(name)));
      }),
    end: async (name: string, answer: Promise<string>) => {
      running.get(name)!();
      await answer;
    },
  };
}

test('lets so many run and has the others wait, tenants taking turns', async () => {
  const { ask, end, started } = createQueue(2, 10);
  const answers = new Map<string, Promise<string>>();
  for (const name of ['a1', 'a2', 'a3', 'a4']) answers.set(name, ask(one, name));
  answers.set('b1', ask(two, 'b1'));
  await Promise.resolve();
  expect(started).toEqual(['a1', 'a2']);
  for (const name of ['a2', 'a1', 'a3', 'b1', 'a4']) await end(name, answers.get(name)!);
  expect(started).toEqual(['a1', 'a2', 'a3', 'b1', 'a4']);
});

test('refuses what a tenant asks beyond those of it that may wait', async () => {
  const { ask, end, started } = createQueue(1, 1);
  const running = ask(one, 'running');
  const waiting = ask(one, 'waiting');
  await expect(ask(one, 'refused')).rejects.toMatchObject({ status: 429, message: 'too many outstanding requests' });
  const ofOther = ask(two, 'other');
  await end('running', running);
  await end('waiting', waiting);
  await end('other', ofOther);
  expect(started).toEqual(['running', 'waiting', 'other']);
});

test('forgets who goes while waiting', async () => {
  const { ask, end, started } = createQueue(1, 1);
  const running = ask(one, 'running');
  const abort = new LazyAbort();
  const gone = ask(one, 'gone', abort);
  abort.abort(new Error('hung up'));
  await expect(gone).rejects.toThrow('hung up');
  const next = ask(one, 'next');
  await end('running', running);
  await end('next', next);
  expect(started).toEqual(['running', 'next']);
});

test('a query that fails makes room', async () => {
  const queue = new QueryQueue({ maxConcurrent: 1, maxOutstanding: () => 1 });
  const options = { tenant: one, abort: new LazyAbort() };
  await expect(queue.run(options, () => Promise.reject(new Error('bad')))).rejects.toThrow('bad');
  expect(await queue.run(options, async () => 'fine')).toBe('fine');
});
