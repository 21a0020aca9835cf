import { quoteGo } from '../model/go-quote.ts';
import { loadConfig } from './config.ts';
import { type Fields, readGoYaml, type Shape } from './go-yaml-reader.ts';
import { structAt, text, textAt, textMap } from './shapes.ts';
import { templateProblem } from './templates.ts';

/** What a tenant sends to configure its Alertmanager. */
export interface UserConfig {
  readonly configuration: string;
  /** Name to text. */
  readonly templates: Readonly<Record<string, string>>;
}

export type UserConfigReading =
  | { readonly ok: true; readonly config: UserConfig }
  /** Cortex's text. */
  | { readonly ok: false; readonly message: string };

export interface UserConfigLimits {
  /** 0 means no bound, as of the next. */
  readonly alertmanagerMaxTemplatesCount: number;
  readonly alertmanagerMaxTemplateSizeBytes: number;
}

const shape: Shape = {
  kind: 'struct',
  type: 'alertmanager.UserConfig',
  fields: { template_files: textMap, alertmanager_config: text },
};

/** Reads and checks the body of a request, as Cortex does. */
export function readUserConfig(body: string, limits: UserConfigLimits): UserConfigReading {
  const reading = readGoYaml(body, shape, { isStrict: false });
  if (!reading.ok) return refused('error marshalling YAML Alertmanager config', reading.message);
  const fields = (reading.value ?? {}) as Fields;
  const templates = Object.entries(structAt(fields, 'template_files') ?? {}).map(
    ([name, body]) => [name, `${body ?? ''}`] as const,
  );
  const config = { configuration: textAt(fields, 'alertmanager_config'), templates: Object.fromEntries(templates) };
  const problem = userConfigProblem(config, limits);
  return problem === undefined ? { ok: true, config } : refused('error validating Alertmanager config', problem);
}

/** Cortex's text for what is wrong, in its order. */
function userConfigProblem({ configuration, templates }: UserConfig, limits: UserConfigLimits): string | undefined {
  if (configuration === '') {
    return "configuration provided is empty, if you'd like to remove your configuration please use the delete configuration endpoint";
  }
  const loaded = loadConfig(configuration);
  if (!loaded.ok) return loaded.message;
  if (loaded.forbidden !== undefined) return loaded.forbidden;
  const { alertmanagerMaxTemplatesCount: maxCount, alertmanagerMaxTemplateSizeBytes: maxBytes } = limits;
  const entries = Object.entries(templates);
  const badName = loaded.config.templates.find(isPath);
  if (badName !== undefined) return pathProblem(badName);
  if (maxCount > 0 && entries.length > maxCount) {
    return `too many templates in the configuration: ${entries.length} (limit: ${maxCount})`;
  }
  for (const [name, body] of entries) {
    const bytes = Buffer.byteLength(body);
    if (maxBytes > 0 && bytes > maxBytes) {
      return `template ${name} is too big: ${bytes} bytes (limit: ${maxBytes} bytes)`;
    }
  }
  const badFile = entries.map(([name]) => name).find(isPath);
  if (badFile !== undefined) return pathProblem(badFile);
  // Only those that the configuration names are read; one that is not there is no error.
  for (const pattern of loaded.config.templates) {
    const isNamed = fileNamePattern(pattern);
    for (const [name, body] of entries.filter(([name]) => isNamed(name))) {
      const problem = templateProblem(name, body);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

/** Templates may be named by `*` and `?`. */
function fileNamePattern(pattern: string): (name: string) => boolean {
  if (!/[*?]/.test(pattern)) return (name) => name === pattern;
  const parts = pattern.split('*');
  return (name) => matchesParts(name, parts);
}

/** Greedy from the left: whether `name` is the parts with anything in between; `?` is any one character. */
function matchesParts(name: string, [head = '', ...rest]: readonly string[]): boolean {
  const fits = (part: string, at: number): boolean =>
    at + part.length <= name.length && [...part].every((wanted, i) => wanted === '?' || wanted === name[at + i]);
  if (!fits(head, 0)) return false;
  if (rest.length === 0) return name.length === head.length;
  let position = head.length;
  for (const part of rest.slice(0, -1)) {
    while (position <= name.length && !fits(part, position)) position += 1;
    position += part.length;
  }
  const last = rest.at(-1)!;
  return name.length - last.length >= position && fits(last, name.length - last.length);
}

function isPath(name: string): boolean {
  return name === '' || name === '..' || name.includes('/');
}

function pathProblem(name: string): string {
  return `invalid template name ${quoteGo(name)}: the template name cannot contain any path`;
}

function refused(context: string, message: string): UserConfigReading {
  return { ok: false, message: `${context}: ${message}` };
}
