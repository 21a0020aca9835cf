import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startPocketCortex } from 'pocket-cortex';
import { Pager } from './pager.js';
import { rules, series } from './rules.js';

const startMs = Date.UTC(2026, 0, 1);
let cortex;
let tenant;
let pages;
let pager;

before(async () => {
  cortex = await startPocketCortex({ nowMs: startMs, port: 0 });
});

after(() => cortex.close());

beforeEach(async () => {
  await cortex.clock.set(startMs);
  // One Cortex for all tests: to each its own tenant.
  tenant = cortex.tenant();
  pages = [];
  const page = (text) => pages.push(text);
  pager = new Pager({ url: cortex.url, tenant: tenant.id, page, now: () => cortex.nowMs });
  await tenant.load(series, { start: startMs });
  await tenant.rules.set(rules);
});

test('somebody is paged', async () => {
  await cortex.clock.advance('40m');
  await pager.check();
  assert.deepEqual(pages, ['TooManyErrors: checkout fails 20%']);
  const [received] = await tenant.waitToReceive('pager_pages_total');
  assert.deepEqual(received.values, [1]);
});

test('nobody is paged for what is over', async () => {
  await cortex.clock.advance('70m');
  await pager.check();
  assert.deepEqual(pages, []);
  assert.deepEqual(tenant.alerts(), []);
});

test('who waits is woken by what comes', async () => {
  const recorded = tenant.waitFor('service:errors:ratio_rate5m > 0');
  await cortex.clock.advance('25m');
  const [{ labels }] = await recorded;
  assert.equal(labels.service, 'checkout');
});
