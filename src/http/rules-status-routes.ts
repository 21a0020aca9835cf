import type { FastifyReply } from 'fastify';
import { formatFloatExponent } from '../model/go-float.ts';
import { quoteGo } from '../model/go-quote.ts';
import type { Matcher } from '../model/matcher.ts';
import type { Alert } from '../ruler/active-alerts.ts';
import type { GroupState, Provision, RuleState } from '../ruler/group-state.ts';
import { alertState, filterRules, type RulesFilter, type RulesPage } from '../ruler/rules-filter.ts';
import type { AppDependencies } from './dependencies.ts';
import { type Form, readForm } from './form.ts';
import { sendApiError, sendJson } from './replies.ts';
import type { AddRoutes } from './routes.ts';
import { requireTenant } from './tenant.ts';

/** The rules and alerts of the Prometheus API: how the rules are doing. */
export function rulesStatusRoutes(deps: AppDependencies): AddRoutes {
  const { ruler, settings } = deps;
  return (routes) => {
    if (!settings.rulerApiEnabled) return;
    const ofTenant = routes.within({
      before: requireTenant(deps, (reply) => sendBadData(reply, 'no valid org id found')),
    });
    for (const prefix of [settings.prometheusHttpPrefix, settings.httpPrefix]) {
      ofTenant.get(`${prefix}/api/v1/rules`, async (request, reply) => {
        const reading = await readForm(request, 0);
        if (reading.kind !== 'form') return sendBadData(reply, 'error parsing form/query params');
        const filter = await readFilter(reading.form);
        if (typeof filter === 'string') return sendBadData(reply, filter);
        return sendJson(reply, pageJson(filterRules(ruler.state(request.tenant), filter), filter));
      });
      ofTenant.get(`${prefix}/api/v1/alerts`, async (request, reply) => {
        const alerts = ruler.state(request.tenant).flatMap(({ rules }) => rules.flatMap((rule) => rule.alerts));
        return sendJson(reply, goJson({ status: 'success', data: { alerts: alerts.map(alertValue) } }));
      });
    }
  };
}

function sendBadData(reply: FastifyReply, message: string): FastifyReply {
  return sendApiError(reply, { status: 400, errorType: 'bad_data', message });
}

/** What the parameters ask for. */
interface RulesRequest extends RulesFilter {
  /** Whether rules are listed without their alerts. */
  readonly excludesAlerts: boolean;
}

const types = ['', 'alert', 'record'] as const;
const states = ['', 'firing', 'pending', 'inactive', 'unknown'] as const;
const healths = ['', 'ok', 'err', 'unknown'] as const;

/** The filter that the parameters ask for, or Cortex's text for the first that is wrong. */
async function readFilter(form: Form): Promise<RulesRequest | string> {
  const type = form.get('type').toLowerCase();
  if (!isOneOf(types, type)) return `unsupported rule type ${quoteGo(type)}`;
  const state = form.get('state').toLowerCase();
  if (!isOneOf(states, state)) return `unsupported state value ${quoteGo(state)}`;
  const health = form.get('health').toLowerCase();
  if (!isOneOf(healths, health)) return `unsupported health value ${quoteGo(health)}`;
  const matcherSets = await readMatchers(form.all('match[]'));
  if (typeof matcherSets === 'string') return `error parsing match params ${matcherSets}`;
  const excludeAlerts = form.get('exclude_alerts').toLowerCase();
  if (!/^(|1|t|true|0|f|false)$/.test(excludeAlerts)) {
    const reason = `strconv.ParseBool: parsing ${quoteGo(excludeAlerts)}: invalid syntax`;
    return `invalid parameter "exclude_alerts": error converting exclude_alerts: ${reason}`;
  }
  const [pageText, pageToken] = [form.get('group_limit'), form.get('group_next_token')];
  if (pageToken !== '' && pageText === '') {
    return 'group_limit needs to be present in order to paginate over the groups';
  }
  if (pageText !== '' && !(/^[+-]?\d+$/.test(pageText) && Math.abs(Number(pageText)) < 2 ** 31)) {
    return 'group_limit needs to be a valid number';
  }
  if (pageText !== '' && Number(pageText) <= 0) return 'group_limit needs to be greater than 0';
  return {
    type,
    state,
    health,
    matcherSets,
    ruleNames: form.all('rule_name[]'),
    groupNames: form.all('rule_group[]'),
    namespaces: form.all('file[]'),
    pageSize: pageText === '' ? undefined : Number(pageText),
    pageToken,
    excludesAlerts: /^(1|t|true)$/.test(excludeAlerts),
  };
}

