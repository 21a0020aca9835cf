import { ColumnMaker } from '../../model/column-maker.ts';
import { HISTOGRAM, type StepColumn, setHistogram } from '../../model/columns.ts';
import type { Work } from '../../model/work.ts';
import type { VectorOperator } from './operator.ts';
import type { SampleAccount } from './query-context.ts';

/** Pulls all `seriesCount` series of a prepared operator, each into a column of its own. */
export function* materialise(
  operator: VectorOperator,
  { seriesCount, stepCount, account }: { seriesCount: number; stepCount: number; account: SampleAccount },
): Work<StepColumn[]> {
  account.assertRoomFor(seriesCount * stepCount);
  const maker = new ColumnMaker(stepCount);
  const columns: StepColumn[] = [];
  for (let i = 0; i < seriesCount; i++) {
    const column = maker.create();
    operator.next(column);
    columns.push(column);
    yield;
  }
  return columns;
}

/** Overwrites `out` with `column`; both are on one grid. */
export function copyColumn(column: StepColumn, out: StepColumn): void {
  out.values.set(column.values);
  out.present.set(column.present);
  out.histograms = column.histograms?.slice();
}

/** Overwrites what `out` has at `step` with what `column` has there. */
export function copyStep(column: StepColumn, step: number, out: StepColumn): void {
  if (column.present[step] === HISTOGRAM) {
    setHistogram(out, step, column.histograms![step]!);
    return;
  }
  out.values[step] = column.values[step]!;
  out.present[step] = column.present[step]!;
}
