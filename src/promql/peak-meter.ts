import type { Expr } from '../../grammar/ast.ts';
import { typeOf } from '../../grammar/promql.ts';
import { ABSENT, HISTOGRAM, type StepColumn } from '../model/columns.ts';
import type { RangeWindows } from './functions/types.ts';
import type { Measured } from './operators/query-context.ts';
import { weightInResult, weightOf } from './operators/sample-weight.ts';
import { WindowMeter } from './window-meter.ts';

const NO_STEPS = new Float64Array(0);

/** What stays of a part's values when it is done, and the most that was there at a time, seen from before it began. */
interface Held {
  readonly peak: number;
  /** The most that it compared with the limit: what is folded together it no longer does. */
  readonly checked: number;
  readonly after: number;
}

/**
 * Prometheus evaluates one part of a query after the other, each at all steps, and keeps what it gave until the part
 * around it is done; it tells the most samples that it kept at a time (`peakSamples`), and refuses a query that keeps too
 * many. We do not keep them, so a meter at every part counts its values by step, and works out what Prometheus would have
 * held.
 */
export class PeakMeter {
  readonly #expr: Expr | undefined;
  readonly #children: PeakMeter[] = [];
  readonly #isForAbsence: boolean;
  readonly #windows: WindowMeter | undefined;
  /** How many children the part has planned anew since the last stretch began. */
  #plannedChildren = 0;
  #stepCount: number;
  /** By step of the stretch: how many series have a value, and what their values count as in the result of the step. */
  #points = NO_STEPS;
  #weights = NO_STEPS;
  /** What all values count as once they stand in series. */
  #total = 0;
  /** Of the stretches before: what the results of steps came to, and the most that they and a step's input came to. */
  #givenBefore = 0;
  #peakBefore = 0;

  constructor(expr: Expr | undefined, stepCount: number, isForAbsence = false) {
    this.#expr = expr;
    this.#isForAbsence = isForAbsence;
    this.#windows = expr && typeOf(expr) === 'matrix' ? new WindowMeter() : undefined;
    this.#stepCount = stepCount;
  }

  /** The meter of a part of this one; of a part that is evaluated stretch by stretch, the same for all stretches. */
  child(expr: Expr | undefined, stepCount: number): PeakMeter {
    const known = this.#children[this.#plannedChildren++];
    if (known) {
      known.#stepCount = stepCount;
      return known;
    }
    // `absent_over_time` first gives a value for each series, and only then what is absent.
    const isForAbsence = this.#expr?.kind === 'call' && this.#expr.name === 'absent_over_time';
    const meter = new PeakMeter(expr, stepCount, isForAbsence);
    this.#children.push(meter);
    return meter;
  }

