import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fairnessScenario } from './fairness-scenario.ts';
import { fixtureScenario } from './fixture-scenario.ts';
import { histogramScenario } from './histogram-scenario.ts';
import { ingestScenario } from './ingest-scenario.ts';
import { parseScenario } from './parse-scenario.ts';
import { queryScenario } from './query-scenario.ts';
import { describeMachine, formatTable, type Row, writeReport } from './report.ts';
import { rulesScenario } from './rules-scenario.ts';
import type { Scenario } from './scenario.ts';
import { startScenario } from './start-scenario.ts';
import { availableTargets, type TargetKind } from './targets.ts';
import { wireScenario } from './wire-scenario.ts';

const scenarios: readonly Scenario[] = [
  startScenario,
  ingestScenario,
  histogramScenario,
  queryScenario,
  fairnessScenario,
  rulesScenario,
  wireScenario,
  parseScenario,
  fixtureScenario,
];

const usage = `npm run bench -- [options] [scenario ...]

Measures pocket-cortex and, when it is on PATH, Prometheus beside it. Scenarios (all of them when none is named):
${scenarios.map(({ name, about }) => `  ${name.padEnd(8)} ${about}`).join('\n')}

Options:
  --smoke           seconds instead of minutes: shows that everything works, the figures mean nothing
  --target <name>   only this target (may be repeated)
  --help`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      smoke: { type: 'boolean', default: false },
      target: { type: 'string', multiple: true },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) return console.log(usage);
  const chosen = choose(positionals, scenarios, 'scenario');
  const targets = choose<TargetKind>(values.target ?? [], availableTargets(), 'target');
  const machine = describeMachine();
  console.log(`Node ${machine.node}, ${machine.cpuCount} x ${machine.cpu}, commit ${machine.commit}`);
  if (!targets.some(({ name }) => name === 'prometheus')) console.log('without Prometheus: nothing to compare with');
  const rows: Row[] = [];
  for (const scenario of chosen) {
    console.log(`\n${scenario.name}: ${scenario.about}`);
    const measured = await scenario.run({
      targets,
      isSmoke: values.smoke,
      log: (text) => console.log(`  ${text}`),
    });
    const names = targets.map(({ name }) => name).filter((name) => measured.some(({ figures }) => name in figures));
    console.log(`\n${formatTable(measured, names)}`);
    rows.push(...measured);
  }
  const path = writeReport(fileURLToPath(new URL('./results', import.meta.url)), machine, rows);
  console.log(`\nwritten to ${path}`);
}

function choose<Item extends { readonly name: string }>(
  names: readonly string[],
  items: readonly Item[],
  what: string,
): readonly Item[] {
  if (names.length === 0) return items;
  return names.map((name) => {
    const found = items.find((item) => item.name === name);
    if (!found) throw new Error(`there is no ${what} ${name}, only ${items.map((item) => item.name).join(', ')}`);
    return found;
  });
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
