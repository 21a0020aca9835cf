import { ABSENT, createStepColumn, FLOAT, histogramAt, type StepColumn } from '../../model/columns.ts';
import { formatFloat } from '../../model/go-float.ts';
import { quoteGo } from '../../model/go-quote.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { sortInSlices } from '../../model/sort-in-slices.ts';
import { isValidUtf8 } from '../../model/utf8.ts';
import type { Work } from '../../model/work.ts';
import { type Grouping, groupSeries } from './grouping.ts';
import { histogramLabel } from './histogram-label.ts';
import { withoutNameMark } from './metric-name.ts';
import type { VectorOperator } from './operator.ts';
import { executionError, type SampleAccount } from './query-context.ts';
import { ValueCounts } from './value-counts.ts';

export interface CountValuesOptions {
  readonly grouping: Grouping;
  /** The label that holds the value. */
  readonly valueLabel: string;
  readonly stepCount: number;
  readonly account: SampleAccount;
}

/** So many series are named without a pause. */
const PAUSE_EVERY = 1024;

/** `count_values("version", x)`: for each group and each value in it, how many series have that value. */
export class CountValuesOperator implements VectorOperator {
  readonly areDistinct = true;
  readonly #child: VectorOperator;
  readonly #options: CountValuesOptions;
  #counts = new ValueCounts();
  #rows: readonly number[] = [];
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
    const groups = yield* groupSeries(series, groupingBesides(grouping, valueLabel));
    const isLeftOut = grouping.isWithout && (valueLabel === METRIC_NAME || grouping.names.includes(valueLabel));
    const counts = this.#counts;
    const histograms = new HistogramRows(counts);
    const column = createStepColumn(stepCount);
    for (let index = 0; index < series.length; index++) {
      this.#child.next(column);
      if (isLeftOut) makeEqual(column);
      const group = groups.groupOfSeries[index]!;
      counts.addFloats(group, column);
      if (column.histograms) histograms.add(group, column);
      account.assertRoomFor(counts.rowCount * stepCount);
      yield;
    }
    const bases = groups.labels.map(withoutNameMark);
    const texts = new Array<string>(counts.rowCount).fill('');
    // From that order it is not far to the one of the texts.
    const rows = yield* counts.rowsByValue(bases.length);
    for (let i = 0; i < rows.length && !isLeftOut; i++) {
      const row = rows[i]!;
      texts[row] = histograms.textOf(row) ?? formatFloat(counts.valueOf(row));
      if (i % PAUSE_EVERY === 0) yield;
    }
    return yield* this.#list(bases, texts, rows);
  }

  /**
   * Names the rows and puts them in the order of their labels, not that in which values came: a step more or less does not change it.
   * Within a group it is the order of the texts, which are all ASCII.
   */
  *#list(bases: readonly Labels[], texts: readonly string[], rows: readonly number[]): Work<readonly Labels[]> {
    const counts = this.#counts;
    const sorted = yield* sortInSlices(rows, (a, b) => {
      const order = counts.groupOf(a) - counts.groupOf(b);
      return order !== 0 ? order : texts[a]! < texts[b]! ? -1 : 1;
    });
    const labels: Labels[] = [];
    for (const row of sorted) {
      labels.push(bases[counts.groupOf(row)]!.with(this.#options.valueLabel, texts[row]!));
      if (labels.length % PAUSE_EVERY === 0) yield;
    }
    this.#rows = sorted;
    if (bases.length <= 1) return labels;
    const order = yield* sortInSlices([...labels.keys()], (a, b) => labels[a]!.compare(labels[b]!));
    this.#rows = order.map((index) => sorted[index]!);
    return order.map((index) => labels[index]!);
  }

  next(out: StepColumn): void {
    this.#counts.writeRow(this.#rows[this.#nextSeries++]!, out);
  }

  close(): void {
    this.#rows = [];
    this.#counts = new ValueCounts();
    this.#child.close();
  }
}

/** The groups that all have the same labels but for the value's: that one is the value, whatever a series has there. */
function groupingBesides({ isWithout, names }: Grouping, valueLabel: string): Grouping {
  return { isWithout, names: isWithout ? [...names, valueLabel] : names.filter((name) => name !== valueLabel) };
}

/** Whatever the values are, `without` leaves out the label that would tell them apart. */
function makeEqual(column: StepColumn): void {
  column.values.fill(0);
  column.histograms = undefined;
  for (let step = 0; step < column.present.length; step++)
    if (column.present[step] !== ABSENT) column.present[step] = FLOAT;
}

/** The rows of native histograms, which are the same when their texts are. */
class HistogramRows {
  readonly #counts: ValueCounts;
  readonly #rows = new Map<string, number>();
  readonly #texts = new Map<number, string>();

  constructor(counts: ValueCounts) {
    this.#counts = counts;
  }

  add(group: number, column: StepColumn): void {
    for (let step = 0; step < column.present.length; step++) {
      const histogram = histogramAt(column, step);
      if (histogram) this.#counts.addOne(this.#rowOf(group, histogramLabel(histogram)), step);
    }
  }

  textOf(row: number): string | undefined {
    return this.#texts.get(row);
  }

  #rowOf(group: number, text: string): number {
    const key = `${group} ${text}`;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = this.#counts.addRow(group);
    this.#rows.set(key, row);
    this.#texts.set(row, text);
    return row;
  }
}
