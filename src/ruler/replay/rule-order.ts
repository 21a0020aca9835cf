import type { Expr } from '../../../grammar/ast.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { ALERT_NAME, ALERTS_METRIC, FOR_STATE_METRIC, isTemplate } from '../alerting-rule.ts';
import type { Rule } from '../rule-group.ts';
import type { Slots } from '../slots.ts';
import { isSameAtEachStep, type Read, readsOf } from './reads.ts';

/** A rule among those that are evaluated together. */
export interface OrderedRule {
  /** Which group, and which rule of it. */
  readonly group: number;
  readonly rule: number;
  readonly definition: Rule;
  /** Its own labels and the group's. */
  readonly labels: Labels;
  /** Undefined for what is no PromQL. */
  readonly expr: Expr | undefined;
  readonly slots: Slots;
  readonly queryOffsetMs: number;
}

/** Rules that have to be evaluated together, in the order of time: or a single one that need not. */
export interface RuleStage {
  readonly rules: readonly OrderedRule[];
  /** Whether all moments of its only rule may be evaluated at once. */
  readonly isAtOnce: boolean;
}

/**
 * Puts rules into stages such that each stage may be evaluated for many moments before the next one is, with the same results
 * as moment by moment: a stage reads, of what rules write, only what stages before it have written and what was written by
 * then.
 *
 * That a rule reads another one's results is an edge from writer to reader. Where the reader would find results that were not
 * yet there at its moment (the writer comes later in the group, or is less behind), there is an edge back too, and so there
 * is between rules that may write the same series. What is on a circle of edges is one stage.
 */
export function stagesOf(rules: readonly OrderedRule[]): RuleStage[] {
  const edges = rules.map(() => new Set<number>());
  const writers = writersByName(rules);
  for (const [reader, { expr }] of rules.entries()) {
    for (const read of expr ? readsOf(expr) : []) {
      for (const writer of candidates(read.selector.matchers, writers, rules.length)) {
        if (!mayRead(read.selector.matchers, rules[writer]!)) continue;
        edges[writer]!.add(reader);
        if (!isWrittenBefore(rules[reader]!, rules[writer]!, read)) edges[reader]!.add(writer);
      }
    }
  }
  for (const indexes of writers.values()) {
    for (const a of indexes) {
      for (const b of indexes) if (a !== b && mayWriteTheSame(rules[a]!, rules[b]!)) edges[a]!.add(b);
    }
  }
  return circlesInOrder(edges).map((members) => {
    const ordered = members.map((index) => rules[index]!);
    const [first] = members;
    const isAlone = members.length === 1 && !edges[first!]!.has(first!);
    const { expr } = rules[first!]!;
    return { rules: ordered, isAtOnce: isAlone && expr !== undefined && isSameAtEachStep(expr) };
  });
}

/** The indexes of the rules that write series of a name. */
function writersByName(rules: readonly OrderedRule[]): Map<string, number[]> {
  const writers = new Map<string, number[]>();
  for (const [index, { definition }] of rules.entries()) {
    for (const name of writtenNames(definition)) {
      const ofName = writers.get(name);
      if (ofName) ofName.push(index);
      else writers.set(name, [index]);
    }
  }
  return writers;
}

/** The rules whose results a selector may find by its name; for one that leaves the name open, all. */
function candidates(
  matchers: readonly Matcher[],
  writers: ReadonlyMap<string, readonly number[]>,
  ruleCount: number,
): Iterable<number> {
  const named = matchers.find(({ name, values }) => name === METRIC_NAME && values !== undefined);
  if (named) return new Set(named.values!.flatMap((name) => writers.get(name) ?? []));
  return Array.from({ length: ruleCount }, (_, index) => index);
}

function writtenNames(rule: Rule): readonly string[] {
  return rule.kind === 'recording' ? [rule.name] : [ALERTS_METRIC, FOR_STATE_METRIC];
}

/** Whether a selector may find results of the rule. */
function mayRead(matchers: readonly Matcher[], { definition, labels }: OrderedRule): boolean {
  const named = matchers.filter(({ name }) => name === METRIC_NAME);
  if (!writtenNames(definition).some((name) => named.every((matcher) => matcher.matches(name)))) return false;
  return matchers.every((matcher) => {
    if (matcher.name === METRIC_NAME) return true;
    if (definition.kind === 'alerting' && matcher.name === ALERT_NAME) return matcher.matches(definition.name);
    const own = labels.get(matcher.name);
    return own === '' || isTemplate(own) || matcher.matches(own);
  });
}

/** Whether all results that the reader may find at one of its moments are there at that moment. */
function isWrittenBefore(reader: OrderedRule, writer: OrderedRule, { behindMs }: Read): boolean {
  if (behindMs === undefined) return false;
  const aheadMs = writer.queryOffsetMs - reader.queryOffsetMs - behindMs;
  if (aheadMs !== 0) return aheadMs < 0;
  if (reader.group === writer.group) return writer.rule < reader.rule;
  return !mayMeet(reader.slots, writer.slots);
}

/** Whether two groups may be due at the same moment. */
function mayMeet(a: Slots, b: Slots): boolean {
  return Math.abs(a.offsetMs - b.offsetMs) % greatestDivisor(a.intervalMs, b.intervalMs) === 0;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** Whether some series may be a result of both, which write series of one name. */
function mayWriteTheSame(a: OrderedRule, b: OrderedRule): boolean {
  // A recording rule may well write `ALERTS`.
  if (a.definition.kind !== b.definition.kind) return true;
  if (a.definition.name !== b.definition.name) return false;
  for (const [name, value] of a.labels) {
    const other = b.labels.get(name);
    if (other !== '' && other !== value && !isTemplate(value) && !isTemplate(other)) return false;
  }
  return true;
}

/**
 * The largest sets of nodes that reach each other, each before those that it has edges to; inside of a set in their order.
 */
function circlesInOrder(edges: readonly ReadonlySet<number>[]): number[][] {
  // Tarjan's algorithm: it finds a set when all that the set reaches has been found.
  const found: number[][] = [];
  const numbers = new Map<number, number>();
  const lowest = new Map<number, number>();
  const stack: number[] = [];
  const visit = (node: number): void => {
    numbers.set(node, numbers.size);
    lowest.set(node, numbers.get(node)!);
    stack.push(node);
    for (const next of edges[node]!) {
      if (!numbers.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== numbers.get(node)) return;
    found.push(stack.splice(stack.indexOf(node)).sort((a, b) => a - b));
  };
  for (const node of edges.keys()) if (!numbers.has(node)) visit(node);
  return found.reverse();
}
