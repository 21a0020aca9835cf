import { ABSENT, FLOAT, SampleColumns, type StepColumn, type StepGrid } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { SeriesSet } from '../../model/series-source.ts';
import type { Work } from '../../model/work.ts';
import type { VectorOperator } from './operator.ts';
import type { QueryContext } from './query-context.ts';
import type { SelectorSpec } from './vector-selector.ts';
import { type Moments, momentsOf, removeStaleMarkers } from './windows.ts';

/**
 * `up smoothed`: at every step the value on the straight line between the nearest samples before and behind it, each at
 * most one lookback away; with none behind it, the one before.
 */
export class SmoothedSelectorOperator implements VectorOperator {
  readonly #context: QueryContext;
  readonly #spec: SelectorSpec;
  readonly #moments: Moments;
  readonly #samples = new SampleColumns();
  #set: SeriesSet | undefined;
  #nextSeries = 0;

  constructor(context: QueryContext, grid: StepGrid, spec: SelectorSpec) {
    this.#context = context;
    this.#spec = spec;
    this.#moments = momentsOf(grid, spec);
  }

  // biome-ignore lint/correctness/useYield: an index lookup is one piece of work
  *prepare(): Work<readonly Labels[]> {
    const { source, tenant, lookbackMs } = this.#context;
    const startMs = this.#moments.startMs - lookbackMs + 1;
    const endMs = this.#moments.endMs + lookbackMs;
    this.#set = source.select({ tenant, matchers: this.#spec.matchers, startMs, endMs });
    return this.#set.labels;
  }

  next(out: StepColumn): void {
    this.#set!.read(this.#nextSeries++, this.#samples);
    removeStaleMarkers(this.#samples);
    this.#context.account.hold(interpolate(this.#samples, this.#moments, this.#context.lookbackMs, out));
  }

  close(): void {
    this.#set = undefined;
  }
}

/** Returns how many steps have a value. */
function interpolate(samples: SampleColumns, moments: Moments, lookbackMs: number, out: StepColumn): number {
  const { timestampsMs, values, count } = samples;
  const { values: outValues, present } = out;
  let presentCount = 0;
  let next = 0;
  for (let step = 0; step < present.length; step++) {
    const momentMs = moments.startMs + step * moments.stepMs;
    while (next < count && timestampsMs[next]! < momentMs) next += 1;
    const before = next - 1;
    const isBefore = before >= 0 && timestampsMs[before]! > momentMs - lookbackMs;
    const isBehind = next < count && timestampsMs[next]! <= momentMs + lookbackMs;
    present[step] = ABSENT;
    if (isBehind && timestampsMs[next] === momentMs) outValues[step] = values[next]!;
    else if (!isBefore) continue;
    else if (!isBehind) outValues[step] = values[before]!;
    else {
      const rise = (values[next]! - values[before]!) * (momentMs - timestampsMs[before]!);
      outValues[step] = values[before]! + rise / (timestampsMs[next]! - timestampsMs[before]!);
    }
    present[step] = FLOAT;
    presentCount += 1;
  }
  return presentCount;
}
