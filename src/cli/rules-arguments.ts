import type { ParseOptions } from '../../grammar/promql.ts';
import { PocketCortexError } from '../model/errors.ts';
import { parseTenantId } from '../model/tenant.ts';
import type { RuleFileOptions } from '../ruler/rule-file/rule-file.ts';

/** What stands behind a command: flags with one dash or two, and files. */
export interface RulesArguments {
  /** By their names without dashes; a flag without a value has an empty one. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly files: readonly string[];
}

/**
 * Takes arguments apart. Flags are `-name`, `-name=value` or, where `known` says that there is a value, `-name value`.
 * @throws {PocketCortexError} `bad-config`
 */
export function readRulesArguments(
  args: readonly string[],
  known: Readonly<Record<string, 'switch' | 'value'>>,
  command: string,
): RulesArguments {
  const flags = new Map<string, string[]>();
  const files: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    const [, name = '', value] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name === '') {
      files.push(arg);
      continue;
    }
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) throw usageError(command, `unknown argument ${arg}`);
    let own = value ?? '';
    if (kind === 'value' && value === undefined) {
      index += 1;
      const next = args[index];
      if (next === undefined) throw usageError(command, `${arg} needs a value`);
      own = next;
    }
    flags.set(name, [...(flags.get(name) ?? []), own]);
  }
  const wantsHelp = flags.has('help') || flags.has('h');
  if (files.length === 0 && !wantsHelp) throw usageError(command, 'no files named');
  return { flags, files };
}

export function usageError(command: string, message: string): PocketCortexError {
  return new PocketCortexError('bad-config', `${command}: ${message}\npocket-cortex ${command} --help tells more`);
}

/**
 * What `-enable-feature`, `-ignore-unknown-fields` and `-tenant` say about rule files.
 * @throws {PocketCortexError} `bad-config` for what is no tenant's name
 */
export function ruleFileFlags(flags: RulesArguments['flags'], command: string): RuleFileFlags {
  const features = (flags.get('enable-feature') ?? []).flatMap((list) => list.split(','));
  const name = flags.get('tenant')?.at(-1);
  const tenant = name === undefined ? undefined : parseTenantId(name);
  if (tenant && !tenant.ok) throw usageError(command, tenant.reason);
  return {
    parse: { enableExperimentalFunctions: features.includes('promql-experimental-functions') },
    ignoresUnknownFields: flags.has('ignore-unknown-fields'),
    tenant: tenant?.tenant,
  };
}

type RuleFileFlags = Pick<RuleFileOptions, 'ignoresUnknownFields' | 'tenant'> & { readonly parse: ParseOptions };

/** The flags that `ruleFileFlags` reads. */
export const RULE_FILE_FLAGS = {
  'enable-feature': 'value',
  'ignore-unknown-fields': 'switch',
  tenant: 'value',
} as const;
