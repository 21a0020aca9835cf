import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chunksScenario } from './micro/chunks-scenario.ts';
import { engineScenario } from './micro/engine-scenario.ts';
import { fixtureScenario } from './micro/fixture-scenario.ts';
import { operatorsScenario } from './micro/operators-scenario.ts';
import { parseScenario } from './micro/parse-scenario.ts';
import { postingsScenario } from './micro/postings-scenario.ts';
import { wireScenario } from './micro/wire-scenario.ts';
import { profileScenarios } from './profile/profile-scenarios.ts';
import { readReport, type ScenarioReport, withEarlier, writeReport } from './report/files.ts';
import { goalsTable, judgeGoals } from './report/goals.ts';
import { describeMachine, machineText } from './report/machine.ts';
import { type Row, RowCollector } from './report/rows.ts';
import { formatTable, targetsIn } from './report/table.ts';
import type { Scenario } from './scenario.ts';
import { corpusScenario } from './scenarios/corpus-scenario.ts';
import { fairnessScenario } from './scenarios/fairness-scenario.ts';
import { histogramScenario } from './scenarios/histogram-scenario.ts';
import { ingestScenario } from './scenarios/ingest-scenario.ts';
import { millionScenario } from './scenarios/million-scenario.ts';
import { mixedScenario } from './scenarios/mixed-scenario.ts';
import { panelsScenario } from './scenarios/panels-scenario.ts';
import { provisionedScenario } from './scenarios/provisioned-scenario.ts';
import { queryScenario } from './scenarios/query-scenario.ts';
import { rulesScenario } from './scenarios/rules-scenario.ts';
import { startScenario } from './scenarios/start-scenario.ts';
import { availableTargets } from './targets/available.ts';
import type { TargetKind } from './targets/target.ts';

const micro: readonly Scenario[] = [
  wireScenario,
  chunksScenario,
  postingsScenario,
  operatorsScenario,
  parseScenario,
  fixtureScenario,
  engineScenario,
];

const scenarios: readonly Scenario[] = [
  startScenario,
  corpusScenario,
  ingestScenario,
  queryScenario,
  panelsScenario,
  mixedScenario,
  rulesScenario,
  ...micro,
  millionScenario,
  histogramScenario,
  fairnessScenario,
  provisionedScenario,
];

/** Names for several scenarios. */
const groups: Readonly<Record<string, readonly Scenario[]>> = { micro, all: scenarios };

const list = (chosen: readonly Scenario[]): string =>
  chosen.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n');

const usage = `npm run bench -- [options] [scenario ...]

Measures pocket-cortex and, beside it, those of prometheus, victoria-metrics and cortex that are on PATH. When no scenario
is named, these are run (about 15 minutes with all peers):
${list(scenarios.filter(({ isExtra }) => !isExtra))}

Only when named ('all' names all there are, 'micro' those of single parts: ${micro.map(({ name }) => name).join(', ')}):
${list(scenarios.filter(({ isExtra }) => isExtra))}

Options:
  --smoke           seconds instead of minutes: shows that everything works, the figures mean nothing
  --target <name>   only this target (may be repeated); the ratios are those of the first
  --dist <folder>   measures this build of pocket-cortex (./dist)
  --baseline <folder>
                    measures another build beside it, as the target 'baseline'
  --only <text>     of the queries only those with this text in their family or query
  --keep            writes bench/results/<date>.md and .json, which are kept in the repository; scenarios that
                    were run that day before, and not now, stay in them
  --profile         measures nothing, but says in which functions pocket-cortex spent its time (with --keep in
                    bench/results/<date>.profile.md)
  --help`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      smoke: { type: 'boolean', default: false },
      target: { type: 'string', multiple: true },
      dist: { type: 'string', default: fileURLToPath(new URL('../dist', import.meta.url)) },
      baseline: { type: 'string' },
      only: { type: 'string' },
      keep: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) return console.log(usage);
  if (values.keep && values.smoke) throw new Error('figures of a smoke run are not worth keeping');
  const chosen = chooseScenarios(positionals);
  const takenAt = new Date().toISOString();
  const folder = fileURLToPath(new URL('./results', import.meta.url));
  const fileName = values.keep ? takenAt.slice(0, 10) : takenAt.replace(/[:.]/g, '-');
  const only = values.only === undefined ? {} : { only: values.only };
  if (values.profile) {
    const { commit } = describeMachine([]);
    const path = await profileScenarios(chosen, {
      ...{ dist: values.dist, isSmoke: values.smoke, commit, folder, fileName },
      ...only,
    });
    return console.log(`\nwritten to ${path}`);
  }
  const targets = chooseTargets(values.target ?? [], availableTargets(values));
  const names = targets.map(({ name }) => name);
  const machine = describeMachine(targets);
  console.log(machineText(machine));
  if (targets.length === 1) console.log(`only ${names[0]}: nothing to compare with`);
  const earlier = values.keep ? readReport(folder, fileName) : undefined;
  const done: ScenarioReport[] = [];
  const rows: Row[] = [];
  for (const { name, about, run } of chosen) {
    const startedMs = performance.now();
    console.log(`\n${name}: ${about}`);
    const log = (text: string): void => console.log(`  ${text}`);
    const found = new RowCollector(name);
    try {
      await run({ rows: found, targets, isSmoke: values.smoke, begin: log, log, ...only });
      done.push({ name, about, commit: machine.commit });
    } catch (error) {
      // The others are worth having.
      const failure = error instanceof Error ? error.message : String(error);
      console.error(`  failed: ${failure}`);
      done.push({ name, about, commit: machine.commit, failure });
      process.exitCode = 1;
    }
    const measured = found.rows();
    rows.push(...measured);
    if (measured.length > 0) console.log(`\n${formatTable(measured, targetsIn(measured, names))}`);
    console.log(`  took ${Math.round((performance.now() - startedMs) / 1000)} s`);
    const goals = judgeGoals(rows);
    const report = withEarlier({ takenAt, machine, targets: names, scenarios: done, goals, rows }, earlier);
    const path = writeReport(folder, fileName, report);
    if (done.length === chosen.length) {
      if (goals.length > 0) console.log(`\n${goalsTable(goals)}`);
      console.log(`\nwritten to ${path}`);
    }
  }
}

function chooseScenarios(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return scenarios.filter(({ isExtra }) => !isExtra);
  return [...new Set(names.flatMap((name) => groups[name] ?? [find(name, scenarios, 'scenario')]))];
}

function chooseTargets(names: readonly string[], available: readonly TargetKind[]): readonly TargetKind[] {
  if (names.length === 0) return available;
  return names.map((name) => find(name, available, 'target'));
}

function find<Item extends { readonly name: string; readonly aliases?: readonly string[] }>(
  name: string,
  items: readonly Item[],
  what: string,
): Item {
  const found = items.find((item) => item.name === name || item.aliases?.includes(name));
  if (found) return found;
  throw new Error(`there is no ${what} ${name}, only ${items.map((item) => item.name).join(', ')}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
