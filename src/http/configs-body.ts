import type { ParseOptions } from '../../grammar/promql.ts';
import { loadConfig } from '../alertmanager/config.ts';
import { type Fields, readGoYaml, type Shape } from '../alertmanager/go-yaml-reader.ts';
import { templateProblem } from '../alertmanager/templates.ts';
import { checkRuleGroup } from '../ruler/check-rule-group.ts';
import { readRuleGroup } from '../ruler/read-rule-group.ts';
import { readJson } from './alertmanager-bodies.ts';
import type { ServiceConfig } from './configs-store.ts';
import { loadGrammar } from './load-grammar.ts';

export type ServiceConfigReading =
  | { readonly ok: true; readonly config: ServiceConfig }
  /** Cortex's text. */
  | { readonly ok: false; readonly message: string };

const text: Shape = { kind: 'text' };
const textMap: Shape = { kind: 'map', of: text };

const shape: Shape = {
  kind: 'struct',
  type: 'userconfig.configCompat',
  fields: { rules_files: textMap, rule_format_version: text, template_files: textMap, alertmanager_config: text },
};

/** Reads and checks the body of a request to the configs API: JSON, unless its type says YAML. */
export async function readServiceConfig(
  body: string,
  contentType: string | undefined,
  parse: ParseOptions,
): Promise<ServiceConfigReading> {
  const isYaml = /\b(text\/yaml|text\/x-yaml|application\/yaml|application\/x-yaml)\b/.test(contentType ?? '');
  const json = isYaml ? undefined : readJson(body);
  if (json && !json.ok) return { ok: false, message: json.message };
  // Every JSON text is YAML, so one reader does for both.
  const reading = readGoYaml(body, shape, { isStrict: false });
  if (!reading.ok) return reading;
  const fields = (reading.value ?? {}) as Fields;
  const version = fields['rule_format_version'] ?? '1';
  if (version !== '1' && version !== '2') {
    return { ok: false, message: `unknown rule format version ${JSON.stringify(JSON.stringify(version))}` };
  }
  const config: ServiceConfig = {
    ruleFiles: filesOf(fields['rules_files']),
    ruleFormatVersion: version,
    templateFiles: filesOf(fields['template_files']),
    alertmanagerConfig: (fields['alertmanager_config'] as string | undefined) ?? '',
  };
  const message = await problemOf(config, parse);
  return message === undefined ? { ok: true, config } : { ok: false, message };
}

function filesOf(value: unknown): Readonly<Record<string, string>> | null {
  if (value === undefined) return null;
  return Object.fromEntries(Object.entries(value as Fields).map(([name, body]) => [name, `${body ?? ''}`]));
}

async function problemOf(config: ServiceConfig, parse: ParseOptions): Promise<string | undefined> {
  if (config.alertmanagerConfig !== '') {
    const loaded = loadConfig(config.alertmanagerConfig);
    if (!loaded.ok) return `Invalid Alertmanager config: ${loaded.message}`;
  }
  if (config.ruleFormatVersion === '1') return 'Invalid rules: unsupported rule format version 0';
  const { parseExpr } = await loadGrammar();
  const isExpression = (expression: string): boolean => {
    try {
      parseExpr(expression, parse);
      return true;
    } catch {
      return false;
    }
  };
  for (const [name, body] of Object.entries(config.ruleFiles ?? {})) {
    const problem = ruleFileProblem(body, isExpression);
    if (problem !== undefined) return `Invalid rules: error parsing ${name}: ${problem}`;
  }
  for (const [name, body] of Object.entries(config.templateFiles ?? {})) {
    const problem = templateProblem(name, body);
    if (problem !== undefined) return `Invalid templates: ${problem}`;
  }
  return undefined;
}

const rule: Shape = {
  kind: 'struct',
  type: 'rulefmt.Rule',
  fields: {
    record: text,
    alert: text,
    expr: text,
    for: text,
    keep_firing_for: text,
    labels: textMap,
    annotations: textMap,
  },
};

const ruleFile: Shape = {
  kind: 'struct',
  type: 'rulefmt.RuleGroups',
  fields: {
    groups: {
      kind: 'list',
      of: {
        kind: 'struct',
        type: 'rulefmt.RuleGroup',
        fields: {
          name: text,
          interval: text,
          query_offset: text,
          limit: { kind: 'integer', type: 'int' },
          rules: { kind: 'list', of: rule },
          labels: textMap,
        },
      },
    },
  },
};

/** What is wrong with a file of Prometheus's rules: its form first, then the first group that is none. */
function ruleFileProblem(body: string, isExpression: (expression: string) => boolean): string | undefined {
  const reading = readGoYaml(body, ruleFile, { isStrict: true });
  if (!reading.ok) return reading.message;
  const groups = ((reading.value as Fields | undefined)?.['groups'] ?? []) as readonly Fields[];
  for (const fields of groups) {
    const group = readRuleGroup(JSON.stringify(fields));
    if (group === undefined) return `invalid rule group ${JSON.stringify(fields['name'] ?? '')}`;
    const checked = checkRuleGroup(group, isExpression);
    if (!checked.ok) return checked.errors.find((error) => error !== '') ?? 'could not parse expression';
  }
  return undefined;
}
