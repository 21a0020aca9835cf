import { printSetting, type Setting, type SettingValue, settingToYaml } from './setting.ts';
import { type Config, defaultConfig, settingsOf } from './settings.ts';

/**
 * The configuration as YAML in Cortex's structure: all of it, only what differs from the defaults, or the defaults.
 * Written by hand because the `yaml` library would have to be loaded for it at start.
 */
export function configYaml(config: Config, mode: 'actual' | 'diff' | 'defaults'): string {
  const tree: YamlTree = new Map();
  for (const [setting, value] of settingsOf(mode === 'defaults' ? defaultConfig : config)) {
    if (mode === 'diff' && printSetting(setting, value) === printSetting(setting, setting.default)) continue;
    place(tree, setting, value);
  }
  return tree.size === 0 ? '{}\n' : writeTree(tree, '');
}

type YamlTree = Map<string, YamlTree | SettingValue>;

function place(tree: YamlTree, setting: Setting, value: SettingValue): void {
  const path = setting.yaml.split('.');
  const leaf = path.pop()!;
  let branch = tree;
  for (const name of path) {
    const below = branch.get(name);
    const next: YamlTree = below instanceof Map ? below : new Map();
    branch.set(name, next);
    branch = next;
  }
  branch.set(leaf, settingToYaml(setting, value));
}

function writeTree(tree: YamlTree, indent: string): string {
  let text = '';
  for (const [name, value] of tree) {
    if (value instanceof Map) text += `${indent}${name}:\n${writeTree(value, `${indent}    `)}`;
    else text += `${indent}${name}: ${writeScalar(value)}\n`;
  }
  return text;
}

function writeScalar(value: SettingValue): string {
  if (typeof value === 'object') return `[${value.map((item) => writeScalar(item)).join(', ')}]`;
  if (typeof value !== 'string') return String(value);
  // Plain only where no YAML reader can take it for anything but this text; JSON's strings are YAML's.
  const isPlain = /^[A-Za-z/][A-Za-z0-9/._-]*$/.test(value) || /^(\d+(\.\d+)?(ms|s|m|h|d|w|y))+$/.test(value);
  return isPlain && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(value) ? value : JSON.stringify(value);
}
