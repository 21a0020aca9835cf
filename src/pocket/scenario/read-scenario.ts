import type { ParseOptions } from '../../../grammar/promql.ts';
import { PocketCortexError } from '../../model/errors.ts';
import { parseTenantId } from '../../model/tenant.ts';
import { readRuleGroups } from '../../ruler/rule-file/rule-file.ts';
import { type Finding, YamlFile, type YamlNode } from '../../ruler/rule-file/yaml-file.ts';
import { FieldReader, shareOf } from './field-reader.ts';
import { readExpectation } from './read-expectation.ts';
import { readIncident } from './read-incident.ts';
import { metricNameFault, placeFields, rhythmFields } from './read-parts.ts';
import type { CustomMetric, FleetTenant, Scenario, Service, ShownQuery } from './scenario.ts';
import { scenarioKeys } from './scenario-keys.ts';

export type ScenarioReading =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly errors: readonly Finding[] };

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** More than this is a slip. */
const MOST_PODS = 1000;
const MOST_HISTORY_MS = 5 * 366 * DAY_MS;

/** Reads a scenario file, strictly: every slip is told with its place. */
export function readScenario(text: string, parse?: ParseOptions): ScenarioReading {
  const yaml = new YamlFile(text);
  if (yaml.findings.length > 0) return { ok: false, errors: yaml.findings };
  const fields = new FieldReader(yaml, yaml.root, scenarioKeys.scenario);
  const items = (key: string): readonly YamlNode[] => yaml.list(fields.at(key));
  const options = { parse, ignoresUnknownFields: false, dialect: 'cortex' } as const;
  const scenario: Scenario = {
    name: fields.name('name'),
    about: fields.text('about').trim(),
    seed: fields.text('seed', '1'),
    startMs: fields.dateMs('start'),
    historyMs: fields.durationMs('history', 7 * DAY_MS),
    historyStepMs: stepOf(fields, 'history_step', 60 * SECOND_MS),
    stepMs: stepOf(fields, 'step', 15 * SECOND_MS),
    tenants: items('tenants').map((node) => readTenant(yaml, node)),
    services: items('services').map((node) => readService(yaml, node)),
    metrics: items('metrics').map((node) => readMetric(yaml, node)),
    incidents: items('incidents').map((node) => readIncident(yaml, node)),
    groups: readRuleGroups(yaml, fields.at('rules'), options).map(({ group }) => group),
    queries: items('queries').map((node) => readQuery(yaml, node)),
    expectations: items('expect').map((node) => readExpectation(yaml, node)),
  };
  if (scenario.tenants.length === 0) fields.fail('tenants', 'expected one tenant or more');
  if (scenario.historyMs > MOST_HISTORY_MS) fields.fail('history', 'more than five years');
  checkNames(yaml, fields, scenario);
  const errors = [...yaml.findings].sort((a, b) => a.line - b.line || a.column - b.column);
  return errors.length > 0 ? { ok: false, errors } : { ok: true, scenario };
}

/** As `readScenario`. @throws {PocketCortexError} `bad-data` with all that is wrong, a line each */
export function expectScenario(text: string, file = 'scenario'): Scenario {
  const reading = readScenario(text);
  if (reading.ok) return reading.scenario;
  const lines = reading.errors.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  throw new PocketCortexError('bad-data', lines.join('\n'));
}

function stepOf(fields: FieldReader, key: string, otherwise: number): number {
  const stepMs = fields.durationMs(key, otherwise);
  if (stepMs >= SECOND_MS && stepMs % SECOND_MS === 0) return stepMs;
  fields.fail(key, 'expected whole seconds');
  return otherwise;
}

function readTenant(yaml: YamlFile, node: YamlNode): FleetTenant {
  const fields = new FieldReader(yaml, node, scenarioKeys.tenant);
  const name = fields.name('name');
  const parsed = parseTenantId(name);
  if (!parsed.ok) fields.fail('name', parsed.reason);
  const clusters = fields.texts('clusters');
  return { name, clusters: clusters.length > 0 ? clusters : ['main'], traffic: fields.factor('traffic', 1) };
}

