import type { VectorMatching } from '../../../grammar/ast.ts';
import { ABSENT, FLOAT, HISTOGRAM, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import { runAtOnce, type Work } from '../../model/work.ts';
import type { EngineFeatures } from '../functions/types.ts';
import { isTrimOp, type ValueOp } from './arithmetic.ts';
import { combine, dropFloats, putOutcome } from './combine.ts';
import { type HistogramOutcome, type Operand, operateOnHistograms } from './histogram-operation.ts';
import { type JoinPairs, joinPairs } from './join-pairs.ts';
import { type JoinResult, planResults } from './join-results.ts';
import type { DropName } from './metric-name.ts';
import type { Notes } from './notes.ts';
import { OneSide } from './one-side.ts';
import type { VectorOperator } from './operator.ts';
import { executionError, type SampleAccount } from './query-context.ts';
import { SideStream } from './side-stream.ts';
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
  #results: readonly JoinResult[] = [];
  /** What takes the place of `#results` where each series has a single partner. */
  #pairs: JoinPairs | undefined;
  #trackers: readonly Uint8Array[] = [];
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

    const { groups, pairs } = yield* joinPairs({ many: manyLabels, one: oneLabels }, this.#options);
    const { left: manyGroups, right: oneGroups } = groups;
    this.#many = new SideStream(many, { seriesCount: manyLabels.length, stepCount });
    this.#one = new SideStream(one, { seriesCount: oneLabels.length, stepCount });
    if (pairs) {
      if (!pairs.goInStep) yield* this.#one.hold(account);
      this.#pairs = pairs;
      this.#trackers = Array.from({ length: pairs.clashCount }, () => new Uint8Array(stepCount));
      yield* this.#skipUnmatched(this.#many, { neededCount: pairs.many.length, needed: () => pairs.many });
      yield* this.#skipUnmatched(this.#one, { neededCount: pairs.oneCount, needed: () => pairs.one });
      if (pairs.labels.length === 0) yield* this.#drain();
      return pairs.labels;
    }
    yield* this.#one.hold(account);
    const oneSide = new OneSide({ labels: oneLabels, columns: this.#one.columns() }, oneGroups);
    const conflicts = oneSide.conflictSteps();
    if (conflicts) {
      yield* this.#many.hold(account);
      const step = conflicts.findIndex((isConflict, at) => isConflict === 1 && this.#isEvaluatedAt(at));
      if (step >= 0) throw oneSide.conflictError(step, oneGroups, this.#options);
    }
    const results = yield* planResults(this.#options, { manyLabels, manyGroups, oneGroups, oneSide });
    this.#results = results;
    const manyIndices = new Set(results.map(({ manyIndex }) => manyIndex));
    yield* this.#skipUnmatched(this.#many, { neededCount: manyIndices.size, needed: () => manyIndices });
    if (results.length === 0) yield* this.#drain();
    return results.map(({ labels }) => labels);
  }

  /** Where a side is empty, nothing is matched, and so nothing can be wrong. */
  #isEvaluatedAt(step: number): boolean {
    const { fillLeft, fillRight } = this.#options.matching;
    return fillLeft !== undefined || fillRight !== undefined || this.#many!.hasAnyAt(step);
  }

  /** A few series without a partner can be pulled on the way, and `next` stays short. For many there are pauses here. */
  *#skipUnmatched(
    side: SideStream,
    { neededCount, needed }: { neededCount: number; needed: () => Iterable<number | undefined> },
  ): Work<void> {
    if (side.pendingCount - neededCount > SKIPPED_LIMIT) yield* side.hold(this.#options.account, new Set(needed()));
  }

  next(out: StepColumn): void {
    const at = this.#nextResult++;
    if (this.#pairs) {
      this.#computePair(this.#pairs, at, out);
    } else {
      const result = this.#results[at]!;
      if (result.manyIndex === undefined) this.#computeUnmatched(result, out);
      else this.#compute(result, this.#many!.column(result.manyIndex), out);
    }
    // Series behind the last that found a partner are read all the same: they may hold an error, and they count.
    if (this.#nextResult === (this.#pairs?.labels ?? this.#results).length) {
      runAtOnce(this.#drain());
      this.#stepNotes.flush(this.#options.notes);
    }
  }

  #computePair({ many, one, clashes }: JoinPairs, at: number, out: StepColumn): void {
    const clash = clashes[at]!;
    const tracker = clash < 0 ? undefined : this.#trackers[clash];
    const partner = this.#one!.column(one[at]!);
    const meeting = { one: partner, group: partner, fillOne: undefined, tracker, matched: undefined };
    this.#compute(meeting, this.#many!.column(many[at]!), out);
  }

  *#drain(): Work<void> {
    yield* this.#many!.drain();
    yield* this.#one!.drain();
  }

  #compute(result: Meeting, many: StepColumn, out: StepColumn): void {
    out.histograms = undefined;
    const partners = meet(result, many, this.#filled, out);
    const outcomes = many.histograms || result.one?.histograms ? this.#meetHistograms(result, many, out) : undefined;
    if (result.tracker) this.#track(result.tracker, out);
    if (result.matched) addSteps(result.matched, out);
    this.#combine(many.values, partners, out);
    if (outcomes) this.#putOutcomes(outcomes, out);
  }

  /** A series of the "one" side at the steps where no partner came: with `fill_left`. */
  #computeUnmatched({ one, matched, fillMany }: JoinResult, out: StepColumn): void {
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
  #meetHistograms(result: Meeting, many: StepColumn, out: StepColumn): (HistogramOutcome | undefined)[] {
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
    this.#pairs = undefined;
    this.#left.close();
    this.#right.close();
  }
}

/** What a series of the "many" side meets. */
type Meeting = Pick<JoinResult, 'one' | 'group' | 'fillOne' | 'tracker' | 'matched'>;

/** So many series are pulled and thrown away without a pause. */
const SKIPPED_LIMIT = 64;

/**
 * Marks in `out` the steps where a series of the "many" side meets a partner, and returns the partners' values: those of
 * the "one" side, or `scratch` when some are filled in.
 */
function meet(
  { one, group, fillOne }: Meeting,
  many: StepColumn,
  scratch: Float64Array,
  out: StepColumn,
): Float64Array {
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
function partnerAt({ one, group, fillOne }: Meeting, step: number): Operand | undefined {
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
