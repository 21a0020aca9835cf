import type { Expr } from '../../grammar/ast.ts';
import { typeOf } from '../../grammar/promql.ts';
import { ABSENT, HISTOGRAM, type StepColumn } from '../model/columns.ts';
import type { Labels } from '../model/labels.ts';
import type { Work } from '../model/work.ts';
import type { RangeWindows } from './functions/types.ts';
import type { RangeOperator, ScalarOperator, VectorOperator } from './operators/operator.ts';
import { samplesWeight, weightOf } from './operators/sample-weight.ts';

/** What stays of a part's values when it is done, and the most that was there at a time, seen from before it began. */
interface Held {
  readonly peak: number;
  readonly after: number;
}

/**
 * Prometheus evaluates one part of a query after the other, each at all steps, and keeps what it gave until the part
 * around it is done; it tells the most samples that it kept at a time (`peakSamples`). We do not, so a meter at every part
 * counts its values by step, and at the end works out what Prometheus would have held.
 */
export class PeakMeter {
  readonly #expr: Expr | undefined;
  readonly #children: PeakMeter[] = [];
  /** By step: how many series have a value, and what their values count as. */
  readonly #points: Float64Array;
  readonly #weights: Float64Array;
  /** Of a range vector: what its series' windows and results so far came to. */
  #rangeDone = 0;
  #rangePeak = 0;
  #lastWindow = 0;
  /** `absent_over_time` first gives a value for each series, and only then what is absent. */
  #isForAbsence = false;

  constructor(expr: Expr | undefined, stepCount: number) {
    this.#expr = expr;
    this.#points = new Float64Array(stepCount);
    this.#weights = new Float64Array(stepCount);
  }

  child(expr: Expr, stepCount: number): PeakMeter {
    const meter = new PeakMeter(expr, stepCount);
    meter.#isForAbsence = this.#expr?.kind === 'call' && this.#expr.name === 'absent_over_time';
    this.#children.push(meter);
    return meter;
  }

  /** The most samples at a time; of a meter around the whole query. */
  get peak(): number {
    return Math.max(0, ...this.#children.map((child) => child.#held().peak));
  }

  addColumn({ present, histograms }: StepColumn): void {
    let weight = 0;
    for (let step = 0; step < present.length; step++) {
      if (present[step] === ABSENT) continue;
      const own = present[step] === HISTOGRAM && histograms?.[step] ? weightOf(histograms[step]!) : 1;
      this.#points[step]! += 1;
      this.#weights[step]! += own;
      weight += own;
    }
    for (const child of this.#children) child.#endSeries(weight);
  }

  addScalar(): void {
    this.#points.fill(1);
    this.#weights.fill(1);
  }

  addWindows({ from, to, samples }: RangeWindows): void {
    let widest = 0;
    let filledCount = 0;
    for (let step = 0; step < from.length; step++) {
      const width = to[step]! - from[step]!;
      widest = Math.max(widest, width);
      if (width > 0) filledCount += 1;
    }
    const last = from.length - 1;
    const perSample = samples.histograms && samples.count > 0 ? samplesWeight(samples) / samples.count : 1;
    this.#lastWindow = Math.round((to[last]! - from[last]!) * perSample);
    this.#rangePeak = Math.max(this.#rangePeak, this.#rangeDone + Math.round(widest * perSample));
    if (this.#isForAbsence) this.#endSeries(filledCount);
  }

  /** The function of the range vector gave so much for the series. */
  #endSeries(weight: number): void {
    this.#rangeDone += weight;
    this.#rangePeak = Math.max(this.#rangePeak, this.#rangeDone + this.#lastWindow);
    this.#lastWindow = 0;
  }

  get #total(): number {
    let total = 0;
    for (const weight of this.#weights) total += weight;
    return total;
  }

  #held(): Held {
    const expr = this.#expr;
    const total = this.#total;
    switch (expr?.kind) {
      case 'vector-selector':
        return { peak: total, after: total };
      case 'unary':
      case 'paren':
        return this.#ofChildren(this.#children);
      case 'step-invariant': {
        const inner = this.#ofChildren(this.#children);
        const [only] = this.#children;
        const after = inner.after + total - (only ? only.#total : 0);
        return { peak: Math.max(inner.peak, after), after };
      }
      case 'aggregate':
        if (expr.op === 'count_values') return this.#stepByStep(total);
        return { peak: Math.max(this.#ofChildren(this.#children).peak, total), after: total };
      case 'call':
        if (expr.name === 'label_replace' || expr.name === 'label_join' || expr.name === 'info') {
          return this.#ofChildren(this.#children);
        }
        return expr.args.some((arg) => typeOf(arg) === 'matrix') ? this.#ofRange(total) : this.#stepByStep(total);
      default:
        return this.#stepByStep(total);
    }
  }

  /** Parts that are evaluated one after the other. */
  #ofChildren(children: readonly PeakMeter[]): Held {
    let peak = 0;
    let after = 0;
    for (const child of children) {
      const held = child.#held();
      peak = Math.max(peak, after + held.peak);
      after += held.after;
    }
    return { peak, after };
  }

  /** What takes the values of all its parts at one step after the other. */
  #stepByStep(total: number): Held {
    const parts = this.#ofChildren(this.#children);
    let { peak } = parts;
    let given = 0;
    for (let step = 0; step < this.#points.length; step++) {
      let gathered = this.#isTimeOfSamples ? this.#points[step]! : 0;
      for (const child of this.#children) gathered += child.#points[step] ?? 0;
      given += this.#weights[step]!;
      peak = Math.max(peak, parts.after + given + gathered);
    }
    return { peak, after: total };
  }

  get #isTimeOfSamples(): boolean {
    return this.#expr?.kind === 'call' && this.#expr.name === 'timestamp' && this.#children.length === 0;
  }

  /** A function of a range vector: the samples of a subquery stay until it is done, those of a selector go with the window. */
  #ofRange(total: number): Held {
    const range = this.#children.find((child) => child.#isRange);
    const scalars = this.#children.filter((child) => child !== range);
    const subquery = range ? range.#children : [];
    const inner = this.#ofChildren(subquery);
    const held = this.#ofChildren([...subquery, ...scalars]);
    const kept = held.after - inner.after;
    const peak = Math.max(held.peak, held.after + (range ? range.#rangePeak : 0), kept + total);
    return { peak, after: kept + total };
  }

  get #isRange(): boolean {
    return this.#expr !== undefined && typeOf(this.#expr) === 'matrix';
  }
}

export function meteredVector(operator: VectorOperator, meter: PeakMeter): VectorOperator {
  return {
    prepare: (): Work<readonly Labels[]> => operator.prepare(),
    next: (out) => {
      operator.next(out);
      meter.addColumn(out);
    },
    get areDistinct() {
      return operator.areDistinct ?? false;
    },
    close: () => operator.close(),
  };
}

export function meteredScalar(operator: ScalarOperator, meter: PeakMeter): ScalarOperator {
  return {
    *evaluate(out) {
      yield* operator.evaluate(out);
      meter.addScalar();
    },
    close: () => operator.close(),
  };
}

export function meteredRange(operator: RangeOperator, meter: PeakMeter): RangeOperator {
  return {
    prepare: (): Work<readonly Labels[]> => operator.prepare(),
    next: () => {
      const windows = operator.next();
      meter.addWindows(windows);
      return windows;
    },
    get areDistinct() {
      return operator.areDistinct ?? false;
    },
    close: () => operator.close(),
  };
}
