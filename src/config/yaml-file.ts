import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
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
  const { contents, lines, document } = parseYaml(text, fileName);
  const reader = new SettingsReader({ fileName, lines, document, settings });
  if (contents !== null && !isMap(contents)) {
    if (!isScalar(contents) || contents.value !== null) reader.fail(0, 'expected a map of settings');
  }
  const { values, unused } = reader.read(contents, '');
  if (reader.unknown.length > 0) {
    throw new PocketCortexError(
      'bad-config',
      `error loading config from ${fileName}: Error parsing config file: yaml: unmarshal errors:\n${reader.unknown.join('\n')}`,
    );
  }
  return { settings: values, unused };
}

export interface ParsedYaml {
  /** The root node, null without one. */
  readonly contents: unknown;
  readonly lines: LineCounter;
  readonly document: Document;
}

/** @throws {PocketCortexError} `bad-config` when it is no YAML, or more than one document */
export function parseYaml(text: string, fileName: string): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    // As Go reads it: `yes` and `off` are bools, `100_000` is a number.
    version: '1.1',
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
  });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new PocketCortexError('bad-config', `${fileName}:${line}:${col}: ${error.message}`);
  }
  return { contents: document.contents, lines, document };
}

export interface SettingsReaderOptions {
  readonly fileName: string;
  readonly lines: LineCounter;
  /** Where aliases are resolved. */
  readonly document: Document;
  readonly settings: readonly Setting[];
}

/** Takes settings from nodes of one file, by their places in Cortex's YAML. */
export class SettingsReader {
  readonly #options: SettingsReaderOptions;
  readonly #byPath: ReadonlyMap<string, Setting>;
  /** A line for each key that Cortex does not have, as its errors list them. */
  readonly unknown: string[] = [];

  constructor(options: SettingsReaderOptions) {
    this.#options = options;
    this.#byPath = new Map(options.settings.map((setting) => [setting.yaml, setting]));
  }

  /**
   * What `node` says, which stands at `path` (`''` is the root).
   * @throws {PocketCortexError} `bad-config` for a value that does not fit
   */
  read(node: unknown, path: string): { readonly values: Map<Setting, SettingValue>; readonly unused: string[] } {
    const found = { values: new Map<Setting, SettingValue>(), unused: [] as string[] };
    const names = path === '' ? [] : path.split('.');
    let keys: KeyTree | undefined = cortexKeys();
    for (const name of names) keys = keys?.get(name);
    this.#visit(node, { parent: path, keys, ...found });
    return found;
  }

  /** @throws {PocketCortexError} always */
  fail(offset: number, message: string): never {
    const { fileName, lines } = this.#options;
    const { line, col } = lines.linePos(offset);
    throw new PocketCortexError('bad-config', `${fileName}:${line}:${col}: ${message}`);
  }

  #visit(node: unknown, at: Place): void {
    if (!isMap(node)) return;
    const { parent, keys, values, unused } = at;
    // What is merged in (`<<: *common`) yields to what stands beside it, wherever that is.
    for (const { key, value } of node.items) if (isMergeKey(key)) this.#merge(value, at);
    for (const { key, value: given } of node.items) {
      if (isMergeKey(key)) continue;
      const value = this.resolve(given);
      const name = isScalar(key) ? String(key.value) : String(key);
      const path = parent === '' ? name : `${parent}.${name}`;
      const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
      const setting = this.#byPath.get(path);
      if (setting) {
        this.#take(values, setting, { path, offset, value });
        continue;
      }
      const below = keys?.get(name) ?? (parent !== '' && isHiddenKey(name) ? NO_KEYS : undefined);
      const isOurs = this.#options.settings.some(({ yaml }) => yaml.startsWith(`${path}.`));
      const isSection = isOurs || (below !== undefined && below.size > 0);
      if (isSection && isMap(value)) {
        const unusedBefore = unused.length;
        this.#visit(value, { ...at, parent: path, keys: below });
        // A section that is Cortex's alone is named once, not by its keys.
        if (!isOurs && unused.length > unusedBefore) unused.splice(unusedBefore, Infinity, path);
      } else if (isSection) {
        if (!isScalar(value) || value.value !== null) this.fail(offset, `${path}: expected settings below this key`);
      } else if (below) {
        unused.push(path);
      } else {
        this.#addUnknown({ name, path, parent, offset, keys });
      }
    }
  }

  #take(
    values: Map<Setting, SettingValue>,
    setting: Setting,
    { path, offset, value }: { readonly path: string; readonly offset: number; readonly value: unknown },
  ): void {
    // A text that only looks like something else is the text.
    const isText = setting.kind === 'string' && isScalar(value) && value.value !== null;
    const plain = isText ? (value.source ?? value.value) : this.plain(value);
    // An empty key (`limits:` with nothing below) leaves the default, as in Cortex.
    if (plain === null || plain === undefined) return;
    const result = settingFromYaml(setting, plain);
    if (result.ok) values.set(setting, result.value);
    else this.fail(offset, `invalid value ${JSON.stringify(plain)} for ${path}: ${result.reason}`);
  }

  /** The node that an alias stands for. */
  resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#options.document) : node;
  }

  /** The value of a node, aliases resolved. */
  plain(node: unknown): unknown {
    if (isScalar(node)) return node.value;
    return (node as { toJS?(document: Document): unknown } | null)?.toJS?.(this.#options.document);
  }

  #merge(value: unknown, at: Place): void {
    const merged = this.resolve(value);
    // Of several, the first one counts most.
    for (const one of isSeq(merged) ? [...merged.items].reverse() : [merged]) this.#visit(this.resolve(one), at);
  }

  #addUnknown({ name, path, parent, offset, keys }: UnknownKey): void {
    const meant = suggest(path, this.#byPath.keys(), 2) ?? suggest(name, keys?.keys() ?? [], 2);
    const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
    const { line } = this.#options.lines.linePos(offset);
    this.unknown.push(`  line ${line}: field ${name} not found in type ${sectionType(parent)}${hint}`);
  }
}

interface Place {
  readonly parent: string;
  /** What Cortex has there. */
  readonly keys: KeyTree | undefined;
  readonly values: Map<Setting, SettingValue>;
  readonly unused: string[];
}

interface UnknownKey extends Pick<Place, 'parent' | 'keys'> {
  readonly name: string;
  readonly path: string;
  readonly offset: number;
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && (key.value === '<<' || key.source === '<<');
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