  /** What is inside of this part is now planned for other steps, behind those before. */
  beginStretch(): void {
    for (const child of this.#children) child.#endStretch();
    this.#plannedChildren = 0;
  }

  #endStretch(): void {
    this.#peakBefore = this.#peakOfSteps;
    for (const weight of this.#weights) this.#givenBefore += weight;
    this.beginStretch();
    this.#points = NO_STEPS;
    this.#weights = NO_STEPS;
  }

  #makeRoom(): void {
    if (this.#points !== NO_STEPS) return;
    this.#points = new Float64Array(this.#stepCount);
    this.#weights = new Float64Array(this.#stepCount);
  }

  /** The most samples at a time up to now; of a meter around the whole query. */
  measure(): Measured {
    const { peak, checked } = this.#ofChildren(this.#children);
    return { peak, checked, mayFall: this.#hasWindows };
  }

  /** Native histograms in windows take from the count, and there may be some in a series that is yet to come. */
  get #hasWindows(): boolean {
    return this.#windows !== undefined || this.#children.some((child) => child.#hasWindows);
  }

  addColumn({ present, histograms }: StepColumn): void {
    this.#makeRoom();
    let weight = 0;
    for (let step = 0; step < present.length; step++) {
      if (present[step] === ABSENT) continue;
      const histogram = present[step] === HISTOGRAM ? histograms?.[step] : undefined;
      this.#points[step]! += 1;
      this.#weights[step]! += histogram ? weightInResult(histogram) : 1;
      weight += histogram ? weightOf(histogram) : 1;
    }
    this.#total += weight;
    for (const child of this.#children) if (!child.#isForAbsence) child.#windows?.endSeries(weight);
  }

  addScalar(): void {
    this.#makeRoom();
    this.#points.fill(1);
    this.#weights.fill(1);
    this.#total += this.#stepCount;
  }

  addWindows(windows: RangeWindows): void {
    const filledCount = this.#windows!.add(windows);
    if (this.#isForAbsence) this.#windows!.endSeries(filledCount);
  }

  #held(): Held {
    const expr = this.#expr;
    const total = this.#total;
    switch (expr?.kind) {
      case 'vector-selector':
        return { peak: total, checked: total, after: total };
      case 'unary':
      case 'paren':
        return this.#ofChildren(this.#children);
      case 'matrix-selector': {
        const { sampleWeight } = this.#windows!;
        return { peak: sampleWeight, checked: sampleWeight, after: sampleWeight };
      }
      case 'subquery':
        return this.#ofChildren(this.#children);
      case 'step-invariant': {
        const inner = this.#ofChildren(this.#children);
        const only = this.#children[0]!;
        const after = inner.after + total - only.#total;
        // The times of samples are asked for at every step.
        const gathered = only.#isTimeOfSamples ? (this.#points[0] ?? 0) : 0;
        const most = after + gathered;
        return { peak: Math.max(inner.peak, most), checked: Math.max(inner.checked, most), after };
      }
      case 'aggregate': {
        if (expr.op === 'count_values') return this.#stepByStep();
        // The parameter is evaluated first, but planned last.
        const parts = this.#ofChildren(this.#children.toReversed());
        return { peak: Math.max(parts.peak, total), checked: Math.max(parts.checked, parts.after), after: total };
      }
      case 'call':
        if (expr.name === 'label_replace' || expr.name === 'label_join') return this.#ofChildren(this.#children);
        return expr.args.some((arg) => typeOf(arg) === 'matrix') ? this.#ofRange() : this.#stepByStep();
      default:
        return this.#stepByStep();
    }
  }

  /** Parts that are evaluated one after the other. */
  #ofChildren(children: readonly PeakMeter[]): Held {
    let peak = 0;
    let checked = 0;
    let after = 0;
    for (const child of children) {
      const held = child.#held();
      peak = Math.max(peak, after + held.peak);
      checked = Math.max(checked, after + held.checked);
      after += held.after;
    }
    return { peak, checked, after };
  }

  /** What takes the values of all its parts at one step after the other. */
  #stepByStep(): Held {
    const parts = this.#ofChildren(this.#children);
    const most = parts.after + this.#peakOfSteps;
    // `info` forgets to let go of what it was given.
    const isInfo = this.#expr?.kind === 'call' && this.#expr.name === 'info';
    const after = isInfo ? parts.after + this.#total : this.#total;
    return { peak: Math.max(parts.peak, most, after), checked: Math.max(parts.checked, most), after };
  }

  /** The most that the results so far, what a step is given and its result have come to. */
  get #peakOfSteps(): number {
    let peak = this.#peakBefore;
    let given = this.#givenBefore;
    const hasAny = this.#points !== NO_STEPS || this.#children.some((child) => child.#points !== NO_STEPS);
    for (let step = 0; hasAny && step < this.#stepCount; step++) {
      let gathered = this.#isTimeOfSamples ? (this.#points[step] ?? 0) : 0;
      for (const child of this.#children) gathered += child.#points[step] ?? 0;
      given += this.#weights[step] ?? 0;
      peak = Math.max(peak, given + gathered);
    }
    return peak;
  }

  get #isTimeOfSamples(): boolean {
    return this.#expr?.kind === 'call' && this.#expr.name === 'timestamp' && this.#children.length === 0;
  }

  /** A function of a range vector: the samples of a subquery stay until it is done, those of a selector go with the window. */
  #ofRange(): Held {
    const range = this.#children.find((child) => child.#windows);
    const scalars = this.#children.filter((child) => child !== range);
    const subquery = range ? range.#children : [];
    const held = this.#ofChildren([...subquery, ...scalars]);
    let kept = held.after;
    for (const child of subquery) kept -= child.#total;
    const { peak, after } = range ? range.#windows! : { peak: 0, after: 0 };
    const most = held.after + peak;
    return { peak: Math.max(held.peak, most), checked: Math.max(held.checked, most), after: kept + after };
  }
}
