import { NativeHistogram } from '../model/native-histogram.ts';
import type { SeriesRef } from '../storage/types.ts';
import type { AppendPlan } from './append-plan.ts';

/** How far behind its tenant's newest a sample still comes in order: half the range of a block of Prometheus. */
const IN_ORDER_MS = 3_600_000;

export interface StartContext {
  /** The newest sample of the tenant. */
  readonly newestMs: number;
  /** The newest sample of a series. */
  readonly newestOfSeriesMs: (seriesRef: SeriesRef) => number;
}

export interface StartedPlan {
  readonly plan: AppendPlan;
  /** Which samples of `plan` the sender did not send, by their index. */
  readonly added: ReadonlySet<number>;
}

/**
 * Puts a zero where a counter says that it began, as Prometheus does it (`AppendSTZeroSample`): `rate` then sees its first
 * increase too. Only what would come in order is added, and where the start is not before the sample, nothing.
 */
export function addStartSamples(plan: AppendPlan, context: StartContext): StartedPlan {
  const { startsMs, samplesStart, seriesRefs, timestampsMs } = plan;
  if (!startsMs) return { plan, added: NOTHING };
  const addedBefore = new Set<number>();
  for (let run = 0; run < seriesRefs.length; run++) {
    let newestMs = context.newestOfSeriesMs(seriesRefs[run]!);
    for (let i = samplesStart[run]!; i < samplesStart[run + 1]!; i++) {
      const startMs = startsMs[i]!;
      const isInOrder = startMs > newestMs && startMs >= context.newestMs - IN_ORDER_MS;
      if (startMs !== 0 && startMs < timestampsMs[i]! && isInOrder) addedBefore.add(i);
      newestMs = Math.max(newestMs, timestampsMs[i]!);
    }
  }
  return addedBefore.size === 0 ? { plan, added: NOTHING } : spread(plan, startsMs, addedBefore);
}

const NOTHING: ReadonlySet<number> = new Set();

/** The plan with a sample more before each of those in `addedBefore`. */
function spread(plan: AppendPlan, startsMs: Float64Array, addedBefore: ReadonlySet<number>): StartedPlan {
  const { samplesStart, seriesRefs } = plan;
  const sampleCount = plan.timestampsMs.length + addedBefore.size;
  const timestampsMs = new Float64Array(sampleCount);
  const values = new Float64Array(sampleCount);
  // Values are copied as bits: a staleness marker is a NaN of its own.
  const [bits, sentBits] = [new BigUint64Array(values.buffer), bitsOf(plan.values)];
  const histograms = plan.histograms && new Array<NativeHistogram | undefined>(sampleCount).fill(undefined);
  const starts = new Uint32Array(seriesRefs.length + 1);
  const added = new Set<number>();
  let at = 0;
  for (let run = 0; run < seriesRefs.length; run++) {
    for (let i = samplesStart[run]!; i < samplesStart[run + 1]!; i++) {
      const histogram = plan.histograms?.[i];
      if (addedBefore.has(i)) {
        timestampsMs[at] = startsMs[i]!;
        if (histogram) histograms![at] = zeroLike(histogram);
        added.add(at++);
      }
      timestampsMs[at] = plan.timestampsMs[i]!;
      bits[at] = sentBits[i]!;
      if (histogram) histograms![at] = histogram;
      at += 1;
    }
    starts[run + 1] = at;
  }
  return { plan: { ...plan, samplesStart: starts, timestampsMs, values, histograms }, added };
}

function bitsOf(values: Float64Array): BigUint64Array {
  return new BigUint64Array(values.buffer, values.byteOffset, values.length);
}

/** Of the same layout, so that no new chunk has to begin. A start is a counter reset by its nature. */
function zeroLike({ schema, zeroThreshold, customBounds, isInteger }: NativeHistogram): NativeHistogram {
  return new NativeHistogram({
    schema,
    zeroThreshold,
    customBounds,
    isInteger,
    count: 0,
    sum: 0,
    counterResetHint: 'reset',
  });
}
