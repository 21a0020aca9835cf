import { parseSeriesNotation } from '../../grammar/series-notation.ts';
import { ABSENT } from '../../src/model/columns.ts';
import type { QueryValue } from '../../src/model/query-result.ts';
import { MemorySource } from '../../src/pocket/promtest/memory-source.ts';
import { Engine, type EngineOptions } from '../../src/promql/engine.ts';

/** A source that holds series written as in test scripts, one a line, a point every `stepMs` from 0 on. */
export function sourceOf(notation: string, stepMs = 60_000): MemorySource {
  const source = new MemorySource();
  for (const line of notation.split('\n').map((text) => text.trim())) {
    if (line === '') continue;
    const { labels, points } = parseSeriesNotation(line);
    source.addPoints(labels, points, { startMs: 0, stepMs });
  }
  return source;
}

/** An engine over such series, with Cortex's defaults. */
export function engineOver(notation: string, options: Partial<EngineOptions> = {}): Engine {
  return new Engine({
    source: sourceOf(notation),
    lookbackMs: 300_000,
    defaultStepMs: 60_000,
    maxSamples: 50_000_000,
    ...options,
  });
}

/** A value as text a person can read: one line a series, `timestampMs:value`. */
export function describeValue(value: QueryValue): string[] {
  switch (value.kind) {
    case 'scalar':
    case 'string':
      return [`${value.kind} ${value.timestampMs}:${value.value}`];
    case 'vector':
      return value.labels.map((labels, i) => `${labels} ${value.timestampMs}:${value.values[i]}`);
    case 'raw-matrix':
      return value.series.map(({ labels, samples }) => {
        const points: string[] = [];
        for (let i = 0; i < samples.count; i++) points.push(`${samples.timestampsMs[i]}:${samples.values[i]}`);
        return [`${labels}`, ...points].join(' ');
      });
    case 'matrix':
      return value.series.map(({ labels, column }) => {
        const points: string[] = [];
        for (let step = 0; step < value.grid.count; step++) {
          if (column.present[step] === ABSENT) continue;
          points.push(`${value.grid.startMs + step * value.grid.stepMs}:${column.values[step]}`);
        }
        return [`${labels}`, ...points].join(' ');
      });
  }
}
