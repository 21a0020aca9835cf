import { readFile } from 'node:fs/promises';
import { duplicateRules } from '../pocket/rule-test/duplicate-rules.ts';
import { readRuleFile } from '../ruler/rule-file/rule-file.ts';
import type { Finding } from '../ruler/rule-file/yaml-file.ts';
import type { Terminal } from './promtest.ts';
import { RULE_FILE_FLAGS, readRulesArguments, ruleFileFlags, usageError } from './rules-arguments.ts';

const COMMAND = 'rules check';

const HELP = `Usage: pocket-cortex rules check [flags] FILE...

Looks for mistakes in rule files as Cortex would: PromQL, templates, durations, names, fields that do not exist. Takes
files of Prometheus's form, those of cortextool with a namespace, what GET /api/v1/rules gives, and single groups.

  -lint=duplicate-rules|all|none
        What to warn of that Cortex takes: rules with the same name and labels. The default is all.
  -lint-fatal
        Exit with 3 after a warning.
  -ignore-unknown-fields
        Let fields pass that do not exist.
  -enable-feature=promql-experimental-functions
        Take PromQL's experimental functions.
  -tenant=id
        What {{tenant}} stands for in labels and annotations, in files of provisioned rules.

Exits with 1 when Cortex would refuse something.
`;

/**
 * Tells what is wrong with rule files, a line each with its place. Resolves to the exit code: 1 for mistakes, 3 for
 * warnings with `-lint-fatal`.
 * @throws {PocketCortexError} `bad-config` for arguments that make no sense and files that cannot be read
 */
export async function rulesCheck(args: readonly string[], terminal: Terminal): Promise<number> {
  const { flags, files } = readRulesArguments(args, KNOWN_FLAGS, COMMAND);
  const { write } = terminal;
  if (flags.has('help') || flags.has('h')) {
    write(HELP);
    return 0;
  }
  const lint = flags.get('lint')?.at(-1) ?? 'all';
  if (!['duplicate-rules', 'all', 'none'].includes(lint)) throw usageError(COMMAND, `unknown lint ${lint}`);
  const ofRules = ruleFileFlags(flags, COMMAND);
  let errorCount = 0;
  let warningCount = 0;
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: Error) => {
      throw usageError(COMMAND, error.message);
    });
    const { groups, errors } = readRuleFile(text, {
      ...ofRules,
      dialect: 'cortex',
    });
    const warnings = lint === 'none' || errors.length > 0 ? [] : duplicateRules(groups);
    for (const error of errors) write(`${lineOf(file, error, 'error', terminal)}\n`);
    for (const warning of warnings) write(`${lineOf(file, warning, 'warning', terminal)}\n`);
    errorCount += errors.length;
    warningCount += warnings.length;
    const ruleCount = groups.reduce((count, { group }) => count + group.rules.length, 0);
    if (errors.length === 0) write(`${file}: ${counted(groups.length, 'group')}, ${counted(ruleCount, 'rule')}\n`);
  }
  write(`\n${counted(files.length, 'file')}, ${counted(errorCount, 'error')}, ${counted(warningCount, 'warning')}\n`);
  if (errorCount > 0) return 1;
  return warningCount > 0 && flags.has('lint-fatal') ? 3 : 0;
}

const KNOWN_FLAGS = {
  lint: 'value',
  'lint-fatal': 'switch',
  ...RULE_FILE_FLAGS,
  help: 'switch',
  h: 'switch',
} as const;

function lineOf(
  file: string,
  { line, column, message }: Finding,
  kind: 'error' | 'warning',
  terminal: Terminal,
): string {
  const colour = kind === 'error' ? 31 : 33;
  const word = terminal.hasColour ? `\u001b[${colour}m${kind}\u001b[0m` : kind;
  return `${file}:${line}:${column}: ${word}: ${message}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
