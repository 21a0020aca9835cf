import type { SeriesSet, SeriesSource } from '../model/series-source.ts';
import { runAtOnce, type Work } from '../model/work.ts';
import { executionError } from './operators/query-context.ts';

/** A source for a query that has no use for native histograms: reading one fails with `execution-error`. */
export function floatsOnly(source: SeriesSource): SeriesSource {
  function* selectInSlices(request: Parameters<SeriesSource['select']>[0]): Work<SeriesSet> {
    const set = yield* source.selectInSlices(request);
    return {
      labels: set.labels,
      read(seriesIndex, into) {
        set.read(seriesIndex, into);
        if (into.histograms?.some((histogram) => histogram !== undefined)) {
          throw executionError('a native histogram where only floats are wanted');
        }
      },
    };
  }
  return { selectInSlices, select: (request) => runAtOnce(selectInSlices(request)) };
}
