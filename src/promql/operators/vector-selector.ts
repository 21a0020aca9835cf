import { ABSENT, FLOAT, SampleColumns, type StepColumn, type StepGrid, setHistogram } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SeriesSet } from '../../model/series-source.ts';
import type { Work } from '../../model/work.ts';
import { ByTimes } from './by-times.ts';
import { HistogramStatistics } from './histogram-statistics.ts';
import { NewestSamples, type SelectedMoments } from './newest-samples.ts';
import type { VectorOperator } from './operator.ts';
import { executionError, type QueryContext } from './query-context.ts';
import { weightOf } from './sample-weight.ts';
import { momentsOf } from './windows.ts';

export interface SelectorSpec {
  readonly matchers: readonly Matcher[];
  readonly offsetMs: number;
  /** The moment of an `@`: stands for every step. */
  readonly atMs: number | undefined;
  /** Later samples are not seen. */
  readonly lastMs?: number;
  /** What is made of the values needs no more of native histograms than their counts and sums. */
  readonly isForStatistics: boolean;
}

/**
 * What a selector yields: values, or for `timestamp()` the samples' own times in seconds, or when their counters began.
 * Of info series it is the times too, but those have to be floats.
 */
export type SelectorYield = 'value' | 'timestamp' | 'info-timestamp' | 'start-timestamp';

/** `up{job="api"}`: at every step the newest sample in `(step - lookback, step]`, unless that is a staleness marker. */
export class VectorSelectorOperator implements VectorOperator {
  readonly areDistinct = true;
  readonly #context: QueryContext;
  readonly #spec: SelectorSpec;
  readonly #yields: SelectorYield;
  readonly #moments: SelectedMoments;
  readonly #samples = new SampleColumns();
  readonly #newest: ByTimes<NewestSamples>;
  #set: SeriesSet | undefined;
  #nextSeries = 0;

  constructor(context: QueryContext, grid: StepGrid, spec: SelectorSpec, yields: SelectorYield = 'value') {
    this.#context = context;
    this.#spec = spec;
    this.#yields = yields;
    const isTimeOfSample = yields === 'timestamp' || yields === 'start-timestamp';
    const moments = selectedMoments(grid, spec, context.lookbackMs, isTimeOfSample);
    this.#moments = moments;
    this.#newest = new ByTimes(grid.count, () => new NewestSamples(moments, grid.count));
  }

  *prepare(): Work<readonly Labels[]> {
    const { source, tenant } = this.#context;
    const { matchers, lastMs = Infinity } = this.#spec;
    const { startMs, endMs, lookbackMs } = this.#moments;
    this.#set = yield* source.selectInSlices({
      tenant,
      matchers,
      // A sample exactly one lookback old is out, and times are whole milliseconds.
      startMs: startMs - lookbackMs + 1,
      endMs: Math.min(endMs, lastMs),
    });
    return this.#set.labels;
  }

  next(out: StepColumn): void {
    const samples = this.#samples;
    const series = this.#nextSeries++;
    this.#set!.read(series, samples);
    const moments = this.#moments;
    out.histograms = undefined;
    let taken: number;
    if (this.#yields !== 'value') {
      if (this.#yields === 'info-timestamp' && samples.histograms) {
        takeLatestMixed(samples, moments, undefined, out);
        if (out.histograms) {
          const labels = this.#set!.labels[series]!;
          throw executionError(`this should be an info metric, with float samples: ${labels}`);
        }
      }
      const times = this.#yields === 'start-timestamp' ? startTimes(samples) : samples.timestampsMs;
      taken = this.#newest.of(samples).take(samples, times, out);
      if (this.#yields === 'start-timestamp' && samples.startTimestampsMs === undefined) out.present.fill(ABSENT);
      toSeconds(out.values);
    } else if (samples.histograms === undefined) {
      taken = this.#newest.of(samples).take(samples, samples.values, out);
    } else {
      const { isForStatistics } = this.#spec;
      const statistics = isForStatistics ? new HistogramStatistics(this.#context.features) : undefined;
      taken = takeLatestMixed(samples, moments, statistics, out);
    }
    this.#context.account.countReads(taken);
    this.#context.account.hold(taken);
  }

  close(): void {
    this.#set = undefined;
  }
}

/**
 * For the times of its samples Prometheus looks up what a selector with both `@` and `offset` has read as if it had no offset:
 * of the samples that one lookback before either moment and the other have in common it takes the newest.
 *
 * ```
 * read        |----------lookback---------@ - offset
 * looked up            |----------lookback---------@
 * ```
 */
function selectedMoments(
  grid: StepGrid,
  spec: SelectorSpec,
  lookbackMs: number,
  isTimeOfSample: boolean,
): SelectedMoments {
  const moments = momentsOf(grid, spec);
  if (!isTimeOfSample || spec.atMs === undefined || spec.offsetMs === 0) return { ...moments, lookbackMs };
  const earlierMs = Math.min(spec.atMs, moments.startMs);
  const commonMs = Math.max(0, lookbackMs - Math.abs(spec.offsetMs));
  return { startMs: earlierMs, stepMs: 0, endMs: earlierMs, lookbackMs: commonMs };
}

/** `NewestSamples` of a series with native histograms. Returns what the values count as. */
function takeLatestMixed(
  samples: SampleColumns,
  { startMs, stepMs, lookbackMs }: SelectedMoments,
  statistics: HistogramStatistics | undefined,
  out: StepColumn,
): number {
  const { timestampsMs, count } = samples;
  const histograms = samples.histograms!;
  const stepCount = out.present.length;
  let weight = 0;
  let following = 0;
  let readCount = 0;
  let bare: NativeHistogram | undefined;
  for (let step = 0; step < stepCount; step++) {
    const momentMs = startMs + step * stepMs;
    const oldestMs = momentMs - lookbackMs + 1;
    if (following < count && timestampsMs[following]! < oldestMs) {
      // Prometheus skips to the lookback without reading what lies before.
      while (following < count && timestampsMs[following]! < oldestMs) following += 1;
      readCount = following;
      statistics?.forget();
    }
    while (following < count && timestampsMs[following]! < momentMs) following += 1;
    const latest = following < count && timestampsMs[following] === momentMs ? following : following - 1;
    if (statistics) {
      for (; readCount <= latest; readCount++) {
        const histogram = histograms[readCount];
        if (histogram && !histogram.isStale) bare = statistics.next(histogram);
      }
    }
    out.present[step] = ABSENT;
    if (latest < 0 || timestampsMs[latest]! < oldestMs || samples.isStale(latest)) continue;
    const histogram = statistics && histograms[latest] ? bare : histograms[latest];
    if (histogram) {
      setHistogram(out, step, histogram);
      weight += weightOf(histogram);
    } else {
      out.values[step] = samples.values[latest]!;
      out.present[step] = FLOAT;
      weight += 1;
    }
  }
  return weight;
}

/** 0 where a sample does not tell. */
function startTimes({ startTimestampsMs, count }: SampleColumns): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => startTimestampsMs?.[index] ?? 0);
}

function toSeconds(values: Float64Array): void {
  for (let step = 0; step < values.length; step++) values[step] = values[step]! / 1000;
}
