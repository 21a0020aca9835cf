import { sortedKeys, writeScalar } from '../ruler/go-yaml.ts';
import type { UserConfig } from './user-config.ts';

/** A tenant's configuration as Cortex gives it back: the texts as they came. */
export function userConfigYaml(config: UserConfig, indent = 0): string {
  const margin = ' '.repeat(indent);
  const templates = Object.entries(sortedKeys(config.templates));
  const files = templates.map(([name, text]) => {
    const key = writeScalar(name, indent + 2);
    return `\n${margin}  ${key}: ${writeScalar(text, indent + 2, indent + 4)}`;
  });
  const configuration = writeScalar(config.configuration, indent, indent + 2);
  return `${margin}template_files:${files.join('') || ' {}'}\n${margin}alertmanager_config: ${configuration}\n`;
}
