import { createHash } from 'node:crypto';
import { compareText } from '../model/labels.ts';
import { type Matcher, matchesAll } from '../model/matcher.ts';
import type { GroupState, RuleState } from './group-state.ts';

/** What of a tenant's rules is asked for; an empty list asks for all. */
export interface RulesFilter {
  readonly ruleNames: readonly string[];
  readonly groupNames: readonly string[];
  readonly namespaces: readonly string[];
  readonly type: '' | 'alert' | 'record';
  readonly state: '' | 'firing' | 'pending' | 'inactive' | 'unknown';
  readonly health: '' | 'ok' | 'err' | 'unknown';
  /** Over a rule's labels; a rule has to pass one of the sets. */
  readonly matcherSets: readonly (readonly Matcher[])[];
  /** The most groups on a page; undefined for all at once. */
  readonly pageSize: number | undefined;
  /** Where the page before this one ended. */
  readonly pageToken: string;
}

export interface RulesPage {
  readonly groups: readonly GroupState[];
  /** Empty on the last page. */
  readonly nextToken: string;
}

/**
 * The groups with the rules that pass, in the order they came in; with a page size, a page of them in Cortex's order:
 * by the hash of namespace and name.
 */
export function filterRules(states: readonly GroupState[], filter: RulesFilter): RulesPage {
  const groups: GroupState[] = [];
  for (const state of states) {
    if (filter.namespaces.length > 0 && !filter.namespaces.includes(state.namespace)) continue;
    if (filter.groupNames.length > 0 && !filter.groupNames.includes(state.group.name)) continue;
    const rules = state.rules.filter((rule) => passes(rule, filter));
    if (rules.length > 0) groups.push({ ...state, rules });
  }
  return filter.pageSize === undefined ? { groups, nextToken: '' } : pageOf(groups, filter.pageSize, filter.pageToken);
}

/** The state of an alerting rule, in the words of the rules API: that of its alert which is furthest. */
export function alertState({ lastEvaluationMs, alerts }: RuleState): 'firing' | 'pending' | 'inactive' | 'unknown' {
  if (lastEvaluationMs === undefined) return 'unknown';
  if (alerts.some(({ state }) => state === 'firing')) return 'firing';
  return alerts.length > 0 ? 'pending' : 'inactive';
}

function passes(state: RuleState, filter: RulesFilter): boolean {
  const { rule, labels, health } = state;
  if (filter.ruleNames.length > 0 && !filter.ruleNames.includes(rule.name)) return false;
  if (filter.health !== '' && filter.health !== health) return false;
  if (filter.matcherSets.length > 0 && !filter.matcherSets.some((matchers) => matchesAll(matchers, labels)))
    return false;
  // A recording rule has no state, so it passes no filter on one.
  if (rule.kind === 'recording') return filter.type !== 'alert' && filter.state === '';
  return filter.type !== 'record' && (filter.state === '' || filter.state === alertState(state));
}

function pageOf(groups: readonly GroupState[], pageSize: number, pageToken: string): RulesPage {
  const rest = groups
    .map((state) => ({ state, token: tokenOf(state) }))
    .filter(({ token }) => token > pageToken)
    .sort((a, b) => (a.token < b.token ? -1 : 1));
  const page = rest.slice(0, pageSize);
  const nextToken = rest.length > pageSize ? page.at(-1)!.token : '';
  return { groups: page.map(({ state }) => state).sort(inListOrder), nextToken };
}

function inListOrder(a: GroupState, b: GroupState): number {
  return compareText(a.namespace, b.namespace) || compareText(a.group.name, b.group.name);
}

function tokenOf({ namespace, group }: GroupState): string {
  return createHash('sha1').update(`${namespace};${group.name}`).digest('hex');
}
