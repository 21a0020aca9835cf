import { ABSENT, createStepColumn, FLOAT, histogramAt, type StepColumn } from '../../model/columns.ts';
import { formatFloat } from '../../model/go-float.ts';
import { quoteGo } from '../../model/go-quote.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { isValidUtf8 } from '../../model/utf8.ts';
import type { Work } from '../../model/work.ts';
import { type Grouping, groupLabels } from './grouping.ts';
import { histogramLabel } from './histogram-label.ts';
import { copyColumn } from './materialise.ts';
import { withoutNameMark } from './metric-name.ts';
import type { VectorOperator } from './operator.ts';
import { executionError, type SampleAccount } from './query-context.ts';

export interface CountValuesOptions {
  readonly grouping: Grouping;
  /** The label that holds the value. */
  readonly valueLabel: string;
  readonly stepCount: number;
  readonly account: SampleAccount;
}

/** `count_values("version", x)`: for each group and each value in it, how many series have that value. */
export class CountValuesOperator implements VectorOperator {
  readonly #child: VectorOperator;
  readonly #options: CountValuesOptions;
  #counts: readonly StepColumn[] = [];
  #nextSeries = 0;

  constructor(child: VectorOperator, options: CountValuesOptions) {
    this.#child = child;
    this.#options = options;
  }

  *prepare(): Work<readonly Labels[]> {
    const { grouping, valueLabel, stepCount, account } = this.#options;
    if (valueLabel === '' || !isValidUtf8(valueLabel)) {
      throw executionError(`invalid label name ${quoteGo(valueLabel)}`);
    }
    const series = yield* this.#child.prepare();
    const names = grouping.isWithout ? grouping.names : [...grouping.names, valueLabel];
    const labelsOf = groupLabels({ isWithout: grouping.isWithout, names });
    const labels: Labels[] = [];
    const counts: StepColumn[] = [];
    const countsByKey = new Map<string, StepColumn>();
    const column = createStepColumn(stepCount);

    const countsOf = (own: Labels, value: string): StepColumn => {
      const group = labelsOf(withoutNameMark(own).with(valueLabel, value));
      const known = countsByKey.get(group.key);
      if (known) return known;
      account.assertRoomFor((counts.length + 1) * stepCount);
      const added = createStepColumn(stepCount);
      labels.push(group);
      counts.push(added);
      countsByKey.set(group.key, added);
      return added;
    };

    for (const own of series) {
      this.#child.next(column);
      countColumn(column, (value) => countsOf(own, formatFloat(value)));
      if (column.histograms) countHistograms(column, (histogram) => countsOf(own, histogramLabel(histogram)));
      yield;
    }
    // By labels, not by which value came first: an order that a step more or less does not change.
    const order = labels.map((_, index) => index).sort((a, b) => labels[a]!.compare(labels[b]!));
    this.#counts = order.map((index) => counts[index]!);
    return order.map((index) => labels[index]!);
  }

  next(out: StepColumn): void {
    copyColumn(this.#counts[this.#nextSeries++]!, out);
  }

  close(): void {
    this.#counts = [];
    this.#child.close();
  }
}

/** Adds one at every step to the counts of the value there. A series often keeps a value for many steps. */
function countColumn({ values, present }: StepColumn, countsOf: (value: number) => StepColumn): void {
  let last: StepColumn | undefined;
  let lastValue = 0;
  for (let step = 0; step < values.length; step++) {
    if (present[step] !== FLOAT) continue;
    const value = values[step]!;
    if (last === undefined || !Object.is(value, lastValue)) last = countsOf(value);
    lastValue = value;
    addOne(last, step);
  }
}

function countHistograms(column: StepColumn, countsOf: (histogram: NativeHistogram) => StepColumn): void {
  for (let step = 0; step < column.present.length; step++) {
    const histogram = histogramAt(column, step);
    if (histogram) addOne(countsOf(histogram), step);
  }
}

function addOne({ values, present }: StepColumn, step: number): void {
  values[step] = present[step] === ABSENT ? 1 : values[step]! + 1;
  present[step] = FLOAT;
}