function isOneOf<Value extends string>(values: readonly Value[], text: string): text is Value {
  return (values as readonly string[]).includes(text);
}

async function readMatchers(selectors: readonly string[]): Promise<(readonly Matcher[])[] | string> {
  if (selectors.length === 0) return [];
  const { parseSelector } = await import('../../grammar/promql.ts');
  try {
    const sets = selectors.map((selector) => parseSelector(selector));
    const isEmpty = sets.some((matchers) => matchers.every((matcher) => matcher.matches('')));
    return isEmpty ? 'match[] must contain at least one non-empty matcher' : sets;
  } catch (error) {
    return (error as Error).message;
  }
}

function pageJson({ groups, nextToken }: RulesPage, request: RulesRequest): string {
  const data = {
    groups: groups.map((group) => groupValue(group, request)),
    ...(nextToken !== '' && { groupNextToken: nextToken }),
  };
  return goJson({ status: 'success', data });
}

function groupValue(state: GroupState, request: RulesRequest): object {
  return {
    name: state.group.name,
    file: state.namespace,
    rules: state.rules.map((rule) => ruleValue(rule, request)),
    interval: state.intervalMs / 1000,
    lastEvaluation: goTime(state.lastEvaluationMs),
    evaluationTime: goSeconds(state.durationMs),
    limit: state.group.limit,
    // Not Cortex's: a provisioned group can only be read.
    ...(state.provision && { readOnly: true, ...provisionValue(state.provision) }),
  };
}

function provisionValue({ source, error }: Provision): object {
  return { source, ...(error !== undefined && { sourceError: error }) };
}

function ruleValue(state: RuleState, { excludesAlerts }: RulesRequest): object {
  const { rule, query, health, lastError } = state;
  const labels = state.labels.toRecord();
  const evaluation = {
    lastEvaluation: goTime(state.lastEvaluationMs),
    evaluationTime: goSeconds(state.durationMs),
  };
  if (rule.kind === 'recording') {
    return { name: rule.name, query, labels, health, lastError, type: 'recording', ...evaluation };
  }
  return {
    state: alertState(state),
    name: rule.name,
    query,
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    labels,
    annotations: rule.annotations,
    alerts: excludesAlerts ? [] : state.alerts.map(alertValue),
    health,
    lastError,
    type: 'alerting',
    ...evaluation,
  };
}

function alertValue(alert: Alert): object {
  return {
    labels: alert.labels.toRecord(),
    annotations: alert.annotations,
    state: alert.state,
    activeAt: goTime(alert.activeAtMs),
    ...(alert.keepFiringSinceMs !== undefined && { keepFiringSince: goTime(alert.keepFiringSinceMs) }),
    value: formatFloatExponent(alert.value),
  };
}

/** A time as Go's JSON has it: RFC 3339 without trailing zeros; Go's zero time for one that never was. */
function goTime(timeMs: number | undefined): string {
  if (timeMs === undefined) return '0001-01-01T00:00:00Z';
  return new Date(timeMs).toISOString().replace(/\.?0+Z$/, 'Z');
}

/** Seconds with the nanoseconds that a Go duration has. */
function goSeconds(durationMs: number): number {
  return Math.round(durationMs * 1e6) / 1e9;
}

/** JSON as Go writes it: with the characters that mean something in HTML escaped. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
