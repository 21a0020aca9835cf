import type { VectorMatching } from '../../../grammar/ast.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { Clashes } from './clashes.ts';
import { LabelMemo, namesKey } from './label-memo.ts';
import { forEachSeries } from './label-work.ts';
import { type MatchGroups, matchGroups } from './matching.ts';
import { markNameDropped } from './metric-name.ts';
import { keepsName, type ResultLabelRules, resultLabels } from './result-labels.ts';
import { goInStep } from './side-stream.ts';

/** The labels of both sides of a join: those of the "many" side first, whichever is left or right. */
export interface JoinLabels {
  readonly many: readonly Labels[];
  readonly one: readonly Labels[];
}

/**
 * A join whose match groups have one series at most on the "one" side, and nothing filled in: which series meet, and what that
 * is called, follows from the labels alone. Frozen.
 */
export interface JoinPairs {
  /** Of the results, in order. */
  readonly labels: readonly Labels[];
  /** By result: the series that meet. */
  readonly many: Int32Array;
  readonly one: Int32Array;
  /** How many different series of the "one" side find a partner. */
  readonly oneCount: number;
  /** Whether the partners come in order. */
  readonly goInStep: boolean;
  /** By result: the number of the clash that it is in, or -1. Of a clash no two may have a match at one step. */
  readonly clashes: Int32Array;
  readonly clashCount: number;
}

interface KnownPairs {
  readonly one: readonly Labels[];
  readonly groups: MatchGroups;
  /** Undefined where a match group has several series on the "one" side. */
  readonly pairs: JoinPairs | undefined;
}

const known = new LabelMemo<KnownPairs>(({ one }) => one.length);

/** The match groups of a join, the "many" side left, and its pairs where it is that simple. */
export function* joinPairs({ many, one }: JoinLabels, rules: ResultLabelRules): Work<Omit<KnownPairs, 'one'>> {
  const make = () => makePairs({ many, one }, rules);
  const found = yield* known.of(many, keyOf(rules), make);
  // What is on the other side is mostly the same too.
  return found.one === one ? found : yield* make();
}

function keyOf({ op, isBool, matching, dropName }: ResultLabelRules): string {
  const { isOn, labels, cardinality, include, fillLeft, fillRight } = matching;
  const isFilled = fillLeft !== undefined || fillRight !== undefined;
  const flags = [keepsName(op), isBool, dropName === markNameDropped, isOn, cardinality, isFilled].join(' ');
  return `${flags} ${labels.length} ${namesKey(labels)}${namesKey(include)}`;
}

function* makePairs({ many, one }: JoinLabels, rules: ResultLabelRules): Work<KnownPairs> {
  const { matching } = rules;
  const groups = yield* matchGroups(many, one, matching);
  const oneOfGroup = isFilledIn(matching) ? undefined : onlyOnes(groups);
  if (oneOfGroup === undefined) return { one, groups, pairs: undefined };
  const labelsOf = resultLabels(rules);
  const labels: Labels[] = [];
  const manyOfResult: number[] = [];
  const oneOfResult: number[] = [];
  const clashes = new Clashes(matching);
  yield* forEachSeries(many, (own, manyIndex) => {
    const group = groups.left[manyIndex]!;
    const partner = oneOfGroup[group]!;
    if (partner < 0) return;
    const result = labelsOf(own, one[partner]!);
    clashes.register(group, result, labels.length);
    labels.push(result);
    manyOfResult.push(manyIndex);
    oneOfResult.push(partner);
  });
  const found = clashes.found();
  const clashOfResult = new Int32Array(labels.length).fill(-1);
  for (const [clash, results] of found.entries()) for (const result of results) clashOfResult[result] = clash;
  const pairs = {
    labels,
    many: Int32Array.from(manyOfResult),
    one: Int32Array.from(oneOfResult),
    oneCount: new Set(oneOfResult).size,
    goInStep: goInStep({ manyGroups: groups.left, oneGroups: groups.right, groupCount: groups.count }, matching),
    clashes: clashOfResult,
    clashCount: found.length,
  };
  return { one, groups, pairs };
}

function isFilledIn({ fillLeft, fillRight }: VectorMatching): boolean {
  return fillLeft !== undefined || fillRight !== undefined;
}

/** By match group its series on the "one" side, or -1; undefined where a group has several. */
function onlyOnes({ right, count }: MatchGroups): Int32Array | undefined {
  const oneOfGroup = new Int32Array(count).fill(-1);
  for (let i = 0; i < right.length; i++) {
    if (oneOfGroup[right[i]!] !== -1) return undefined;
    oneOfGroup[right[i]!] = i;
  }
  return oneOfGroup;
}
