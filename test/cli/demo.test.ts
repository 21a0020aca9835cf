import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDemoArguments, summary } from '../../src/cli/demo.ts';
import { rules } from '../../src/cli/rules.ts';
import { expectScenario } from '../../src/pocket/scenario/read-scenario.ts';

const nothing = { seed: undefined, historyMs: undefined, startMs: undefined };
const plain = { wantsHelp: false, file: undefined, changes: nothing, speed: 1, server: [] };

test.for([
  [[], plain],
  [['-help'], { ...plain, wantsHelp: true }],
  [['-seed=7', '--history', '3w'], { ...plain, changes: { ...nothing, seed: '7', historyMs: 1_814_400_000 } }],
  [['-start=2026-01-05T12:00:00Z'], { ...plain, changes: { ...nothing, startMs: Date.UTC(2026, 0, 5, 12) } }],
  [['-scenario=a.yaml', '-speed=60'], { ...plain, file: 'a.yaml', speed: 60 }],
  [
    ['-server.http-listen-port=1', '-auth.enabled=false'],
    { ...plain, server: ['-server.http-listen-port=1', '-auth.enabled=false'] },
  ],
] as const)('demo %j', ([args, expected]) => {
  expect(readDemoArguments(args)).toEqual(expected);
});

test.for([
  [['-speed=0'], '-speed: expected a number up to 1000'],
  [['-history=long'], '-history: "long" is no span of time: milliseconds, or as 6h or 1m30s'],
  [['-start=soon'], '-start: "soon" is no time: milliseconds, or as 2026-01-01T00:00:00Z'],
] as const)('demo %j makes no sense', ([args, message]) => {
  expect(() => readDemoArguments(args)).toThrow(message);
});

const fleet = `name: fleet
tenants: [{name: a}]
services: [{name: api, pods: 1}]
history: 10m
incidents:
- {name: trouble, kind: outage, at: +2m, for: 3m, errors: 50%}
- {kind: deploy, at: 03:00}
queries:
- {title: Up, query: up, range: 1h}
expect:
- {at: +1m, query: up, value: 1}
- {at: +1m, query: up, value: 2}
- {at: +1m, alert: Never}
`;

test('demo says what there is, where to look, and what will happen', () => {
  const played = {
    name: 'fleet',
    tenants: ['a'],
    seriesCount: 21,
    sampleCount: 1_234_567,
    isWhole: true,
    startMs: 0,
    beginMs: -600_000,
  };
  const page = 'http://localhost:1/graph?tenant=a&g0.expr=up&g0.tab=graph&g0.range_input=1h&refresh=5s';
  expect(summary(expectScenario(fleet), played, { url: 'http://localhost:1', tookMs: 2345 })).toBe(
    [
      '  10m of a: made 21 series, 1.2 million samples and their rules in 2.3 s',
      '',
      `  Page      ${page}`,
      '  Alerts    http://localhost:1/graph?tenant=a&view=alerts&refresh=5s',
      '  Grafana   a Prometheus data source with the URL http://localhost:1/prometheus and the HTTP header X-Scope-OrgID: a',
      '',
      '  Worth a look',
      `    Up  ${page}`,
      '',
      '  What will happen (UTC)',
      '    00:02  trouble, for 3m',
      '',
      '  Stop: Ctrl-C',
      '',
      '',
    ].join('\n'),
  );
});

test('rules test plays a scenario and tells what is not as expected', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-scenario-'));
  const file = join(folder, 'fleet.yaml');
  const broken = join(folder, 'broken.yaml');
  writeFileSync(file, fleet);
  writeFileSync(broken, fleet.replace('pods: 1', 'pods: one'));
  const output: string[] = [];
  const terminal = { write: (text: string) => void output.push(text), columns: 60, hasColour: false };
  const code = await rules(['test', file, broken], terminal);
  rmSync(folder, { recursive: true });
  expect(code).toBe(1);
  expect(output.join('').replaceAll(folder, '').replaceAll(/ +$/gm, '')).toBe(`/fleet.yaml:12 failed a: up at +1m
  it is not so
  expected     actual
  2         <
            >  1

/fleet.yaml:13 failed a: alert Never at +1m
  it is not so
  expected            actual
  Never is firing  <
                   >  no such alert

/fleet.yaml: 1 passed, 2 failed
/broken.yaml:3 failed
  column 30: expected a number

/broken.yaml: 0 passed, 1 failed

1 passed, 3 failed
`);
});
