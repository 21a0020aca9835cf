import { expect, test } from 'vitest';
import { RateLimiter } from '../../src/limits/rate-limiter.ts';
import { ManualClock } from '../../src/model/clock.ts';
import type { TenantId } from '../../src/model/tenant.ts';

const a = 'a' as TenantId;
const b = 'b' as TenantId;
const limit = { perSecond: 10, burst: 10 };

test('lets a burst through and then what time brings', async () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter(clock);
  expect(limiter.allow(a, 10, limit)).toBe(true);
  expect(limiter.allow(a, 1, limit)).toBe(false);
  await clock.advance(500);
  expect(limiter.allow(a, 6, limit)).toBe(false);
  expect(limiter.allow(a, 5, limit)).toBe(true);
});

test('takes nothing for what it refuses', () => {
  const limiter = new RateLimiter(new ManualClock());
  expect(limiter.allow(a, 11, limit)).toBe(false);
  expect(limiter.allow(a, 10, limit)).toBe(true);
});

test('never holds more than a burst', async () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter(clock);
  limiter.allow(a, 1, limit);
  await clock.advance(3_600_000);
  expect(limiter.allow(a, 11, limit)).toBe(false);
});

test('keeps tenants apart', () => {
  const limiter = new RateLimiter(new ManualClock());
  limiter.allow(a, 10, limit);
  expect(limiter.allow(b, 10, limit)).toBe(true);
});

test('knows no bounds when the rate has none', () => {
  const limiter = new RateLimiter(new ManualClock());
  expect(limiter.allow(a, 1e9, { perSecond: Infinity, burst: 0 })).toBe(true);
});
