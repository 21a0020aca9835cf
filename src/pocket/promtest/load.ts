import type { SeriesNotation } from '../../../grammar/series-notation.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { MemorySource } from './memory-source.ts';
import type { LoadCommand } from './script.ts';

/** Carries out a script's `load`: the first point of every series stands at 1970. */
export function load(command: LoadCommand, into: MemorySource): void {
  // Of a series that is listed twice, the last line counts.
  const byLabels = new Map(command.series.map((series) => [series.labels.key, series]));
  const times = { startMs: 0, stepMs: command.stepMs };
  for (const series of byLabels.values()) {
    into.addPoints(series.labels, series.points, times);
    if (series.hasStartTimestamps) notePoints(into, series, series.labels, 'start timestamps', command.stepMs);
    if (!command.addsCustomBuckets) continue;
    const histogram = classicHistogramOf(series.labels);
    if (histogram) notePoints(into, series, histogram, 'native histograms', command.stepMs);
  }
}

function notePoints(
  into: MemorySource,
  { points }: SeriesNotation,
  labels: Labels,
  trait: 'native histograms' | 'start timestamps',
  stepMs: number,
): void {
  points.forEach((point, index) => {
    if (point.kind !== 'absent') into.noteMissing(labels, trait, index * stepMs);
  });
}

/** The labels of the histogram that a series of a classic one is part of. */
function classicHistogramOf(labels: Labels): Labels | undefined {
  const base = /^(.+)_(?:bucket|count|sum)$/.exec(labels.metricName)?.[1];
  return base === undefined ? undefined : labels.with(METRIC_NAME, base).with('le', '');
}
