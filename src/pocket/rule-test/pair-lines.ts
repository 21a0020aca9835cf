import type { Row } from '../promtest/side-by-side.ts';

/** Texts with more lines than this are paired as they come: the table would grow with the square. */
const LINE_LIMIT = 1000;

/**
 * Pairs lines of two texts that speak of the same label, annotation or series, in the order of both: as many as can be.
 */
export function pairByWhatTheyName(expected: string, actual: string): Row[] {
  const left = linesOf(expected);
  const right = linesOf(actual);
  if (left.length > LINE_LIMIT || right.length > LINE_LIMIT) {
    return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => [left[i], right[i]] as const);
  }
  const leftKeys = left.map(keyOf);
  const rightKeys = right.map(keyOf);
  // How many pairs can be had of what is left and right from here on.
  const pairCounts = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const isPair = leftKeys[i] === rightKeys[j];
      pairCounts[i]![j] = isPair
        ? pairCounts[i + 1]![j + 1]! + 1
        : Math.max(pairCounts[i + 1]![j]!, pairCounts[i]![j + 1]!);
    }
  }
  const rows: Row[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && leftKeys[i] === rightKeys[j]) rows.push([left[i++], right[j++]]);
    else if (j === right.length || (i < left.length && pairCounts[i + 1]![j]! >= pairCounts[i]![j + 1]!)) {
      rows.push([left[i++], undefined]);
    } else rows.push([undefined, right[j++]]);
  }
  return rows;
}

/** A label's or annotation's name, or all of a series but its value. */
function keyOf(line: string): string {
  return /^ +(?:annotation )?[^"{}]*?(?==")/.exec(line)?.[0] ?? line.replace(/ \S+$/, '');
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}
