import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { compileSearch } from '../model/regex.ts';
import { formatRows, type Row } from '../pocket/promtest/side-by-side.ts';
import { glob } from '../pocket/rule-test/glob.ts';
import { pairByWhatTheyName } from '../pocket/rule-test/pair-lines.ts';
import { orderGroups, type RuleTestOutcome, runUnitTest } from '../pocket/rule-test/runner.ts';
import { readUnitTestFile } from '../pocket/rule-test/unit-test-file.ts';
import { isScenario } from '../pocket/scenario/read-scenario.ts';
import { type RuleFileOptions, readRuleFile } from '../ruler/rule-file/rule-file.ts';
import type { RuleGroup } from '../ruler/rule-group.ts';
import type { Terminal } from './promtest.ts';
import { RULE_FILE_FLAGS, type RulesArguments, readRulesArguments, ruleFileFlags } from './rules-arguments.ts';

const COMMAND = 'rules test';

const HELP = `Usage: pocket-cortex rules test [flags] FILE...

Runs unit tests for rules, of the form that promtool takes:

  rule_files: [rules.yml]
  tests:
  - interval: 1m
    input_series:
    - series: up{job="api"}
      values: 1x5 0x10
    alert_rule_test:
    - eval_time: 10m
      alertname: Down
      exp_alerts:
      - exp_labels: {job: api}
    promql_expr_test:
    - expr: job:up:avg
      eval_time: 10m
      exp_samples:
      - {labels: 'job:up:avg{job="api"}', value: 0}

A scenario file (docs/scenarios.md) is a test of its rules too: it is played, and what it expects is looked at.

  -run=regex
        Only tests whose names match. May stand more than once.
  -ignore-unknown-fields
        Let fields of rule files pass that do not exist.
  -enable-feature=promql-experimental-functions
        Take PromQL's experimental functions.
  -tenant=id
        What {{tenant}} stands for in labels and annotations, in files of provisioned rules.
  -verbose
        Tell every expectation, not just those that failed.

Exits with 1 when something failed. NO_COLOR switches colours off.
`;

/**
 * Runs unit tests for rules: what failed, with expected and actual side by side, and `N passed, M failed` at the end.
 * Resolves to the exit code: 1 when something failed.
 * @throws {PocketCortexError} `bad-config` for arguments that make no sense
 */
export async function rulesTest(args: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = readRulesArguments(args, KNOWN_FLAGS, COMMAND);
  const { flags, files } = parsed;
  const { write } = terminal;
  if (flags.has('help') || flags.has('h')) {
    write(HELP);
    return 0;
  }
  const isVerbose = flags.has('verbose') || flags.has('v');
  const total = { passed: 0, failed: 0 };
  for (const file of files) {
    const outcomes = await runFile(file, parsed, write);
    const counts = { passed: 0, failed: 0 };
    for (const outcome of outcomes) {
      counts[outcome.verdict] += 1;
      if (isVerbose || outcome.verdict === 'failed') write(`${report(file, outcome, terminal)}\n\n`);
    }
    write(`${file}: ${counts.passed} passed, ${counts.failed} failed\n`);
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  write(`\n${total.passed} passed, ${total.failed} failed\n`);
  return total.failed > 0 ? 1 : 0;
}

const KNOWN_FLAGS = {
  run: 'value',
  ...RULE_FILE_FLAGS,
  verbose: 'switch',
  v: 'switch',
  help: 'switch',
  h: 'switch',
} as const;

/** A file that is no file of tests is one failure: the others can be run all the same. */
async function runFile(file: string, { flags }: RulesArguments, write: Terminal['write']): Promise<RuleTestOutcome[]> {
  const failure = (line: number, reason: string): RuleTestOutcome => ({
    line,
    test: '',
    what: '',
    verdict: 'failed',
    reason,
    expected: '',
    actual: '',
  });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return [failure(1, (error as Error).message)];
  }
  if (isScenario(text)) {
    const { testScenario } = await import('./scenario-test.ts');
    return testScenario(text);
  }
  const reading = readUnitTestFile(text);
  if (!reading.ok)
    return reading.errors.map(({ line, column, message }) => failure(line, `column ${column}: ${message}`));
  const { ruleFiles, groupEvalOrder, tests } = reading.file;
  const ruleFileNames = new Set<string>();
  for (const pattern of ruleFiles) {
    const found = await glob(pattern, dirname(file));
    if (found.length === 0) write(`${file}: no rule file is named ${pattern}\n`);
    for (const name of found) ruleFileNames.add(name);
  }
  const ofRules = ruleFileFlags(flags, COMMAND);
  const { groups, faults } = await readRules([...ruleFileNames], { ...ofRules, dialect: 'prometheus' });
  const names = flags.get('run')?.map((expression) => compileSearch(expression));
  const outcomes: RuleTestOutcome[] = [];
  for (const unit of tests) {
    if (names && !names.some((name) => name.test(unit.name))) continue;
    const ordered = orderGroups(groups, groupEvalOrder);
    outcomes.push(
      ...(await runUnitTest(unit, { file: reading.file, groups: ordered, ruleFaults: faults, parse: ofRules.parse })),
    );
  }
  return outcomes;
}

async function readRules(
  names: readonly string[],
  options: RuleFileOptions,
): Promise<{ readonly groups: readonly RuleGroup[]; readonly faults: readonly string[] }> {
  const groups: RuleGroup[] = [];
  const faults: string[] = [];
  for (const name of names) {
    try {
      const file = readRuleFile(await readFile(name, 'utf8'), options);
      groups.push(...file.groups.map(({ group }) => group));
      faults.push(...file.errors.map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`));
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  return { groups, faults };
}

function report(file: string, outcome: RuleTestOutcome, { columns, hasColour }: Terminal): string {
  const { line, test, what, verdict, reason, expected, actual } = outcome;
  const colour = verdict === 'passed' ? 32 : 31;
  const word = hasColour ? `\u001b[${colour}m${verdict}\u001b[0m` : verdict;
  const head = [`${file}:${line}`, word, test === '' ? '' : `${test}:`, what].filter((part) => part !== '').join(' ');
  if (verdict === 'passed') return head;
  const sides = expected === actual ? [] : formatRows(rowsOf(expected, actual), columns - INDENT.length);
  return [head, `${INDENT}${reason}`, ...sides.map((side) => INDENT + side)].join('\n');
}

function rowsOf(expected: string, actual: string): Row[] {
  if (expected === '') return actual.split('\n').map((line, index) => [index === 0 ? '(nothing)' : undefined, line]);
  if (actual === '') return expected.split('\n').map((line, index) => [line, index === 0 ? '(nothing)' : undefined]);
  return pairByWhatTheyName(expected, actual);
}

const INDENT = '  ';
