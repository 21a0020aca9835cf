import { ABSENT, HISTOGRAM, SampleColumns, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { MatrixValue } from '../../model/query-result.ts';
import type { Work } from '../../model/work.ts';
import type { RecordingRule } from '../rule-group.ts';
import { recordedLabels } from '../rule-results.ts';
import type { SeriesSet } from '../running-rule.ts';
import type { ResultColumns } from './replay-writer.ts';

/** What a recording rule yields at many ticks: its samples and staleness markers. */
export interface RecordedColumns {
  readonly columns: readonly ResultColumns[];
  /** The series that it yielded at the last tick. */
  readonly series: SeriesSet;
  /** Samples at the last tick, and ticks that have any. */
  readonly lastCount: number;
  readonly writtenTicks: number;
}

/**
 * What a rule records from the values of its expression. `before` are the series that it yielded last. Undefined where
 * evaluating tick by tick is not sure to give the same: where it would fail at some ticks, for too many series or for two of
 * the same labels.
 */
export function* recordColumns(
  { series }: MatrixValue,
  {
    rule,
    labels,
    limit,
    before,
  }: { readonly rule: RecordingRule; readonly labels: Labels; readonly limit: number; readonly before: SeriesSet },
  times: { readonly firstMs: number; readonly stepMs: number; readonly count: number },
): Work<RecordedColumns | undefined> {
  const perTick = presentCounts(series, times.count);
  if (perTick === undefined || (limit > 0 && perTick.some((count) => count > limit))) return undefined;
  const columns: ResultColumns[] = [];
  const lasting: SeriesSet = new Map();
  const seen = new Set<string>();
  for (const { labels: own, column } of series) {
    const result = recordedLabels(own, { rule, labels });
    if (seen.has(result.key)) return undefined;
    seen.add(result.key);
    columns.push({ labels: result, samples: samplesOf(column, before.has(result.key), times) });
    if (column.present[times.count - 1] !== ABSENT) lasting.set(result.key, result);
    yield;
  }
  for (const [key, gone] of before) {
    if (seen.has(key)) continue;
    const samples = new SampleColumns(1);
    samples.pushStaleMarker(times.firstMs);
    columns.push({ labels: gone, samples });
  }
  let writtenTicks = 0;
  for (const count of perTick) if (count > 0) writtenTicks += 1;
  return { columns, series: lasting, lastCount: lasting.size, writtenTicks };
}

/** How many series have a value at each tick; undefined where one is a native histogram. */
export function presentCounts(series: MatrixValue['series'], tickCount: number): Uint32Array | undefined {
  const counts = new Uint32Array(tickCount);
  for (const { column } of series) {
    const { present } = column;
    for (let tick = 0; tick < tickCount; tick++) {
      if (present[tick] === ABSENT) continue;
      if (present[tick] === HISTOGRAM) return undefined;
      counts[tick]! += 1;
    }
  }
  return counts;
}

/** The values of a column, and a staleness marker where it ends. */
function samplesOf(
  { values, present }: StepColumn,
  wasThere: boolean,
  { firstMs, stepMs, count }: { readonly firstMs: number; readonly stepMs: number; readonly count: number },
): SampleColumns {
  const samples = new SampleColumns(count);
  let isThere = wasThere;
  for (let tick = 0; tick < count; tick++) {
    if (present[tick] !== ABSENT) samples.push(firstMs + tick * stepMs, values[tick]!);
    else if (isThere) samples.pushStaleMarker(firstMs + tick * stepMs);
    isThere = present[tick] !== ABSENT;
  }
  return samples;
}
