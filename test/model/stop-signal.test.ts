import { expect, test } from 'vitest';
import { LazyAbort } from '../../src/model/stop-signal.ts';

test('tells the first reason for which it was aborted', () => {
  const abort = new LazyAbort();
  abort.throwIfAborted();
  expect(abort.aborted).toBe(false);
  const first = new Error('first');
  abort.abort(first);
  abort.abort(new Error('second'));
  expect(abort).toMatchObject({ aborted: true, reason: first });
  expect(() => abort.throwIfAborted()).toThrow(first);
});

test.for(['before', 'after'] as const)('aborts a signal that was asked for %s', (when) => {
  const abort = new LazyAbort();
  const signal = when === 'before' ? abort.signal : undefined;
  const reasons: unknown[] = [];
  signal?.addEventListener('abort', () => reasons.push(signal.reason));
  abort.abort('gone');
  expect(abort.signal).toMatchObject({ aborted: true, reason: 'gone' });
  expect(reasons).toEqual(when === 'before' ? ['gone'] : []);
  expect(abort.signal).toBe(signal ?? abort.signal);
});
