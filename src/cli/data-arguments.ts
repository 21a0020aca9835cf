import { PocketCortexError } from '../model/errors.ts';
import { parseTenantId, type TenantId } from '../model/tenant.ts';

/** What stands behind `load` and `export`: flags with one dash or two, and the rest. */
export interface DataArguments {
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly rest: readonly string[];
}

/**
 * Takes arguments apart: `--name=value`, `--name value` where `known` says that there is one, `-` for itself.
 * @throws {PocketCortexError} `bad-config`
 */
export function readDataArguments(
  args: readonly string[],
  known: Readonly<Record<string, 'switch' | 'value'>>,
  command: string,
): DataArguments {
  const flags = new Map<string, string[]>();
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    const [, name = '', value] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name === '') {
      rest.push(arg);
      continue;
    }
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) throw argumentError(command, `unknown argument ${arg}`);
    const own = value ?? (kind === 'switch' ? '' : args[++index]);
    if (own === undefined) throw argumentError(command, `${arg} needs a value`);
    flags.set(name, [...(flags.get(name) ?? []), own]);
  }
  return { flags, rest };
}

export function argumentError(command: string, message: string): PocketCortexError {
  return new PocketCortexError('bad-config', `${command}: ${message}\npocket-cortex ${command} --help tells more`);
}

/** @throws {PocketCortexError} `bad-config` when it is none of `choices` */
export function choiceOf<Choice extends string>(
  { flags }: DataArguments,
  { name, choices, command }: { readonly name: string; readonly choices: readonly Choice[]; readonly command: string },
): Choice | undefined {
  const text = flags.get(name)?.at(-1);
  const choice = choices.find((one) => one === text);
  if (text !== undefined && choice === undefined) {
    throw argumentError(command, `--${name} is one of ${choices.join(', ')}`);
  }
  return choice;
}

/** @throws {PocketCortexError} `bad-config` when there is none, or one that no tenant may have */
export function tenantOf({ flags }: DataArguments, command: string): TenantId {
  const name = flags.get('tenant')?.at(-1);
  if (name === undefined) throw argumentError(command, '--tenant says whose data it is');
  const tenant = parseTenantId(name);
  if (!tenant.ok) throw argumentError(command, tenant.reason);
  return tenant.tenant;
}

/** A time as the query API writes it: seconds since 1970, or RFC 3339. @throws {PocketCortexError} `bad-config` */
export function timeOf({ flags }: DataArguments, name: string, command: string): number | undefined {
  const text = flags.get(name)?.at(-1);
  if (text === undefined) return undefined;
  const timeMs = /^[+-]?\d+(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : Date.parse(text);
  if (!Number.isSafeInteger(timeMs))
    throw argumentError(command, `--${name}: ${text} is no time (seconds or RFC 3339)`);
  return timeMs;
}
