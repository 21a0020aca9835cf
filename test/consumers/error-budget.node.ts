import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPocketCortex } from '../../src/index.ts';
import { ErrorBudget } from './error-budget.ts';

test('half of the budget is left', async () => {
  const cortex = await startPocketCortex({ nowMs: Date.UTC(2026, 0, 1), port: 0 });
  try {
    const tenant = cortex.tenant();
    await tenant.load('requests{code="200"} 0+199x240\nrequests{code="500"} 0+1x240');
    const left = await new ErrorBudget(cortex.url!, tenant.id).left(0.99);
    assert.equal(left?.toFixed(3), '0.500');
  } finally {
    await cortex.close();
  }
});
