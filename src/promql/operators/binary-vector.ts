import type { VectorMatching } from '../../../grammar/ast.ts';
import { ABSENT, createStepColumn, FLOAT, HISTOGRAM, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import { runAtOnce, type Work } from '../../model/work.ts';
import type { EngineFeatures } from '../functions/types.ts';
import { isTrimOp, type ValueOp } from './arithmetic.ts';
import { combine, dropFloats, putOutcome } from './combine.ts';
import { type HistogramOutcome, type Operand, operateOnHistograms } from './histogram-operation.ts';
import { forEachSeries } from './label-work.ts';
import { matchGroups, matchLabels } from './matching.ts';
import type { DropName } from './metric-name.ts';
import type { Notes } from './notes.ts';
import { OneSide } from './one-side.ts';
import type { VectorOperator } from './operator.ts';
import { executionError, type SampleAccount } from './query-context.ts';
import { resultLabels } from './result-labels.ts';
import { StepNotes } from './step-notes.ts';

export interface BinaryVectorOptions {
  readonly op: ValueOp;
  readonly isBool: boolean;
  readonly matching: VectorMatching;
  readonly dropName: DropName;
  readonly stepCount: number;
  readonly account: SampleAccount;
  readonly features: EngineFeatures;
  /** About the operation. */
  readonly notes: Notes;
}

/**
 * An operator between two vectors, one-to-one, many-to-one or one-to-many. The series of the "many" side stream by and meet their
 * partner in the side that has one series for each match group, which is held unless both sides go in step.
 *
 *     one-to-one    many = left     one = right
 *     many-to-one   many = left     one = right     group_left
 *     one-to-many   many = right    one = left      group_right
 *
 * What a series meets may change from step to step, so one series of the "many" side can be the source of several
 * results, and a result may repeat the labels of another: `MergeDuplicatesOperator` sits on top.
 */
export class BinaryVectorOperator implements VectorOperator {
  readonly #left: VectorOperator;
  readonly #right: VectorOperator;
  readonly #options: BinaryVectorOptions;
  /** Scratch for operands that are filled in. */
  readonly #filled: Float64Array;
  readonly #stepNotes = new StepNotes();
  #many: SideStream | undefined;
  #one: SideStream | undefined;
  #results: readonly Result[] = [];
  #nextResult = 0;

  constructor(left: VectorOperator, right: VectorOperator, options: BinaryVectorOptions) {
    this.#left = left;
    this.#right = right;
    this.#options = options;
    this.#filled = new Float64Array(options.stepCount);
  }

  *prepare(): Work<readonly Labels[]> {
    const { matching, stepCount, account } = this.#options;
    const leftLabels = yield* this.#left.prepare();
    const rightLabels = yield* this.#right.prepare();
    const isSwapped = matching.cardinality === 'one-to-many';
    const [many, manyLabels] = isSwapped ? [this.#right, rightLabels] : [this.#left, leftLabels];
    const [one, oneLabels] = isSwapped ? [this.#left, leftLabels] : [this.#right, rightLabels];

    const groups = yield* matchGroups(manyLabels, oneLabels, matching);
    const { left: manyGroups, right: oneGroups } = groups;
    this.#many = new SideStream(many, { seriesCount: manyLabels.length, stepCount });
    this.#one = new SideStream(one, { seriesCount: oneLabels.length, stepCount });
    if (!goInStep({ manyGroups, oneGroups, groupCount: groups.count }, matching)) yield* this.#one.hold(account);
    const oneSide = new OneSide({ labels: oneLabels, columns: this.#one.columns() }, oneGroups);
    const conflicts = oneSide.conflictSteps();
    if (conflicts) {
      yield* this.#many.hold(account);
      const step = conflicts.findIndex((isConflict, at) => isConflict === 1 && this.#isEvaluatedAt(at));
      if (step >= 0) throw oneSide.conflictError(step, oneGroups, this.#options);
    }
    this.#results = yield* planResults(this.#options, { manyLabels, manyGroups, oneGroups, oneSide });
    yield* this.#skipUnmatched();
    return this.#results.map(({ labels }) => labels);
  }

  /** Where a side is empty, nothing is matched, and so nothing can be wrong. */
  #isEvaluatedAt(step: number): boolean {
    const { fillLeft, fillRight } = this.#options.matching;
    return fillLeft !== undefined || fillRight !== undefined || this.#many!.hasAnyAt(step);
  }

  /** A few series without a partner can be pulled on the way, and `next` stays short. For many there are pauses here. */
  *#skipUnmatched(): Work<void> {
    const { account } = this.#options;
    const sides = [
      { side: this.#many!, wanted: this.#results.map(({ manyIndex }) => manyIndex) },
      { side: this.#one!, wanted: this.#results.map(({ oneIndex }) => oneIndex) },
    ];
    for (const { side, wanted } of sides) {
      const needed = new Set(wanted);
      if (side.pendingCount - needed.size > SKIPPED_LIMIT) yield* side.hold(account, needed);
    }
    if (this.#results.length === 0) yield* this.#drain();
  }

  next(out: StepColumn): void {
    const result = this.#results[this.#nextResult++]!;
    if (result.manyIndex === undefined) {
      this.#computeUnmatched(result, out);
    } else {
      this.#compute(this.#withPartner(result), this.#many!.column(result.manyIndex), out);
    }
    // Series behind the last that found a partner are read all the same: they may hold an error, and they count.
    if (this.#nextResult === this.#results.length) {
      runAtOnce(this.#drain());
      this.#stepNotes.flush(this.#options.notes);
    }
  }

  /** Where a series has a single partner, its column is only known now. */
  #withPartner(result: Result): Result {
    if (result.oneIndex === undefined) return result;
    const partner = this.#one!.column(result.oneIndex);
    return { ...result, one: result.one && partner, group: result.group && partner };
  }

  *#drain(): Work<void> {
    yield* this.#many!.drain();
    yield* this.#one!.drain();
  }

  #compute(result: Result, many: StepColumn, out: StepColumn): void {
    out.histograms = undefined;
    const partners = meet(result, many, this.#filled, out);
    const outcomes = many.histograms || result.one?.histograms ? this.#meetHistograms(result, many, out) : undefined;
    if (result.tracker) this.#track(result.tracker, out);
    if (result.matched) addSteps(result.matched, out);
    this.#combine(many.values, partners, out);
    if (outcomes) this.#putOutcomes(outcomes, out);
  }

  /** A series of the "one" side at the steps where no partner came: with `fill_left`. */
  #computeUnmatched({ one, matched, fillMany }: Result, out: StepColumn): void {
    out.histograms = undefined;
    const outcomes: (HistogramOutcome | undefined)[] = [];
    for (let step = 0; step < out.present.length; step++) {
      const kind = matched![step] === 0 ? one!.present[step]! : ABSENT;
      out.present[step] = kind;
      if (kind === HISTOGRAM) outcomes[step] = this.#operate(step, fillMany!, one!.histograms![step]!);
    }
    this.#combine(this.#filled.fill(fillMany!), one!.values, out);
    this.#putOutcomes(outcomes, out);
  }

  /**
   * What becomes of the steps where a native histogram is on a side: they are marked in `out` as met unless the operator
   * has no use for them.
   */
  #meetHistograms(result: Result, many: StepColumn, out: StepColumn): (HistogramOutcome | undefined)[] {
    const outcomes: (HistogramOutcome | undefined)[] = [];
    for (let step = 0; step < out.present.length; step++) {
      const partner = partnerAt(result, step);
      const own = operandAt(many, step);
      if (own === undefined || partner === undefined) continue;
      if (typeof own === 'number' && typeof partner === 'number') continue;
      outcomes[step] = this.#operate(step, own, partner);
      out.present[step] = outcomes[step] ? HISTOGRAM : ABSENT;
    }
    return outcomes;
  }

  #operate(step: number, many: Operand, one: Operand): HistogramOutcome | undefined {
    const isSwapped = this.#options.matching.cardinality === 'one-to-many';
    const [left, right] = isSwapped ? [one, many] : [many, one];
    return operateOnHistograms(this.#options.op, left, right, this.#stepNotes.at(step));
  }

  #putOutcomes(outcomes: readonly (HistogramOutcome | undefined)[], out: StepColumn): void {
    for (let step = 0; step < out.present.length; step++) {
      if (out.present[step] === HISTOGRAM) putOutcome(outcomes[step], this.#options, step, out);
    }
  }

  #combine(many: Float64Array, one: Float64Array, out: StepColumn): void {
    const { op, isBool, matching } = this.#options;
    if (isTrimOp(op)) {
      dropFloats(op, this.#options.notes, out);
      return;
    }
    const isSwapped = matching.cardinality === 'one-to-many';
    combine({ op, isBool }, isSwapped ? { left: one, right: many } : { left: many, right: one }, out);
  }

  #track(tracker: Uint8Array, { present }: StepColumn): void {
    for (let step = 0; step < present.length; step++) {
      if (present[step] === ABSENT) continue;
      if (tracker[step] === 1) {
        throw executionError(
          this.#options.matching.cardinality === 'one-to-one'
            ? 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)'
            : 'multiple matches for labels: grouping labels must ensure unique matches',
        );
      }
      tracker[step] = 1;
    }
  }

  close(): void {
    this.#many = undefined;
    this.#one = undefined;
    this.#results = [];
    this.#left.close();
    this.#right.close();
  }
}

/** So many series are pulled and thrown away without a pause. */
const SKIPPED_LIMIT = 64;

/** One side of a join: its columns in order, one at a time, unless all of them were needed at once. */
class SideStream {
  readonly #operator: VectorOperator;
  readonly #seriesCount: number;
  readonly #current: StepColumn;
  #pulledCount = 0;
  #held: readonly StepColumn[] | undefined;

  constructor(operator: VectorOperator, { seriesCount, stepCount }: { seriesCount: number; stepCount: number }) {
    this.#operator = operator;
    this.#seriesCount = seriesCount;
    this.#current = createStepColumn(stepCount);
  }

  /** Pulls all series and keeps those that are `needed`, which is all without it. */
  *hold(account: SampleAccount, needed?: ReadonlySet<number | undefined>): Work<void> {
    const stepCount = this.#current.present.length;
    account.assertRoomFor((needed?.size ?? this.#seriesCount) * stepCount);
    const held: StepColumn[] = [];
    for (; this.#pulledCount < this.#seriesCount; this.#pulledCount++) {
      const isNeeded = needed === undefined || needed.has(this.#pulledCount);
      const column = isNeeded ? createStepColumn(stepCount) : this.#current;
      this.#operator.next(column);
      held.push(column);
      yield;
    }
    this.#held = held;
  }

  /** How many series are not pulled yet. */
  get pendingCount(): number {
    return this.#seriesCount - this.#pulledCount;
  }

  /** Only of a held side. */
  hasAnyAt(step: number): boolean {
    return this.#held!.some(({ present }) => present[step] !== ABSENT);
  }

  /** The column of series `index`; borrowed. Indices must not fall. */
  column(index: number): StepColumn {
    if (this.#held) return this.#held[index]!;
    for (; this.#pulledCount <= index; this.#pulledCount++) this.#operator.next(this.#current);
    return this.#current;
  }

  /** All columns of a held side; of another, the one column that `column` overwrites, for every series. */
  columns(): readonly StepColumn[] {
    return this.#held ?? new Array<StepColumn>(this.#seriesCount).fill(this.#current);
  }

  /** Pulls what is left. */
  *drain(): Work<void> {
    for (; this.#pulledCount < this.#seriesCount; this.#pulledCount++) {
      this.#operator.next(this.#current);
      yield;
    }
  }
}

/** One series of the result, and where its values come from. */
interface Result {
  readonly labels: Labels;
  /** Undefined: all its steps are filled in on the "many" side. */
  readonly manyIndex: number | undefined;
  /** The series that `one` is of, where it is of a single one. */
  readonly oneIndex: number | undefined;
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

interface Sides {
  readonly manyLabels: readonly Labels[];
  readonly manyGroups: Int32Array;
  readonly oneGroups: Int32Array;
  readonly oneSide: OneSide;
}

function* planResults(
  options: BinaryVectorOptions,
  { manyLabels, manyGroups, oneGroups, oneSide }: Sides,
): Work<Result[]> {
  const { matching, stepCount } = options;
  // Prometheus fills the "one" side with `fill_right` and the "many" side with `fill_left`, whichever is left or right.
  const { fillRight: fillOne, fillLeft: fillMany } = matching;
  const labelsOf = resultLabels(options);
  const matchOf = matchLabels(matching);
  const trackers = new Trackers(matching, stepCount);
  const matchedOfGroup = new Map<number, Uint8Array>();
  const results: Result[] = [];

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
      const oneIndex = partners.length === 1 ? partners[0] : undefined;
      const source = { labels, manyIndex, oneIndex, one, group, fillOne: fill, fillMany: undefined, matched };
      results.push({ ...source, tracker: undefined });
      trackers.register(groupIndex, labels, results.length - 1);
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

  const tracked = trackers.assignTo(results);
  if (fillMany !== undefined) {
    for (let i = 0; i < oneGroups.length; i++) {
      const one = oneSide.labels[i]!;
      tracked.push({
        labels: labelsOf(matchOf(one), one),
        manyIndex: undefined,
        oneIndex: undefined,
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

/**
 * Whether both sides can stream: each series has at most one partner, and the partners come in order, as they do where
 * both sides have the same labels (`rate(errors[5m]) / rate(total[5m])`). Then the "one" side need not be held.
 */
function goInStep(
  sides: { manyGroups: Int32Array; oneGroups: Int32Array; groupCount: number },
  { fillLeft }: VectorMatching,
): boolean {
  // Unmatched series of the "one" side are looked at again in the end.
  if (fillLeft !== undefined) return false;
  const oneOfGroup = new Int32Array(sides.groupCount).fill(-1);
  for (let one = 0; one < sides.oneGroups.length; one++) {
    const group = sides.oneGroups[one]!;
    if (oneOfGroup[group] !== -1) return false;
    oneOfGroup[group] = one;
  }
  let latest = -1;
  for (const group of sides.manyGroups) {
    const one = oneOfGroup[group]!;
    if (one >= 0 && one < latest) return false;
    latest = Math.max(latest, one);
  }
  return true;
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

/**
 * Finds the results that could clash: one-to-one all of a match group, else those of a group with the same labels. Most
 * stand alone and need no watching.
 */
class Trackers {
  readonly #isOneToOne: boolean;
  readonly #stepCount: number;
  readonly #resultsByKey = new Map<string, number[]>();

  constructor(matching: VectorMatching, stepCount: number) {
    this.#isOneToOne = matching.cardinality === 'one-to-one';
    this.#stepCount = stepCount;
  }

  register(group: number, labels: Labels, result: number): void {
    const key = this.#isOneToOne ? `${group}` : `${group} ${labels.key}`;
    const known = this.#resultsByKey.get(key);
    if (known) known.push(result);
    else this.#resultsByKey.set(key, [result]);
  }

  assignTo(results: readonly Result[]): Result[] {
    const tracked = [...results];
    for (const indices of this.#resultsByKey.values()) {
      if (indices.length < 2) continue;
      const tracker = new Uint8Array(this.#stepCount);
      for (const index of indices) tracked[index] = { ...tracked[index]!, tracker };
    }
    return tracked;
  }
}

/**
 * Marks in `out` the steps where a series of the "many" side meets a partner, and returns the partners' values: those of
 * the "one" side, or `scratch` when some are filled in.
 */
function meet({ one, group, fillOne }: Result, many: StepColumn, scratch: Float64Array, out: StepColumn): Float64Array {
  const { present } = out;
  if (one !== undefined && fillOne === undefined) {
    for (let step = 0; step < present.length; step++) {
      present[step] = many.present[step] === FLOAT && one.present[step] === FLOAT ? FLOAT : ABSENT;
    }
    return one.values;
  }
  for (let step = 0; step < present.length; step++) {
    const isFilled = fillOne !== undefined && (group === undefined || group.present[step] === ABSENT);
    const hasPartner = isFilled || one?.present[step] === FLOAT;
    present[step] = many.present[step] === FLOAT && hasPartner ? FLOAT : ABSENT;
    scratch[step] = isFilled ? fillOne : hasPartner ? one!.values[step]! : 0;
  }
  return scratch;
}

/** What the "many" side meets at a step. */
function partnerAt({ one, group, fillOne }: Result, step: number): Operand | undefined {
  if (fillOne !== undefined && (group === undefined || group.present[step] === ABSENT)) return fillOne;
  return one && operandAt(one, step);
}

function operandAt({ values, present, histograms }: StepColumn, step: number): Operand | undefined {
  if (present[step] === HISTOGRAM) return histograms![step];
  return present[step] === FLOAT ? values[step] : undefined;
}

function addSteps(steps: Uint8Array, { present }: StepColumn): void {
  for (let step = 0; step < present.length; step++) if (present[step] !== ABSENT) steps[step] = 1;
}
