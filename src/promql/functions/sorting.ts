import { FLOAT, HISTOGRAM } from '../../model/columns.ts';
import { compareText, type Labels } from '../../model/labels.ts';
import { sortInSlices } from '../../model/sort-in-slices.ts';
import type { Work } from '../../model/work.ts';
import { warnAt } from './annotate.ts';
import type { FunctionContext, MaterialisedVector, PromqlFunction, VectorFunction } from './types.ts';

/** Functions that put the result of an instant query in order. In a range query they change nothing. */
export const sortFunctions = {
  sort: sortByValue((a, b) => a - b),
  sort_desc: sortByValue((a, b) => b - a),
  sort_by_label: sortByLabels(1),
  sort_by_label_desc: sortByLabels(-1),
} as const satisfies Record<string, PromqlFunction>;

/** NaN comes last in both directions; native histograms, which have no order, are left out. */
function sortByValue(compare: (a: number, b: number) => number): VectorFunction {
  return {
    kind: 'vector',
    *apply(input, context) {
      warnOfRange(context);
      for (const { present } of input.columns) {
        for (let step = 0; step < present.length; step++) if (present[step] === HISTOGRAM) present[step] = 0;
      }
      if (context.grid.count > 1) return input;
      return yield* reordered(input, (a, b) => {
        const valueA = sortValue(input, a);
        const valueB = sortValue(input, b);
        const isNanA = Number.isNaN(valueA);
        const isNanB = Number.isNaN(valueB);
        if (isNanA || isNanB) return Number(isNanA) - Number(isNanB);
        return valueA === valueB ? 0 : compare(valueA, valueB);
      });
    },
  };
}

function sortByLabels(direction: 1 | -1): VectorFunction {
  return {
    kind: 'vector',
    *apply(input, context) {
      warnOfRange(context);
      if (context.grid.count > 1) return input;
      return yield* reordered(input, (a, b) => {
        const labelsA = input.labels[a]!;
        const labelsB = input.labels[b]!;
        return direction * (compareByNames(input.strings, labelsA, labelsB) || labelsA.compare(labelsB));
      });
    },
  };
}

function warnOfRange(context: FunctionContext): void {
  if (!context.features?.prometheus314 || context.grid.count === 1) return;
  const text = 'sort is ineffective for range queries since results are always ordered by labels';
  warnAt(context, context.span, text);
}

function compareByNames(names: readonly string[], a: Labels, b: Labels): number {
  for (const name of names) {
    const order = compareNaturally(a.get(name), b.get(name));
    if (order !== 0) return order;
  }
  return 0;
}

function sortValue({ columns }: MaterialisedVector, series: number): number {
  const { values, present } = columns[series]!;
  return present[0] === FLOAT ? values[0]! : NaN;
}

function* reordered(
  { labels, columns }: MaterialisedVector,
  compare: (a: number, b: number) => number,
): Work<MaterialisedVector> {
  const order = yield* sortInSlices(
    labels.map((_, series) => series),
    compare,
  );
  return { labels: order.map((series) => labels[series]!), columns: order.map((series) => columns[series]!) };
}

/** Natural order: runs of digits compare as numbers, what stands between them as text (`a2` before `a10`). */
export function compareNaturally(a: string, b: string): number {
  const partsA = a.match(/\d+|\D+/g) ?? [];
  const partsB = b.match(/\d+|\D+/g) ?? [];
  const shared = Math.min(partsA.length, partsB.length);
  for (let i = 0; i < shared; i++) {
    const partA = partsA[i]!;
    const partB = partsB[i]!;
    const isNumeric = isInteger(partA) && isInteger(partB);
    const order = isNumeric ? compareIntegers(partA, partB) : compareText(partA, partB);
    if (order !== 0) return order;
  }
  return partsA.length - partsB.length || compareText(a, b);
}

/** Digits that Go reads as an `int`; longer ones it compares as text. */
function isInteger(part: string): boolean {
  return /^\d+$/.test(part) && BigInt(part) < 2n ** 63n;
}

function compareIntegers(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
