import type { LabelSetLimit, QueryAttribute } from '../limits/limit-records.ts';
import { defaultRelabelConfig, type RelabelConfig, relabelFault } from '../limits/relabel.ts';
import { PocketCortexError } from '../model/errors.ts';
import { Labels } from '../model/labels.ts';
import { compileRegex } from '../model/regex.ts';
import type { Structure } from './setting.ts';
import type { Shape, ShapeField } from './shape.ts';

const text = (yaml: string, byDefault = ''): ShapeField => ({ yaml, shape: { kind: 'text' }, default: byDefault });
const duration = (yaml: string): ShapeField => ({ yaml, shape: { kind: 'duration' }, default: 0 });
const int = (yaml: string): ShapeField => ({ yaml, shape: { kind: 'int' }, default: 0 });
const list = (fields: Readonly<Record<string, ShapeField>>): Shape => ({
  kind: 'list',
  of: { kind: 'record', fields },
});
const record = (yaml: string, fields: Readonly<Record<string, ShapeField>>): ShapeField => ({
  yaml,
  shape: { kind: 'record', fields },
  default: Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.default])),
});

export const labelsShape: Shape = { kind: 'map', of: 'text' };
export const numbersShape: Shape = { kind: 'map', of: 'float' };

export const relabelShape: Shape = list({
  sourceLabels: { yaml: 'source_labels', shape: { kind: 'list', of: { kind: 'text' } }, default: [] },
  separator: text('separator', defaultRelabelConfig.separator),
  regex: text('regex', defaultRelabelConfig.regex),
  modulus: int('modulus'),
  targetLabel: text('target_label'),
  replacement: text('replacement', defaultRelabelConfig.replacement),
  action: { yaml: 'action', shape: { kind: 'word' }, default: defaultRelabelConfig.action },
});

export const labelSetLimitsShape: Shape = list({
  limits: record('limits', { maxSeries: int('max_series') }),
  labelSet: { yaml: 'label_set', shape: labelsShape, default: {} },
});

const queryAttributeFields = {
  apiType: text('api_type'),
  regex: text('regex'),
  timeWindow: record('time_window', { startMs: duration('start'), endMs: duration('end') }),
  timeRangeLimit: record('time_range_limit', { minMs: duration('min'), maxMs: duration('max') }),
  queryStepLimit: record('query_step_limit', { minMs: duration('min'), maxMs: duration('max') }),
  userAgentRegex: text('user_agent_regex'),
  dashboardUid: text('dashboard_uid'),
  panelId: text('panel_id'),
};

export const queryAttributesShape: Shape = list(queryAttributeFields);

export const queryPrioritiesShape: Shape = list({
  priority: int('priority'),
  reservedQueriers: { yaml: 'reserved_queriers', shape: { kind: 'float' }, default: 0 },
  queryAttributes: { yaml: 'query_attributes', shape: list(queryAttributeFields), default: [] },
});

export const activeSeriesTrackersShape: Shape = list({ name: text('name'), matchers: text('matchers') });

export const ruleGroupsShape: Shape = list({ namespace: text('namespace'), name: text('name') });

export function relabelConfigsFault(value: Structure): string | undefined {
  for (const [index, config] of (value as readonly RelabelConfig[]).entries()) {
    const fault = relabelFault(config);
    if (fault !== undefined) return `invalid metric_relabel_configs: entry ${index + 1}: ${fault}`;
  }
  return undefined;
}

export function labelSetLimitsFault(value: Structure): string | undefined {
  const keys = (value as readonly LabelSetLimit[]).map(({ labelSet }) => Labels.fromRecord(labelSet).key);
  if (new Set(keys).size === keys.length) return undefined;
  return 'duplicate per labelSet limits found. Make sure they are all unique';
}

export function queryAttributesFault(value: Structure): string | undefined {
  for (const { regex, userAgentRegex } of value as readonly QueryAttribute[]) {
    try {
      compileRegex(regex);
      compileRegex(userAgentRegex);
    } catch (error) {
      if (error instanceof PocketCortexError) return `error compiling query priority regex\n${error.message}`;
      throw error;
    }
  }
  return undefined;
}
