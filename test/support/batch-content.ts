import type { WriteBatch } from '../../src/model/write-batch.ts';
import { decodeLabels } from '../../src/wire/remote-write-labels.ts';

/** A batch as plain data, values by their bits. */
export function contentOf(batch: WriteBatch): unknown {
  const bits = new BigUint64Array(batch.values.slice().buffer);
  return {
    series: Array.from({ length: batch.seriesCount }, (_, i) => ({
      labels: decodeLabels(batch.body, batch.labelsStart[i]!, batch.labelsEnd[i]!),
      samples: Array.from({ length: batch.samplesStart[i + 1]! - batch.samplesStart[i]! }, (_, k) => {
        const index = batch.samplesStart[i]! + k;
        return [batch.timestampsMs[index], bits[index]];
      }),
      histograms: batch.histograms.filter(({ seriesIndex }) => seriesIndex === i),
    })),
    exemplars: batch.exemplars,
    metadata: batch.metadata,
  };
}
