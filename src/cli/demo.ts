import { readFile } from 'node:fs/promises';
import { FlagError } from '../config/arguments.ts';
import { readStartup } from '../config/config.ts';
import type { Config } from '../config/settings.ts';
import { VERSION } from '../config/version.ts';
import { SystemClock } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import { ScaledClock } from '../model/scaled-clock.ts';
import { SteerableClock } from '../model/steerable-clock.ts';
import { readSpan, readTime } from '../pocket/fixture/clock-control.ts';
import type { PlayedScenario } from '../pocket/scenario/player.ts';
import type { Incident, Scenario, ShownQuery } from '../pocket/scenario/scenario.ts';
import { changed, defaultScenarioFile, readScenarioFile, type ScenarioChanges } from '../pocket/scenario/scenarios.ts';
import { serve } from './serve.ts';

const HELP = `Usage: pocket-cortex demo [flags] [any flag of the server]

A server with a fleet in it: weeks of the past in seconds, rules and alerts with theirs, and a present in which things happen.
Needs no network. Its page, and what is worth looking at there, is printed when it is ready.

  -scenario=FILE
        Another fleet than the shop that comes with the program; docs/scenarios.md tells how to write one.
  -seed=TEXT
        Other noise, other pods. The same seed gives the same samples, every time.
  -history=7d
        How far the past reaches back, as 6h, 7d or 3w; by default as the scenario says.
  -start=2026-01-05T12:00:00Z
        When the scenario begins to be live, in place of now. With this even what happens from the start on is the same every time.
  -speed=1
        Lets time pass faster: with 60 a minute takes a second. The page follows.
  -pocket.data-file=FILE
        Keeps the data. By default it is in memory, and gone with the process. A second start goes on where the first one ended:
        what happened meanwhile is made up, and the live part of the scenario begins anew.
  -server.http-listen-port=9009
        Where it listens.
`;

/** What the arguments of `demo` say; the rest are those of the server. */
export interface DemoArguments {
  readonly wantsHelp: boolean;
  readonly file: string | undefined;
  readonly changes: ScenarioChanges;
  readonly speed: number;
  readonly server: readonly string[];
}

const SPEED_LIMIT = 1000;

/** @throws {FlagError} for values that make no sense */
export function readDemoArguments(args: readonly string[]): DemoArguments {
  const own = new Map<string, string>();
  const server: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [, name = '', value] = /^--?([a-z.]+)(?:=(.*))?$/s.exec(args[i]!) ?? [];
    if (name === 'h' || name === 'help') own.set('help', '');
    else if (OWN_FLAGS.includes(name)) own.set(name, value ?? args[++i] ?? '');
    else server.push(args[i]!);
  }
  const speed = Number(own.get('speed') ?? 1);
  if (!(speed > 0 && speed <= SPEED_LIMIT)) throw new FlagError(`-speed: expected a number up to ${SPEED_LIMIT}`);
  const [history, start] = [own.get('history'), own.get('start')];
  return {
    wantsHelp: own.has('help'),
    file: own.get('scenario'),
    changes: {
      seed: own.get('seed'),
      historyMs: history === undefined ? undefined : flagValue('history', () => readSpan(history)),
      startMs: start === undefined ? undefined : flagValue('start', () => readTime(start)),
    },
    speed,
    server,
  };
}

const OWN_FLAGS = ['scenario', 'seed', 'history', 'start', 'speed'];

function flagValue<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new FlagError(`-${name}: ${(error as Error).message}`);
  }
}

/**
 * Runs a server with a scenario in it until SIGTERM or SIGINT. Resolves when the scenario's past is there.
 * @throws {PocketCortexError} as `serve`; `bad-data` for a scenario that is wrong
 */
