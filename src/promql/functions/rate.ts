import { FLOAT, type StepColumn } from '../../model/columns.ts';
import { quoteGo } from '../../model/go-quote.ts';
import { countTransitions } from '../kernels/counts.ts';
import { boundedRate, extrapolatedRate, instantChange, type RateKind } from '../kernels/rate.ts';
import { rateFromStarts } from '../kernels/rate-from-starts.ts';
import { hasStartOverlap } from '../kernels/start-times.ts';
import { informAt, placeOf } from './annotate.ts';
import { boundedHistogramRate } from './histogram-bounded-rate.ts';
import { histogramRate, instantHistogramChange } from './histogram-rate.ts';
import type { PromqlFunction, RangeContext, RangeFunction, RangeWindows } from './types.ts';

/** Changes of counters and gauges over a range. */
export const rateFunctions = {
  rate: rateFunction({ isCounter: true, isPerSecond: true }),
  increase: rateFunction({ isCounter: true, isPerSecond: false }),
  delta: rateFunction({ isCounter: false, isPerSecond: false }),
  irate: instantRateFunction({ isCounter: true, isPerSecond: true }),
  idelta: instantRateFunction({ isCounter: false, isPerSecond: false }),
  resets: {
    kind: 'range',
    keepsMetricName: false,
    isOfSamplesAlone: true,
    apply: (windows, _scalars, out) => countTransitions(windows, 'resets', out),
  },
  changes: {
    kind: 'range',
    keepsMetricName: false,
    isOfSamplesAlone: true,
    apply: (windows, _scalars, out) => countTransitions(windows, 'changes', out),
  },
} as const satisfies Record<string, PromqlFunction>;

function rateFunction(kind: RateKind): RangeFunction {
  return {
    kind: 'range',
    keepsMetricName: false,
    apply(windows, _scalars, out, context) {
      const isBounded = windows.extension !== undefined;
      const hasStarts = kind.isCounter && windows.samples.startTimestampsMs !== undefined;
      if (isBounded) boundedRate(windows, kind, out);
      else if (hasStarts) rateFromStarts(windows, kind, out);
      else extrapolatedRate(windows, kind, out);
      if (hasStarts && !isBounded) warnOfStartOverlaps(windows, context);
      if (windows.samples.histograms) (isBounded ? boundedHistogramRate : histogramRate)(windows, kind, out, context);
      if (kind.isCounter && hasFloat(out)) informOfNonCounter(context);
    },
  };
}

function instantRateFunction(kind: RateKind): RangeFunction {
  return {
    kind: 'range',
    keepsMetricName: false,
    isOfSamplesAlone: true,
    apply(windows, _scalars, out, context) {
      instantChange(windows, kind, out);
      if (windows.samples.histograms) instantHistogramChange(windows, kind, out, context);
    },
  };
}

/** A counter that began before a sample of the one before it: times like that are not to be trusted. */
function warnOfStartOverlaps({ samples, from, to }: RangeWindows, context: RangeContext): void {
  const text = `PromQL warning: sample has start time that overlaps with previous sample timestamp for metric ${quoteGo(context.labels.metricName)}`;
  const place = placeOf(context, context.argSpans[0]!);
  for (let step = 0; step < from.length; step++) {
    if (hasStartOverlap(samples, from[step]!, to[step]! - 1)) context.annotations.warnEachTime(text, place);
  }
}

function hasFloat({ present }: StepColumn): boolean {
  for (let step = 0; step < present.length; step++) if (present[step] === FLOAT) return true;
  return false;
}

function isNamedAsCounter(metricName: string): boolean {
  return (
    metricName.endsWith('_total') ||
    metricName.endsWith('_bucket') ||
    metricName.endsWith('_count') ||
    metricName.endsWith('_sum')
  );
}

/** The metric that a call has told of last: mostly all its series are of one. */
const lastTold = new WeakMap<RangeContext, string>();

/** The rate of what does not look like a counter is most likely a mistake; Prometheus tells by the name or the type. */
function informOfNonCounter(context: RangeContext): void {
  const metricName = context.labels.metricName;
  if (metricName === '') return;
  const span = context.argSpans[0]!;
  if (context.features?.typeAndUnitLabels) {
    const type = context.labels.get('__type__');
    if (type === 'counter' || type === 'histogram') return;
    informAt(
      context,
      span,
      `metric might not be a counter, __type__ label is not set to "counter" or "histogram", got ${quoteGo(type)}: ${quoteGo(metricName)}`,
    );
  } else if (lastTold.get(context) !== metricName && !isNamedAsCounter(metricName)) {
    lastTold.set(context, metricName);
    informAt(
      context,
      span,
      `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quoteGo(metricName)}`,
    );
  }
}
