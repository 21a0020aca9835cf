import type { SampleColumns } from '../model/columns.ts';
import type { SelectRequest, SeriesSet, SeriesSource } from '../model/series-source.ts';
import { runAtOnce, type Work } from '../model/work.ts';
import { encodedLength } from './encoded-length.ts';
import { chunksOf } from './limited-source.ts';

/** What queries fetched, as limits on it count. */
export class FetchStatistics {
  seriesCount = 0;
  sampleCount = 0;
  chunkCount = 0;
  chunkBytes = 0;
  dataBytes = 0;
}

/** A source that adds what is fetched through it to `statistics`. */
export function countedSource(source: SeriesSource, statistics: FetchStatistics): SeriesSource {
  function* selectInSlices(request: SelectRequest): Work<SeriesSet> {
    const set = yield* source.selectInSlices(request);
    statistics.seriesCount += set.labels.length;
    for (const labels of set.labels) statistics.dataBytes += encodedLength(labels);
    return {
      labels: set.labels,
      read(seriesIndex: number, into: SampleColumns) {
        set.read(seriesIndex, into);
        const { chunkCount, chunkBytes } = chunksOf(into.count);
        statistics.sampleCount += into.count;
        statistics.chunkCount += chunkCount;
        statistics.chunkBytes += chunkBytes;
        statistics.dataBytes += chunkBytes;
      },
    };
  }
  return {
    select: (request) => runAtOnce(selectInSlices(request)),
    selectInSlices,
    forQuery: () => countedSource(source.forQuery?.() ?? source, statistics),
  };
}
