import { suggest } from '../../config/suggest.ts';
import type { Work } from '../../model/work.ts';

/** So many texts are compared between two pauses. */
const RUN_LENGTH = 200;
const NEAREST_LIMIT = 3;
/** Longer texts are no names, and take long to compare. */
const COMPARED_CHARACTERS = 200;

/** What may have been meant by `text`: the closest by edits, then those that begin with it or that it begins with. */
export function* nearest(text: string, known: readonly string[]): Work<readonly string[]> {
  const closest: string[] = [];
  const related: string[] = [];
  for (let from = 0; from < known.length; from += RUN_LENGTH) {
    const run = known.slice(from, from + RUN_LENGTH).filter((one) => one.length <= COMPARED_CHARACTERS);
    const best = suggest(text, run);
    if (best !== undefined) closest.push(best);
    for (const one of run) if (one !== '' && (one.startsWith(text) || text.startsWith(one))) related.push(one);
    yield;
  }
  const best = suggest(text, closest);
  const found = new Set([...(best === undefined ? [] : [best]), ...related.sort((a, b) => a.length - b.length)]);
  found.delete(text);
  return [...found].slice(0, NEAREST_LIMIT);
}
