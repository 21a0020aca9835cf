import { ClassicHistograms } from './custom-buckets.ts';
import type { MemorySource } from './memory-source.ts';
import type { LoadCommand } from './script.ts';

/**
 * Carries out a script's `load`: the first point of every series stands at 1970.
 * @throws {PocketCortexError} `bad-data` for histograms that make no sense
 */
export function load(command: LoadCommand, into: MemorySource): void {
  // Of a series that is listed twice, the last line counts.
  const byLabels = new Map(command.series.map((series) => [series.labels.key, series]));
  const { stepMs } = command;
  const classic = new ClassicHistograms();
  for (const { labels, points, startOffsetsMs } of byLabels.values()) {
    into.addPoints(labels, points, { startMs: 0, stepMs }, startOffsetsMs);
    points.forEach((point, index) => {
      if (point.kind === 'float') classic.add(labels, index * stepMs, point.value);
    });
  }
  if (command.addsCustomBuckets) {
    for (const { labels, timestampMs, histogram } of classic.histograms()) {
      into.addHistogram(labels, timestampMs, histogram);
    }
  }
}
