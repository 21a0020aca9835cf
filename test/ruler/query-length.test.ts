import { afterEach, expect, test } from 'vitest';
import { type PocketCortex, startPocketCortex } from '../../src/index.ts';

const HOUR_MS = 3_600_000;
const tenant = 'team-a';
let cortex: PocketCortex | undefined;
afterEach(() => cortex?.close());

/** What each rule of a group says when it was evaluated. */
async function outcomesOf(expressions: readonly string[], flags: Readonly<Record<string, boolean>>) {
  cortex = await startPocketCortex({
    nowMs: Date.UTC(2026, 0, 1),
    limits: { maxQueryLengthMs: 2 * HOUR_MS },
    flags,
  });
  const rules = expressions.map((expr, index) => `\n  - {record: "r${index}", expr: "${expr}"}`);
  const body = `name: g\nrules:${rules.join('')}\n`;
  expect(await cortex.request({ method: 'POST', path: '/api/v1/rules/ns', tenant, body })).toMatchObject({
    status: 202,
  });
  await cortex.advance(0);
  const { body: answer } = await cortex.request({ path: '/prometheus/api/v1/rules', tenant });
  const shown: { lastError: string }[] = JSON.parse(answer).data.groups[0].rules;
  return shown.map(({ lastError }) => lastError);
}

const tooLong = (length: string): string =>
  `the query time range exceeds the limit (query length: ${length}, limit: 2h0m0s)`;

test.for([{}, { 'ruler.query-stats-enabled': true }])(
  'what the selectors of a rule look at together must not exceed max_query_length, with %o',
  async (flags) => {
    const expected = {
      'sum(rate(x[2h]))': '',
      'rate(x[90m]) + rate(x[90m] offset 20m)': '',
      'rate(x[1h]) + rate(x[1h] offset 1d)': '',
      'rate(x[90m]) + rate(x[90m] offset 1h)': tooLong('2h30m0s'),
      'max_over_time(x[2h:1m])': tooLong('2h5m0s'),
      'vector(1)': '',
    };
    expect(await outcomesOf(Object.keys(expected), flags)).toEqual(Object.values(expected));
  },
);