function readService(yaml: YamlFile, node: YamlNode): Service {
  const fields = new FieldReader(yaml, node, scenarioKeys.service);
  const latency = new FieldReader(yaml, fields.at('latency'), scenarioKeys.latency);
  const latencyMs = latency.durationMs('p50', 40);
  const latencyP99Ms = latency.durationMs('p99', latencyMs * 8);
  const ratio = latencyP99Ms / latencyMs;
  if (!(ratio > 1.1 && ratio < 50)) latency.fail('p99', 'expected more than 1.1 times p50, and less than 50 times');
  const pods = fields.count('pods', 2);
  if (pods === 0 || pods > MOST_PODS) fields.fail('pods', `expected 1 to ${MOST_PODS} pods`);
  const memoryBytes = fields.bytes('memory', 256 * 2 ** 20);
  return {
    ...placeFields(fields),
    ...rhythmFields(fields),
    name: fields.name('name'),
    pods,
    requestsPerSecond: fields.perSecond('requests', 10),
    routes: readRoutes(yaml, fields.at('routes')),
    errors: fields.share('errors', 0.0002),
    clientErrors: fields.share('client_errors', 0),
    latencyMs,
    latencyP99Ms,
    cpuCores: fields.number('cpu', 0.25),
    memoryBytes,
    memoryLimitBytes: fields.bytes('memory_limit', memoryBytes * 2),
    native: fields.boolean('native'),
  };
}

function readRoutes(yaml: YamlFile, node: YamlNode): Readonly<Record<string, number>> {
  const shares = new Map<string, number>();
  for (const [route, value] of yaml.fields(node).values) {
    const share = shareOf(yaml.text(value));
    if (share === undefined) yaml.fail(value, 'expected a share, as 70%');
    shares.set(route, share ?? 0);
  }
  if (shares.size === 0) return { '/': 1 };
  let total = 0;
  for (const share of shares.values()) total += share;
  if (Math.abs(total - 1) > 0.001)
    yaml.fail(node, `expected shares that come to 100%, not ${Math.round(total * 100)}%`);
  return Object.fromEntries(shares);
}

function readMetric(yaml: YamlFile, node: YamlNode): CustomMetric {
  const fields = new FieldReader(yaml, node, scenarioKeys.metric);
  const name = fields.name('name');
  const fault = metricNameFault(name);
  if (name !== '' && fault !== undefined) fields.fail('name', fault);
  const labels = [...yaml.fields(fields.at('labels')).values].map(([label, value]) => {
    const values = yaml.isList(value) ? yaml.list(value).map((item) => yaml.text(item)) : [yaml.text(value)];
    return [label, values] as const;
  });
  return {
    ...placeFields(fields),
    ...rhythmFields(fields),
    name,
    help: fields.text('help'),
    kind: fields.choice('kind', ['gauge', 'counter'], 'gauge'),
    value: fields.number('value', 1),
    labels: Object.fromEntries(labels),
  };
}

function readQuery(yaml: YamlFile, node: YamlNode): ShownQuery {
  const fields = new FieldReader(yaml, node, scenarioKeys.query);
  return {
    title: fields.name('title'),
    query: fields.name('query'),
    tenant: fields.text('tenant'),
    rangeMs: fields.durationMs('range', 3_600_000),
  };
}

/** What is named elsewhere has to be there: a slip in a name would be an incident of nobody. */
function checkNames(yaml: YamlFile, fields: FieldReader, { tenants, services, metrics }: Scenario): void {
  const known = {
    tenants: tenants.map(({ name }) => name),
    clusters: tenants.flatMap(({ clusters }) => clusters),
    services: services.map(({ name }) => name),
    metrics: metrics.map(({ name }) => name),
  };
  for (const list of ['tenants', 'services', 'metrics'] as const) {
    yaml.list(fields.at(list)).forEach((node, index) => {
      const name = known[list][index]!;
      if (known[list].indexOf(name) < index) yaml.fail(node, `${name} is there twice`);
    });
  }
  for (const list of ['services', 'metrics', 'incidents', 'expect', 'queries']) {
    for (const node of yaml.list(fields.at(list))) {
      const { values } = yaml.fields(node);
      for (const key of ['tenants', 'clusters', 'services', 'metrics'] as const) check(values.get(key), key);
      check(values.get('tenant'), 'tenants');
    }
  }
  function check(node: YamlNode, key: keyof typeof known): void {
    if (node === undefined) return;
    for (const item of yaml.isList(node) ? yaml.list(node) : [node]) {
      const name = yaml.text(item);
      if (known[key].includes(name)) continue;
      yaml.fail(item, `there is no ${key.slice(0, -1)} ${name}; there are ${known[key].join(', ') || 'none'}`);
    }
  }
}

/** Whether a text looks like a file of this kind, not one of rules or of unit tests for them. */
export function isScenario(text: string): boolean {
  return /^tenants:/m.test(text) && /^(services|metrics):/m.test(text);
}
