import { PocketCortexError } from '../model/errors.ts';
import { cortexFlagNames } from './cortex-flags.ts';
import { parseSetting, type Setting, type SettingValue } from './setting.ts';
import { suggest } from './suggest.ts';

/** Flags that are no settings. */
const ownFlags = ['config.file', 'config.expand-env', 'help', 'h', 'version', 'modules', 'print.config'] as const;

/** A command line that cannot be read: Go's flags end a process with another status than other mistakes. */
export class FlagError extends PocketCortexError {
  constructor(message: string) {
    super('bad-config', message);
  }
}

export interface Arguments {
  readonly settings: ReadonlyMap<Setting, SettingValue>;
  readonly configFile: string | undefined;
  readonly expandEnv: boolean;
  readonly wantsHelp: boolean;
  readonly wantsVersion: boolean;
  readonly wantsModules: boolean;
  readonly wantsConfig: boolean;
  /** Flags of Cortex that have no use here, in order. */
  readonly unused: readonly string[];
}

/**
 * Reads flags as Go does: `-name=value`, `-name value`, with one dash or two; a bool alone is true.
 * @throws {PocketCortexError} `bad-config`
 */
export function parseArguments(argv: readonly string[], settings: readonly Setting[]): Arguments {
  const byFlag = new Map(settings.flatMap((setting) => (setting.flag === undefined ? [] : [[setting.flag, setting]])));
  const values = new Map<Setting, SettingValue>();
  const own = new Map<string, string>();
  const unused: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const { name, value } = splitFlag(argv[i]!);
    const nextValue = (): string => {
      if (value !== undefined) return value;
      i += 1;
      if (i >= argv.length) throw new FlagError(`flag needs an argument: -${name}`);
      return argv[i]!;
    };
    const setting = byFlag.get(name);
    if (setting) {
      const text = setting.kind === 'bool' ? (value ?? 'true') : nextValue();
      addValue(values, setting, text);
    } else if ((ownFlags as readonly string[]).includes(name)) {
      own.set(name, name === 'config.file' ? nextValue() : (value ?? 'true'));
    } else if (cortexFlagNames().has(name)) {
      unused.push(name);
      // Whether it is a bool, which takes no value of its own, we do not know: what looks like a flag is one.
      const next = argv[i + 1];
      if (value === undefined && next !== undefined && !/^--?[a-z]/i.test(next)) i += 1;
    } else {
      throw unknownFlag(name, byFlag);
    }
  }
  const isOn = (name: string): boolean => own.has(name) && !/^(0|f|F|FALSE|false|False)$/.test(own.get(name)!);
  return {
    settings: values,
    configFile: own.get('config.file'),
    expandEnv: isOn('config.expand-env'),
    wantsHelp: isOn('help') || isOn('h'),
    wantsVersion: isOn('version'),
    wantsModules: isOn('modules'),
    wantsConfig: isOn('print.config'),
    unused,
  };
}

function splitFlag(argument: string): { name: string; value: string | undefined } {
  const match = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(argument);
  if (!match) throw new FlagError(`unexpected argument ${JSON.stringify(argument)}`);
  return { name: match[1]!, value: match[2] };
}

function addValue(values: Map<Setting, SettingValue>, setting: Setting, text: string): void {
  const result = parseSetting(setting, text);
  if (!result.ok) {
    throw new FlagError(`invalid value ${JSON.stringify(text)} for flag -${setting.flag}: ${result.reason}`);
  }
  const earlier = values.get(setting);
  const isList = Array.isArray(earlier) && Array.isArray(result.value);
  values.set(setting, isList ? [...earlier, ...result.value] : result.value);
}

function unknownFlag(name: string, byFlag: ReadonlyMap<string, Setting>): FlagError {
  // Ours come first: of two names that are equally close, the one that does something is meant.
  const meant = suggest(name, [...byFlag.keys(), ...ownFlags, ...cortexFlagNames()]);
  const hint = meant ? ` (did you mean -${meant}?)` : '';
  return new FlagError(
    `flag provided but not defined: -${name}${hint}\nRun with -help to get list of available parameters`,
  );
}
