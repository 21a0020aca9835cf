import { expect, test } from 'vitest';
import { IngestionRates } from '../../src/ingest/ingestion-rate.ts';
import { ManualClock } from '../../src/model/clock.ts';
import type { TenantId } from '../../src/model/tenant.ts';

const a = 'a' as TenantId;

test('is 0 until a tick has passed, then the average of what came', async () => {
  const clock = new ManualClock();
  const rates = new IngestionRates(clock);
  rates.add(a, 'api', 150);
  expect(rates.get(a)).toEqual({ api: 0, rule: 0 });
  await clock.advance(15_000);
  expect(rates.get(a)).toEqual({ api: 10, rule: 0 });
  rates.add(a, 'rule', 30);
  await clock.advance(15_000);
  expect(rates.get(a)).toEqual({ api: 8, rule: 0.4 });
});

test('fades while nothing comes, however long nobody looks', async () => {
  const clock = new ManualClock();
  const [watched, unwatched] = [new IngestionRates(clock), new IngestionRates(clock)];
  for (const rates of [watched, unwatched]) rates.add(a, 'api', 150);
  for (let tick = 0; tick < 5; tick++) {
    await clock.advance(15_000);
    watched.get(a);
  }
  expect(unwatched.get(a).api).toBeCloseTo(10 * 0.8 ** 4, 12);
  expect(watched.get(a).api).toBeCloseTo(unwatched.get(a).api, 12);
});
