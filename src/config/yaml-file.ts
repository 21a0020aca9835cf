import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { PocketCortexError } from '../model/errors.ts';
import { cortexKeys, isHiddenKey, type KeyTree, sectionType } from './cortex-yaml.ts';
import { type Setting, type SettingValue, settingFromYaml } from './setting.ts';
import { suggest } from './suggest.ts';

export interface YamlSettings {
  readonly settings: ReadonlyMap<Setting, SettingValue>;
  /** Paths of keys that are no settings of this program, the topmost of each branch. */
  readonly unused: readonly string[];
}

/**
 * Reads a configuration file in Cortex's structure. `fileName` is for messages, which say line and column.
 * @throws {PocketCortexError} `bad-config`
 */
export function readYaml(text: string, fileName: string, settings: readonly Setting[]): YamlSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const fail = (offset: number, message: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new PocketCortexError('bad-config', `${fileName}:${line}:${col}: ${message}`);
  };
  const [error] = document.errors;
  if (error) fail(error.pos[0], error.message);

  const byPath = new Map(settings.map((setting) => [setting.yaml, setting]));
  const values = new Map<Setting, SettingValue>();
  const unused: string[] = [];
  const unknown: string[] = [];
  const visit = (node: unknown, parent: string, cortex: KeyTree | undefined): void => {
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      const path = parent === '' ? name : `${parent}.${name}`;
      const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
      const setting = byPath.get(path);
      if (setting) {
        const plain = isScalar(value) ? value.value : (value as { toJSON?(): unknown } | null)?.toJSON?.();
        // An empty key (`limits:` with nothing below) leaves the default, as in Cortex.
        if (plain === null || plain === undefined) continue;
        const result = settingFromYaml(setting, plain);
        if (result.ok) values.set(setting, result.value);
        else fail(offset, `invalid value ${JSON.stringify(plain)} for ${path}: ${result.reason}`);
        continue;
      }
      const below = cortex?.get(name) ?? (parent !== '' && isHiddenKey(name) ? NO_KEYS : undefined);
      const isSection = isOurs(path) || (below !== undefined && below.size > 0);
      if (isSection && isMap(value)) {
        const unusedBefore = unused.length;
        visit(value, path, below);
        // A section that is Cortex's alone is named once, not by its keys.
        if (!isOurs(path) && unused.length > unusedBefore) unused.splice(unusedBefore, Infinity, path);
      } else if (isSection) {
        if (!isScalar(value) || value.value !== null) fail(offset, `${path}: expected settings below this key`);
      } else if (below) {
        unused.push(path);
      } else {
        const meant = suggest(path, byPath.keys(), 2) ?? suggest(name, cortex?.keys() ?? [], 2);
        const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
        unknown.push(
          `  line ${lines.linePos(offset).line}: field ${name} not found in type ${sectionType(parent)}${hint}`,
        );
      }
    }
  };
  const isOurs = (path: string): boolean => settings.some(({ yaml }) => yaml.startsWith(`${path}.`));
  if (document.contents !== null && !isMap(document.contents)) {
    if (!isScalar(document.contents) || document.contents.value !== null) fail(0, 'expected a map of settings');
  }
  visit(document.contents, '', cortexKeys());
  if (unknown.length > 0) {
    throw new PocketCortexError(
      'bad-config',
      `error loading config from ${fileName}: Error parsing config file: yaml: unmarshal errors:\n${unknown.join('\n')}`,
    );
  }
  return { settings: values, unused };
}

const NO_KEYS: KeyTree = new Map();

/**
 * Replaces `${VAR}`, `${VAR:default}` and `$VAR` as `-config.expand-env` does in Cortex: an undefined or empty variable
 * gives its default, or nothing.
 */
export function expandEnvironment(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*|[0-9]))/g, (_, braced?: string, bare?: string) => {
    const [name, ...rest] = (braced ?? bare ?? '').split(':');
    return environment[name!] || rest.join(':');
  });
}
