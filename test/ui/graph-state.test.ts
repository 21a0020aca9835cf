import { describe, expect, test } from 'vitest';
import { type GraphState, readState, stepSecondsOf, writeState } from '../../src/ui/graph-state.ts';

const initial: GraphState = {
  tenant: '',
  view: 'query',
  expr: '',
  tab: 'graph',
  rangeMs: 3_600_000,
  endMs: undefined,
  refreshMs: 0,
};

describe('the address of the page', () => {
  const cases: readonly (readonly [search: string, change: Partial<GraphState>])[] = [
    ['', {}],
    ['?g0.expr=up%20%3D%3D%200&g0.tab=1', { expr: 'up == 0', tab: 'table' }], // as in the generatorURL of an alert
    ['?g0.expr=up&g0.tab=0', { expr: 'up' }],
    ['?g0.expr=up&g0.tab=graph', { expr: 'up' }],
    ['?tenant=team-a%7Cteam-b', { tenant: 'team-a|team-b' }],
    ['?view=alerts', { view: 'alerts' }],
    ['?view=nonsense&g0.tab=nonsense&g0.range_input=nonsense&g0.end_input=nonsense', {}],
    ['?g0.range_input=1d12h', { rangeMs: 129_600_000 }],
    ['?g0.range_input=0', {}],
    ['?refresh=15s', { refreshMs: 15_000 }],
    ['?refresh=10ms', { refreshMs: 1000 }], // nobody sees more
    ['?refresh=often', {}],
    ['?g0.end_input=2026-05-01%2012%3A30%3A00', { endMs: Date.UTC(2026, 4, 1, 12, 30) }],
  ];
  test.for(cases)('%j is read', ([search, change]) => {
    expect(readState(search)).toEqual({ ...initial, ...change });
  });

  test.for(cases)('%j is written so that it reads the same', ([search]) => {
    const state = readState(search);
    expect(readState(writeState(state))).toEqual(state);
  });
});

test.for([
  [60_000, 1],
  [3_600_000, 15],
  [604_800_000, 2420],
] as const)('a graph of %d ms has steps of %d s', ([rangeMs, stepSeconds]) => {
  expect(stepSecondsOf(rangeMs)).toBe(stepSeconds);
});
