import type { StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { Clashes } from './clashes.ts';
import { forEachSeries } from './label-work.ts';
import { matchLabels } from './matching.ts';
import type { OneSide } from './one-side.ts';
import { type ResultLabelRules, resultLabels } from './result-labels.ts';

/** One series of the result, and where its values come from. */
export interface JoinResult {
  readonly labels: Labels;
  /** Undefined: all its steps are filled in on the "many" side. */
  readonly manyIndex: number | undefined;
  /** Undefined: all its steps are filled in on the "one" side. */
  readonly one: StepColumn | undefined;
  /** All of the match group's "one" side: where it is absent, `fillOne` stands in. */
  readonly group: StepColumn | undefined;
  readonly fillOne: number | undefined;
  readonly fillMany: number | undefined;
  /** Shared by results of which no two may have a match at one step. */
  readonly tracker: Uint8Array | undefined;
  /** Shared by a group: the steps where its "many" side has a series. */
  readonly matched: Uint8Array | undefined;
}

interface JoinSides {
  readonly manyLabels: readonly Labels[];
  readonly manyGroups: Int32Array;
  readonly oneGroups: Int32Array;
  readonly oneSide: OneSide;
}

/** The series that a join yields, in order. */
export function* planResults(
  options: ResultLabelRules & { readonly stepCount: number },
  { manyLabels, manyGroups, oneGroups, oneSide }: JoinSides,
): Work<JoinResult[]> {
  const { matching, stepCount } = options;
  // Prometheus fills the "one" side with `fill_right` and the "many" side with `fill_left`, whichever is left or right.
  const { fillRight: fillOne, fillLeft: fillMany } = matching;
  const labelsOf = resultLabels(options);
  const matchOf = matchLabels(matching);
  const clashes = new Clashes(matching);
  const matchedOfGroup = new Map<number, Uint8Array>();
  const results: JoinResult[] = [];

  yield* forEachSeries(manyLabels, (many, manyIndex) => {
    const groupIndex = manyGroups[manyIndex]!;
    const partners = oneSide.seriesOf(groupIndex);
    const group = oneSide.columnOf(groupIndex);
    let matched = matchedOfGroup.get(groupIndex);
    if (fillMany !== undefined && matched === undefined) {
      matched = new Uint8Array(stepCount);
      matchedOfGroup.set(groupIndex, matched);
    }
    const add = (labels: Labels, one: StepColumn | undefined, fill: number | undefined): void => {
      const source = { labels, manyIndex, one, group, fillOne: fill, fillMany: undefined, matched };
      results.push({ ...source, tracker: undefined });
      clashes.register(groupIndex, labels, results.length - 1);
    };
    const isSameForAll = matching.include.length === 0;
    if (partners.length > 0 && isSameForAll) {
      add(labelsOf(many, oneSide.labels[partners[0]!]!), group, fillOne);
      return;
    }
    for (const [labels, series] of byResultLabels(partners, (one) => labelsOf(many, oneSide.labels[one]!))) {
      add(labels, oneSide.combine(series), undefined);
    }
    if (fillOne !== undefined) add(labelsOf(many, matchOf(many)), undefined, fillOne);
  });

  const tracked = [...results];
  for (const clash of clashes.found()) {
    const tracker = new Uint8Array(stepCount);
    for (const index of clash) tracked[index] = { ...tracked[index]!, tracker };
  }
  if (fillMany !== undefined) {
    for (let i = 0; i < oneGroups.length; i++) {
      const one = oneSide.labels[i]!;
      tracked.push({
        labels: labelsOf(matchOf(one), one),
        manyIndex: undefined,
        one: oneSide.columns[i]!,
        group: undefined,
        fillOne: undefined,
        fillMany,
        tracker: undefined,
        matched: matchedOfGroup.get(oneGroups[i]!) ?? new Uint8Array(stepCount),
      });
    }
  }
  return tracked;
}

/** Partners that lead to the same result labels together; they never share a step. */
function byResultLabels(
  partners: readonly number[],
  labelsOf: (one: number) => Labels,
): Iterable<readonly [Labels, number[]]> {
  const byKey = new Map<string, readonly [Labels, number[]]>();
  for (const one of partners) {
    const labels = labelsOf(one);
    const known = byKey.get(labels.key);
    if (known) known[1].push(one);
    else byKey.set(labels.key, [labels, [one]]);
  }
  return byKey.values();
}
