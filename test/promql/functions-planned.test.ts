import { expect, test } from 'vitest';
import { functionSignatures } from '../../grammar/functions.ts';
import { ALL_FEATURES } from '../../grammar/promql.ts';
import { FAKE_TENANT } from '../../src/model/tenant.ts';
import { engineOver } from '../support/memory-engine.ts';

const examples = { vector: '{job="a"}', matrix: 'x_total[5m]', scalar: '0.5', string: '"label"' } as const;

/** Functions that one of the two languages does not know. */
const languageOf = (name: string): '3.9' | '3.14' => (name === 'holt_winters' ? '3.9' : '3.14');

test.for(Object.entries(functionSignatures))('%s can be evaluated', async ([name, { argTypes }]) => {
  const query = `${name}(${argTypes.map((type) => examples[type]).join(', ')})`;
  const parse = { ...ALL_FEATURES, language: languageOf(name) };
  const engine = engineOver('x_total{job="a", instance="b"} 0+10x10', { parse });
  const times = { startMs: 60_000, endMs: 300_000, stepMs: 60_000 };
  const { value } = await engine.range({ tenant: FAKE_TENANT, query, ...times });
  expect(value.kind).toBe('matrix');
});