export async function demo(args: readonly string[]): Promise<void> {
  const { wantsHelp, file, changes, speed, server: flags } = readDemoArguments(args);
  const write = (text: string): void => void process.stdout.write(text);
  if (wantsHelp) return write(HELP);
  const argv = ['-pocket.data-file=:memory:', '-log.level=warn', ...flags];
  const startup = await readStartup({ argv, environment: process.env, readFile: (path) => readFile(path, 'utf8') });
  if (startup.kind !== 'serve') throw new FlagError('demo takes flags of a server that is to run; -help tells which');
  const { config, warnings } = startup;
  const scenario = changed(await readScenarioFile(file ?? defaultScenarioFile()), changes);
  const clock = new SteerableClock(speed === 1 ? new SystemClock() : new ScaledClock(new SystemClock(), speed));
  const machine = new SystemClock();
  const startedMs = machine.elapsedMs();
  const server = await serve(config, warnings, { clock, greet: ({ url }) => opening(url, scenario, config) });
  const isTerminal = process.stdout.isTTY === true;
  // Where time flies nobody wants to miss what happens meanwhile.
  if (speed !== 1) await clock.freeze();
  const played = await server.scenarios.play(scenario, {
    continues: true,
    onProgress: (share) => {
      if (isTerminal) write(`\r  making its past: ${Math.round(share * 100)}%   `);
    },
  });
  if (speed !== 1) await clock.resume();
  if (isTerminal) write('\r');
  if (played.isWhole) write(summary(scenario, played, { url: server.url, tookMs: machine.elapsedMs() - startedMs }));
}

function opening(url: string, { name, about }: Scenario, { server }: Config): string {
  if (server.logFormat === 'json') return '';
  return `
pocket-cortex ${VERSION} is ready on ${url}, with ${name} in it
${about === '' ? '' : `${about}\n`}
`;
}

/** What there is, and where to look. */
export function summary(
  scenario: Scenario,
  { tenants, seriesCount, sampleCount, startMs }: PlayedScenario,
  { url, tookMs }: { readonly url: string; readonly tookMs: number },
): string {
  const past = formatDuration(scenario.historyMs);
  const size = `${seriesCount} series, ${(sampleCount / 1e6).toFixed(1)} million samples`;
  const lines = [
    `  ${past} of ${tenants.join(', ')}: made ${size} and their rules in ${(tookMs / 1000).toFixed(1)} s`,
    '',
    `  Page      ${pageOf(url, scenario, scenario.queries[0])}`,
    `  Alerts    ${url}/graph?${new URLSearchParams({ tenant: tenants[0] ?? '', view: 'alerts', refresh: '5s' })}`,
    `  Grafana   a Prometheus data source with the URL ${url}/prometheus and the HTTP header X-Scope-OrgID: ${tenants[0]}`,
  ];
  if (scenario.queries.length > 0) {
    const width = Math.max(...scenario.queries.map(({ title }) => title.length));
    lines.push('', '  Worth a look');
    for (const shown of scenario.queries) {
      lines.push(`    ${shown.title.padEnd(width)}  ${pageOf(url, scenario, shown)}`);
    }
  }
  const coming = scenario.incidents.flatMap((incident) => comingOf(incident, startMs));
  if (coming.length > 0) lines.push('', '  What will happen (UTC)', ...coming.map((line) => `    ${line}`));
  return `${lines.join('\n')}\n\n  Stop: Ctrl-C\n\n`;
}

function comingOf({ when, name, kind, durationMs, services }: Incident, startMs: number): string[] {
  if (when.kind !== 'from-start' || when.offsetMs < 0) return [];
  const time = new Date(startMs + when.offsetMs).toISOString().slice(11, 16);
  const what = name === kind ? `${kind} of ${services.join(', ') || 'all'}` : name;
  return [`${time}  ${what}, for ${formatDuration(durationMs)}`];
}

function pageOf(url: string, { tenants }: Scenario, shown: ShownQuery | undefined): string {
  const parameters = new URLSearchParams({ tenant: shown?.tenant || (tenants[0]?.name ?? '') });
  if (shown) {
    parameters.set('g0.expr', shown.query);
    parameters.set('g0.tab', 'graph');
    parameters.set('g0.range_input', formatDuration(shown.rangeMs));
    if (shown.rangeMs <= LIVE_RANGE_MS) parameters.set('refresh', '5s');
  }
  return `${url}/graph?${parameters}`;
}

/** What is longer does not look any different five seconds later. */
const LIVE_RANGE_MS = 6 * 3_600_000;
