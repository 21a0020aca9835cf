import { createHash } from 'node:crypto';
import { PocketCortexError } from '../model/errors.ts';
import { isLegacyLabelName } from '../model/labels.ts';
import { type CapturingRegex, compileCapturing, compileRegex } from '../model/regex.ts';
import { expandTemplate, parseTemplate } from '../model/regex-template.ts';
import { runAtOnce } from '../model/work.ts';

const relabelActions = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] as const;

export type RelabelAction = (typeof relabelActions)[number];

/** One step of Prometheus's relabelling, by its names. */
export interface RelabelConfig {
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  readonly regex: string;
  readonly modulus: number;
  readonly targetLabel: string;
  readonly replacement: string;
  readonly action: RelabelAction;
}

export const defaultRelabelConfig: RelabelConfig = {
  sourceLabels: [],
  separator: ';',
  regex: '(.*)',
  modulus: 0,
  targetLabel: '',
  replacement: '$1',
  action: 'replace',
};

/** What is wrong with a configuration, in Prometheus's words. */
export function relabelFault(config: RelabelConfig): string | undefined {
  const { action, modulus, targetLabel, replacement } = config;
  if (!relabelActions.includes(action)) return `unknown relabel action ${JSON.stringify(action)}`;
  try {
    compileCapturing(config.regex);
  } catch (error) {
    if (error instanceof PocketCortexError) return error.message;
    throw error;
  }
  if (action === 'hashmod' && modulus === 0) return 'relabel configuration for hashmod requires non-zero modulus';
  const isFixedTarget = ['hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal'].includes(action);
  if ((isFixedTarget || action === 'replace') && targetLabel === '') {
    return `relabel configuration for ${action} action requires 'target_label' value`;
  }
  const isValidTarget = isFixedTarget || !targetLabel.includes('$') ? isLegacyLabelName : isTemplateOfName;
  if ((isFixedTarget || action === 'replace') && !isValidTarget(targetLabel)) {
    return `${JSON.stringify(targetLabel)} is invalid 'target_label' for ${action} action`;
  }
  if (isFixedTarget && action !== 'hashmod' && replacement !== defaultRelabelConfig.replacement) {
    return `'replacement' can not be set for ${action} action`;
  }
  if (action === 'labelmap' && !isTemplateOfName(replacement)) {
    return `${JSON.stringify(replacement)} is invalid 'replacement' for ${action} action`;
  }
  return excessFault(config);
}

/** Actions that look at little refuse to be told more. */
function excessFault(config: RelabelConfig): string | undefined {
  const { action } = config;
  const differs = (key: keyof RelabelConfig): boolean => `${config[key]}` !== `${defaultRelabelConfig[key]}`;
  if (action === 'dropequal' || action === 'keepequal') {
    return differs('regex') || differs('modulus') || differs('separator') || differs('replacement')
      ? `${action} action requires only 'source_labels' and \`target_label\`, and no other fields`
      : undefined;
  }
  if (action !== 'labeldrop' && action !== 'labelkeep') return undefined;
  return differs('sourceLabels') ||
    differs('targetLabel') ||
    differs('modulus') ||
    differs('separator') ||
    differs('replacement')
    ? `${action} action requires only 'regex', and no other fields`
    : undefined;
}

/** A label name in which `$1`, `${1}` and the like may stand. */
function isTemplateOfName(text: string): boolean {
  return /^(?:[a-zA-Z_]|\$\{\w+\}|\$\w)(?:\w|\$\{\w+\}|\$\w)*$/.test(text);
}

/** Labels while they are being changed: name to value, in the order in which they came; an empty value is none. */
export type MutableLabels = Map<string, string>;

/** Changes `labels` in place. Whether the series stays. */
export type Relabel = (labels: MutableLabels) => boolean;

const compiled = new WeakMap<readonly RelabelConfig[], Relabel>();

/** The steps as one function, compiled once for each list. They are valid (`relabelFault`). */
export function compileRelabel(configs: readonly RelabelConfig[]): Relabel {
  const known = compiled.get(configs);
  if (known) return known;
  const steps = configs.map(compileStep);
  const relabel: Relabel = (labels) => {
    for (const step of steps) if (!step(labels)) return false;
    return true;
  };
  compiled.set(configs, relabel);
  return relabel;
}

function compileStep(config: RelabelConfig): Relabel {
  const { action, sourceLabels, separator, targetLabel } = config;
  const { matches } = compileRegex(config.regex);
  const sourceOf = (labels: MutableLabels): string =>
    sourceLabels.map((name) => labels.get(name) ?? '').join(separator);
  const setTarget =
    (change: (value: string) => string): Relabel =>
    (labels) => {
      set(labels, targetLabel, change(sourceOf(labels)));
      return true;
    };
  switch (action) {
    case 'drop':
      return (labels) => !matches(sourceOf(labels));
    case 'keep':
      return (labels) => matches(sourceOf(labels));
    case 'dropequal':
      return (labels) => (labels.get(targetLabel) ?? '') !== sourceOf(labels);
    case 'keepequal':
      return (labels) => (labels.get(targetLabel) ?? '') === sourceOf(labels);
    case 'lowercase':
      return setTarget((value) => value.toLowerCase());
    case 'uppercase':
      return setTarget((value) => value.toUpperCase());
    case 'hashmod':
      return setTarget((value) => hashMod(value, config.modulus));
    case 'replace':
      return replaceStep(config, sourceOf);
    case 'labelmap': {
      const capturing = compileCapturing(config.regex);
      const template = parseTemplate(config.replacement);
      return (labels) => {
        for (const [name, value] of [...labels]) {
          const captures = capturesOf(capturing, name);
          if (captures) set(labels, expandTemplate(template, captures, capturing.groupsOfName), value);
        }
        return true;
      };
    }
    case 'labeldrop':
    case 'labelkeep':
      return (labels) => {
        for (const name of [...labels.keys()]) if (matches(name) === (action === 'labeldrop')) labels.delete(name);
        return true;
      };
  }
}

function replaceStep(
  { targetLabel, replacement, regex }: RelabelConfig,
  textOf: (labels: MutableLabels) => string,
): Relabel {
  const capturing = compileCapturing(regex);
  const target = parseTemplate(targetLabel);
  const value = parseTemplate(replacement);
  return (labels) => {
    const captures = capturesOf(capturing, textOf(labels));
    if (!captures) return true;
    const name = expandTemplate(target, captures, capturing.groupsOfName);
    if (isLegacyLabelName(name)) set(labels, name, expandTemplate(value, captures, capturing.groupsOfName));
    return true;
  };
}

/** Labels are bounded in size, so there is no need for a pause. */
function capturesOf(regex: CapturingRegex, text: string): readonly string[] | undefined {
  return runAtOnce(regex.match(text));
}

function set(labels: MutableLabels, name: string, value: string): void {
  if (value === '') labels.delete(name);
  else labels.set(name, value);
}

/** The last eight bytes of the MD5, as Prometheus takes them. */
function hashMod(value: string, modulus: number): string {
  const hash = createHash('md5').update(value).digest();
  return `${hash.readBigUInt64BE(8) % BigInt(modulus)}`;
}
