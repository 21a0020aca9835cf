/**
 * The name among `known` that a person most likely meant by `misspelt`: the closest by edits (insert, delete, replace,
 * swap of neighbours), when it is close enough to be a slip at all.
 */
export function suggest(
  misspelt: string,
  known: Iterable<string>,
  mostEdits = Math.max(2, Math.floor(misspelt.length / 4)),
): string | undefined {
  let best: string | undefined;
  let leastEdits = mostEdits + 1;
  for (const name of known) {
    if (Math.abs(name.length - misspelt.length) >= leastEdits) continue;
    const edits = countEdits(misspelt, name);
    if (edits < leastEdits) {
      best = name;
      leastEdits = edits;
    }
  }
  return best;
}

/** Edits that turn `a` into `b` (optimal string alignment). */
function countEdits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      let edits = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (isSame ? 0 : 1));
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) edits = Math.min(edits, beforeLast[column - 2]! + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
