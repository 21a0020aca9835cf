import { isMap, isScalar, isSeq } from 'yaml';
import type { TenantLimits } from '../limits/limits.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import { sorted, treeOf } from './config-yaml.ts';
import { limitsFault } from './limit-checks.ts';
import type { ServerSettings } from './server-settings.ts';
import { printSetting, type Setting, type SettingValue, settingToYaml } from './setting.ts';
import { allLimitSettings, type Config, limitsOf, limitValues } from './settings.ts';
import type { Plain } from './shape.ts';
import { parseYaml, SettingsReader } from './yaml-file.ts';
import { type YamlTree, yamlText } from './yaml-text.ts';

/** What single tenants have instead of the limits of all, by limit. */
export type Overrides = ReadonlyMap<Setting, SettingValue>;

/** Cortex's runtime configuration file. */
export interface RuntimeConfig {
  readonly overrides: ReadonlyMap<TenantId, Overrides> | undefined;
  /** Above which the overrides API sets nothing. */
  readonly hardOverrides: ReadonlyMap<TenantId, Overrides> | undefined;
  /** The limits that the overrides API sets. */
  readonly apiAllowedLimits: readonly string[];
  /** Sections about rings and ingesters, which have no effect here, as they came. */
  readonly others: ReadonlyMap<string, Plain>;
}

const sections = ['overrides', 'hard_overrides', 'api_allowed_limits'];
const otherSections = ['multi_kv_config', 'ingester_stream_chunks_when_using_blocks', 'ingester_limits'];

/**
 * Reads the file.
 * @throws {PocketCortexError} `bad-config`
 */
export function parseRuntimeConfig(text: string, fileName: string): RuntimeConfig {
  const { contents, lines, document } = parseYaml(text, fileName);
  const reader = new SettingsReader({ fileName, lines, document, settings: allLimitSettings });
  const found = new Map<string, unknown>();
  const others = new Map<string, Plain>();
  if (contents !== null && !isMap(contents)) {
    if (!isScalar(contents) || contents.value !== null) reader.fail(0, 'expected a map of tenants and limits');
  }
  for (const { key, value } of isMap(contents) ? contents.items : []) {
    const name = isScalar(key) ? String(key.value) : String(key);
    const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
    if (sections.includes(name)) found.set(name, reader.resolve(value));
    else if (otherSections.includes(name)) others.set(name, (reader.plain(value) ?? null) as Plain);
    else {
      const { line } = lines.linePos(offset);
      reader.unknown.push(`  line ${line}: field ${name} not found in type runtimeconfig.RuntimeConfigValues`);
    }
  }
  const config: RuntimeConfig = {
    overrides: tenantsIn(found.get('overrides'), reader),
    hardOverrides: tenantsIn(found.get('hard_overrides'), reader),
    apiAllowedLimits: textsIn(found.get('api_allowed_limits'), reader),
    others,
  };
  if (reader.unknown.length > 0) {
    throw new PocketCortexError('bad-config', `yaml: unmarshal errors:\n${reader.unknown.join('\n')}`);
  }
  return config;
}

/** What `overrides` give in place of the limits of all tenants. */
export function tenantLimits({ overrides }: RuntimeConfig): ReadonlyMap<TenantId, Partial<TenantLimits>> {
  return new Map([...(overrides ?? [])].map(([tenant, values]) => [tenant, limitValues(values)]));
}

/**
 * Whether the limits go together with the settings of the process.
 * @throws {PocketCortexError} `bad-config` in Cortex's words
 */
export function checkOverrides(runtime: RuntimeConfig, defaults: TenantLimits, server: ServerSettings): void {
  for (const own of tenantLimits(runtime).values()) {
    const fault = limitsFault({ ...defaults, ...own }, server);
    if (fault !== undefined) throw new PocketCortexError('bad-config', fault);
  }
}

/** The file as Cortex writes and shows it: every limit of every tenant; with `diff` those that are not the limits of all. */
export function runtimeConfigText(runtime: RuntimeConfig, config: Config, mode: 'actual' | 'diff'): string {
  const tree = new Map<string, YamlTree>();
  const put = (name: string, tenants: RuntimeConfig['overrides']): void => {
    if (!tenants) return;
    const entries = [...tenants].sort(([a], [b]) => (a < b ? -1 : 1));
    tree.set(name, new Map(entries.map(([tenant, values]) => [tenant, tenantTree(values, config, mode)])));
  };
  put('overrides', runtime.overrides);
  for (const [name, value] of runtime.others) tree.set(name, value);
  put('hard_overrides', runtime.hardOverrides);
  if (runtime.apiAllowedLimits.length > 0) tree.set('api_allowed_limits', runtime.apiAllowedLimits);
  return tree.size === 0 ? '{}\n' : yamlText(mode === 'diff' ? sorted(tree) : tree);
}

/** Every limit of a tenant, under Cortex's names, as JSON holds it. */
export function plainLimits(values: Overrides, config: Config): Readonly<Record<string, Plain>> {
  const plain: Record<string, Plain> = {};
  for (const [setting, value] of effective(values, config)) {
    const path = setting.yaml.slice('limits.'.length).split('.');
    const leaf = path.pop()!;
    let branch: Record<string, Plain> = plain;
    for (const name of path) {
      const below = (branch[name] ?? {}) as Record<string, Plain>;
      branch[name] = below;
      branch = below;
    }
    branch[leaf] = settingToYaml(setting, value);
  }
  return plain;
}

function tenantTree(values: Overrides, config: Config, mode: 'actual' | 'diff'): YamlTree {
  const shared = new Map(limitsOf(config));
  const isOther = ([setting, value]: readonly [Setting, SettingValue]): boolean =>
    printSetting(setting, value) !== printSetting(setting, shared.get(setting)!);
  const all = [...effective(values, config)];
  return treeOf(mode === 'diff' ? all.filter(isOther) : all, 'limits.');
}

function* effective(values: Overrides, config: Config): IterableIterator<readonly [Setting, SettingValue]> {
  for (const [setting, value] of limitsOf(config)) yield [setting, values.get(setting) ?? value];
}

function tenantsIn(node: unknown, reader: SettingsReader): ReadonlyMap<TenantId, Overrides> | undefined {
  if (!isMap(node)) return undefined;
  return new Map(
    node.items.map(({ key, value }) => {
      const tenant = (isScalar(key) ? String(key.value) : String(key)) as TenantId;
      return [tenant, reader.read(reader.resolve(value), 'limits').values];
    }),
  );
}

function textsIn(node: unknown, reader: SettingsReader): readonly string[] {
  if (node === undefined || (isScalar(node) && node.value === null)) return [];
  if (!isSeq(node)) return reader.fail(0, 'api_allowed_limits: expected a list of limits');
  return node.items.map((item) => (isScalar(item) ? String(item.value) : String(item)));
}
