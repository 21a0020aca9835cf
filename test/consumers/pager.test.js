import { startPocketCortex } from 'pocket-cortex';
import { matchers } from 'pocket-cortex/matchers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Pager } from './pager.js';
import { rules, series } from './rules.js';

expect.extend(matchers);

let cortex;
let tenant;
let pages;
let pager;

beforeEach(async () => {
  cortex = await startPocketCortex({ nowMs: Date.UTC(2026, 0, 1), port: 0 });
  tenant = cortex.tenant();
  pages = [];
  const page = (text) => pages.push(text);
  pager = new Pager({ url: cortex.url, tenant: tenant.id, page, now: () => cortex.nowMs });
  await tenant.load(series, { start: cortex.nowMs });
  await tenant.rules.set(rules);
});

afterEach(() => cortex.close());

/** Time goes on, and the service looks every five minutes. */
async function pass(minutes) {
  for (let passed = 0; passed < minutes; passed += 5) {
    await cortex.clock.advance('5m');
    await pager.check();
  }
}

test('nobody is paged while all is well', async () => {
  await pass(20);
  expect(pages).toEqual([]);
  await expect(tenant).toHaveValue('service:errors:ratio_rate5m{service="checkout"}', 0);
});

test('somebody is paged once, with how bad it is', async () => {
  await pass(40);
  expect(pages).toEqual(['TooManyErrors: checkout fails 20%']);
  await expect(tenant).toHaveSeries('ALERTS{alertstate="firing"}', [{ service: 'checkout' }]);
  await pass(20);
  expect(pages).toHaveLength(1);
  await expect(tenant).toHaveSeries('ALERTS', []);
});

test('the service tells how often it did', async () => {
  await expect(tenant).toReceiveNoWrites();
  await pass(40);
  await expect(tenant).toReceive('pager_pages_total', { value: 1 });
  await expect(tenant).toHaveValue('pager_pages_total', 1);
});

test('an alert that cannot be read now is read the next time', async () => {
  await cortex.clock.advance('40m');
  const path = encodeURIComponent('/prometheus/api/v1/alerts');
  await cortex.request({ method: 'PUT', path: `/pocket/v1/faults?tenant=${tenant.id}&path=${path}`, body: '503 x2' });
  await pager.check();
  await pager.check();
  expect(pages).toEqual([]);
  await pager.check();
  expect(pages).toHaveLength(1);
});

test('two futures of one past', async () => {
  await pass(30);
  const fork = await tenant.fork();
  await tenant.rules.delete('shop');
  await cortex.clock.advance('5m');
  expect([tenant.alerts(), fork.alerts().map(({ labels }) => labels['service'])]).toEqual([[], ['checkout']]);
});
