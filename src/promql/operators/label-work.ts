import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';

/** Label sets are handled at some microseconds each: so many fit well into a slice. */
const PAUSE_EVERY = 256;

/** Calls `visit` for each series, pausing now and then: a query may well have a hundred thousand. */
export function* forEachSeries(series: readonly Labels[], visit: (labels: Labels, index: number) => void): Work<void> {
  for (let i = 0; i < series.length; i++) {
    visit(series[i]!, i);
    if (i % PAUSE_EVERY === PAUSE_EVERY - 1) yield;
  }
}

/** What `change` makes of each series' labels. */
export function* mapSeries(series: readonly Labels[], change: (labels: Labels) => Labels): Work<Labels[]> {
  const changed: Labels[] = [];
  yield* forEachSeries(series, (labels) => changed.push(change(labels)));
  return changed;
}
