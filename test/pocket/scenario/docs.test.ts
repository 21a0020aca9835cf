import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scenarioKeys } from '../../../src/pocket/scenario/scenario-keys.ts';

const text = readFileSync(new URL('../../../docs/scenarios.md', import.meta.url), 'utf8');

/** The keys in the last table of a section. */
function documented(heading: string): string[] {
  const section = new RegExp(`^##+ ${heading}\\n([\\s\\S]*?)(?=^##|(?![\\s\\S]))`, 'm').exec(text)![1]!;
  const table = section.slice(section.lastIndexOf('| key | default | meaning |'));
  return [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key!);
}

test.for([
  ['The file', 'scenario'],
  ['tenants', 'tenant'],
  ['services', 'service'],
  ['latency', 'latency'],
  ['metrics', 'metric'],
  ['incidents', 'incident'],
  ['queries', 'query'],
  ['expect', 'expectation'],
] as const)('docs/scenarios.md tells of all keys in "%s"', ([heading, map]) => {
  expect(documented(heading).sort()).toEqual([...scenarioKeys[map]].sort());
});
