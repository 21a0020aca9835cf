import { FLOAT, isStaleMarker, SampleColumns, type StepColumn, type StepGrid } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { SeriesSet } from '../../model/series-source.ts';
import type { Work } from '../../model/work.ts';
import type { VectorOperator } from './operator.ts';
import type { QueryContext } from './query-context.ts';
import { momentsOf } from './windows.ts';

export interface SelectorSpec {
  readonly matchers: readonly Matcher[];
  readonly offsetMs: number;
  /** The moment of an `@`: stands for every step. */
  readonly atMs: number | undefined;
}

/**
 * `up{job="api"}`: at every step the newest sample in `(step - lookback, step]`, unless that is a staleness marker.
 * Yields values, or for `timestamp()` the samples' own times in seconds.
 */
export class VectorSelectorOperator implements VectorOperator {
  readonly areDistinct = true;
  readonly #context: QueryContext;
  readonly #spec: SelectorSpec;
  readonly #yields: 'value' | 'timestamp';
  readonly #firstMs: number;
  readonly #intervalMs: number;
  readonly #lastMs: number;
  readonly #samples = new SampleColumns();
  #set: SeriesSet | undefined;
  #nextSeries = 0;

  constructor(context: QueryContext, grid: StepGrid, spec: SelectorSpec, yields: 'value' | 'timestamp' = 'value') {
    this.#context = context;
    this.#spec = spec;
    this.#yields = yields;
    const moments = momentsOf(grid, spec);
    this.#firstMs = moments.startMs;
    this.#intervalMs = moments.stepMs;
    this.#lastMs = moments.endMs;
  }

  // biome-ignore lint/correctness/useYield: an index lookup is one piece of work
  *prepare(): Work<readonly Labels[]> {
    const { source, tenant, lookbackMs } = this.#context;
    const { matchers } = this.#spec;
    // A sample exactly one lookback old is out, and times are whole milliseconds.
    const startMs = this.#firstMs - lookbackMs + 1;
    this.#set = source.select({ tenant, matchers, startMs, endMs: this.#lastMs });
    return this.#set.labels;
  }

  next(out: StepColumn): void {
    const samples = this.#samples;
    this.#set!.read(this.#nextSeries++, samples);
    const moments = { firstMs: this.#firstMs, intervalMs: this.#intervalMs, lookbackMs: this.#context.lookbackMs };
    const taken = takeLatest(samples, moments, this.#yields === 'value' ? samples.values : samples.timestampsMs, out);
    if (this.#yields === 'timestamp') toSeconds(out.values);
    this.#context.account.countReads(taken);
    this.#context.account.hold(taken);
  }

  close(): void {
    this.#set = undefined;
  }
}

/**
 * For every step the index of the newest sample that is not older than the lookback, then `taken` at that index: one pass
 * over steps and samples together. Returns how many steps have a value.
 */
function takeLatest(
  samples: SampleColumns,
  { firstMs, intervalMs, lookbackMs }: { firstMs: number; intervalMs: number; lookbackMs: number },
  taken: Float64Array,
  out: StepColumn,
): number {
  const { timestampsMs, values, bits, count } = samples;
  const { values: outValues, present } = out;
  const stepCount = present.length;
  let presentCount = 0;
  let following = 0;
  let momentMs = firstMs;
  for (let step = 0; step < stepCount; step++) {
    while (following < count && timestampsMs[following]! <= momentMs) following += 1;
    const latest = following - 1;
    present[step] = 0;
    if (latest >= 0 && timestampsMs[latest]! > momentMs - lookbackMs) {
      const value = values[latest]!;
      if (!Number.isNaN(value) || !isStaleMarker(bits, latest)) {
        outValues[step] = taken[latest]!;
        present[step] = FLOAT;
        presentCount += 1;
      }
    }
    momentMs += intervalMs;
  }
  return presentCount;
}

function toSeconds(values: Float64Array): void {
  for (let step = 0; step < values.length; step++) values[step] = values[step]! / 1000;
}
