import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isScenario, readScenario } from '../../../src/pocket/scenario/read-scenario.ts';
import { defaultScenarioFile } from '../../../src/pocket/scenario/scenarios.ts';

const least = 'name: s\ntenants: [{name: t}]\n';

function errorsOf(text: string): string[] {
  const reading = readScenario(text);
  return reading.ok ? [] : reading.errors.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

test('the scenario that comes with the program is fine', () => {
  const text = readFileSync(defaultScenarioFile(), 'utf8');
  expect([errorsOf(text), isScenario(text)]).toEqual([[], true]);
});

test('what is left out is as documented', () => {
  const reading = readScenario(`${least}services: [{name: api}]\nincidents: [{kind: leak, at: +5m}]\n`);
  const everywhere = { tenants: [], clusters: [] };
  expect(reading).toEqual({
    ok: true,
    scenario: {
      name: 's',
      about: '',
      seed: '1',
      startMs: undefined,
      historyMs: 604_800_000,
      historyStepMs: 60_000,
      stepMs: 15_000,
      tenants: [{ name: 't', clusters: ['main'], traffic: 1 }],
      services: [
        {
          ...everywhere,
          daily: 0,
          peakMs: 50_400_000,
          weekend: 1,
          noise: 0,
          name: 'api',
          pods: 2,
          requestsPerSecond: 10,
          routes: { '/': 1 },
          errors: 0.0002,
          clientErrors: 0,
          latencyMs: 40,
          latencyP99Ms: 320,
          cpuCores: 0.25,
          memoryBytes: 268_435_456,
          memoryLimitBytes: 536_870_912,
          native: false,
        },
      ],
      metrics: [],
      incidents: [
        {
          ...everywhere,
          name: 'leak',
          kind: 'leak',
          when: { kind: 'from-start', offsetMs: 300_000 },
          durationMs: 21_600_000,
          services: [],
          metrics: [],
          errors: undefined,
          requests: 1,
          latency: 1,
          cpu: 1,
          value: 1,
          memory: 3,
          downPods: 0,
          seriesCount: 0,
        },
      ],
      groups: [],
      queries: [],
      expectations: [],
    },
  });
});

const WEEK_MS = 604_800_000;
const DAY_MS = 86_400_000;

test.for([
  ['at: +90s', { kind: 'from-start', offsetMs: 90_000 }],
  ['at: -2d3h', { kind: 'from-start', offsetMs: -183_600_000 }],
  ['at: 2026-01-05T12:00:00Z', { kind: 'at', timeMs: Date.UTC(2026, 0, 5, 12) }],
  ['at: 03:10', { kind: 'every', periodMs: DAY_MS, offsetMs: 11_400_000 }],
  ['at: Tue 14:00', { kind: 'every', periodMs: WEEK_MS, offsetMs: 5 * DAY_MS + 50_400_000 }],
  ['at: 00:20, every: 4h', { kind: 'every', periodMs: 14_400_000, offsetMs: 1_200_000 }],
  ['every: 4h', { kind: 'every', periodMs: 14_400_000, offsetMs: 0 }],
] as const)('an incident may be %s', ([fields, when]) => {
  const reading = readScenario(`${least}incidents: [{kind: reset, ${fields}}]\n`);
  expect(reading.ok && reading.scenario.incidents[0]!.when).toEqual(when);
});

test.for([
  ['', ['1:1 expected a name', '1:1 expected one tenant or more']],
  ['name: s\ntenants: []', ['2:10 expected one tenant or more']],
  ['name: s\ntenants: [{name: a/b}]', ["2:18 tenant ID 'a/b' contains unsupported character '/'"]],
  ['name: s\ntenants: [{name: t}, {name: t}]', ['2:22 t is there twice']],
  [`${least}servces: []`, ['3:1 unknown field servces, did you mean services?']],
  [`${least}services: [{name: a, pods: 0}]`, ['3:28 expected 1 to 1000 pods']],
  [`${least}services: [{name: a, pods: many}]`, ['3:28 expected a number']],
  [`${least}services: [{name: a, errors: 120%}]`, ['3:30 expected a share, as 2% or 0.02, of at most 100%']],
  [
    `${least}services: [{name: a, latency: {p50: 1s, p99: 1s}}]`,
    ['3:46 expected more than 1.1 times p50, and less than 50 times'],
  ],
  [`${least}services: [{name: a, routes: {/: 50%}}]`, ['3:30 expected shares that come to 100%, not 50%']],
  [`${least}services: [{name: a, peak: 25:00}]`, ['3:28 expected a time of day, as 14:30']],
  [`${least}services: [{name: a, memory: lots}]`, ['3:30 expected a size, as 300Mi or 2Gi']],
  [`${least}services: [{name: a, clusters: moon}]`, ['3:32 there is no cluster moon; there are main']],
  [`${least}metrics: [{name: a-b}]`, ['3:18 a-b is no name of a metric']],
  [`${least}metrics: [{name: a, kind: sum}]`, ['3:27 expected one of gauge, counter']],
  [`${least}incidents: [{at: +5m}]`, ['3:13 expected a kind: outage, surge, deploy, reset, leak, bomb']],
  [
    `${least}incidents: [{kind: reset, at: soon}]`,
    ['3:31 expected a time: 03:10, Tue 14:00, +90s or -2d from the start, or 2026-01-05T12:00:00Z'],
  ],
  [`${least}incidents: [{kind: reset, at: Day 03:00}]`, ['3:31 there is no weekday Day']],
  [`${least}incidents: [{kind: reset, at: +5m, every: 1d}]`, ['3:31 expected a time of day beside every']],
  [`${least}incidents: [{kind: outage, at: +5m, for: 10s}]`, ['3:42 expected a minute or more']],
  [`${least}incidents: [{kind: outage, at: +5m, latency: x0}]`, ['3:46 expected a factor above 0']],
  [`${least}incidents: [{kind: outage, at: +5m, services: api}]`, ['3:47 there is no service api; there are none']],
  [
    `${least}rules: [{name: g, rules: [{record: a, expr: 'sum('}]}]`,
    ['3:50 group "g", rule 1, "a": could not parse expression: 1:5: parse error: unclosed left parenthesis'],
  ],
  [
    `${least}expect: [{at: +5m}]`,
    ['3:15 expected either an alert or a query', '3:10 expected value, at_least or at_most', '3:10 expected a query'],
  ],
  [
    `${least}expect: [{at: 03:00, alert: A}]`,
    ['3:15 expected a time: +10m or -2d from the start, or 2026-01-05T12:00:00Z'],
  ],
  [`${least}step: 500ms`, ['3:7 expected whole seconds']],
  ['name: [', ['1:8 Flow sequence in block collection must be sufficiently indented and end with a ]']],
] as const)('tells what is wrong with %j', ([text, errors]) => {
  expect(errorsOf(text).sort()).toEqual([...errors].sort());
});
