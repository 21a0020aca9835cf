import { printSetting, type Setting, type SettingValue, settingToYaml } from './setting.ts';
import { type Config, defaultConfig, settingsOf } from './settings.ts';
import { YamlFloat, type YamlTree, yamlText } from './yaml-text.ts';

/**
 * The configuration as YAML in Cortex's structure: all of it, only what differs from the defaults (names sorted, as in
 * Cortex), or the defaults.
 */
export function configYaml(config: Config, mode: 'actual' | 'diff' | 'defaults', usual: Usual = 'ours'): string {
  const tree = treeOf(
    [...settingsOf(mode === 'defaults' ? defaultConfig : config)].filter(
      ([setting, value]) => mode !== 'diff' || !isUsual(setting, value, usual),
    ),
  );
  if (tree.size === 0) return '{}\n';
  return yamlText(mode === 'diff' ? sorted(tree) : tree);
}

/** Whose defaults a value is held against: with `cortex` what is ours by default and not Cortex's is a difference. */
export type Usual = 'ours' | 'cortex';

function isUsual(setting: Setting, value: SettingValue, usual: Usual): boolean {
  const written = printSetting(setting, value);
  if (written !== printSetting(setting, setting.default)) return false;
  return usual === 'ours' || written === printSetting(setting, setting.cortexDefault ?? setting.default);
}

export type SettingTree = ReadonlyMap<string, YamlTree>;

/** Values at their places in Cortex's YAML; `prefix` is left out. */
export function treeOf(values: Iterable<readonly [Setting, SettingValue]>, prefix = ''): SettingTree {
  const tree = new Map<string, YamlTree>();
  for (const [setting, value] of values) {
    const path = setting.yaml.slice(prefix.length).split('.');
    const leaf = path.pop()!;
    let branch = tree;
    for (const name of path) {
      const below = branch.get(name);
      const next = below instanceof Map ? (below as Map<string, YamlTree>) : new Map<string, YamlTree>();
      branch.set(name, next);
      branch = next;
    }
    const written = settingToYaml(setting, value);
    branch.set(leaf, setting.kind === 'float' ? new YamlFloat(written as number) : written);
  }
  return tree;
}

/** With the names of every level in order. */
export function sorted(tree: SettingTree): SettingTree {
  return new Map(
    [...tree]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, value instanceof Map ? sorted(value) : value]),
  );
}
