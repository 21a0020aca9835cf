import { quoteGo } from '../../model/go-quote.ts';

/** What Prometheus calls an operation in its notes about native histograms. */
export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation';

/** What warnings of conflicting hints begin with. */
export const CONFLICTING_RESETS = 'conflicting counter resets';

/** Texts about native histograms, in Prometheus's words, without `PromQL warning: ` or `PromQL info: `. */
export const histogramTexts = {
  mixedWithFloats: (metricName: string) =>
    `encountered a mix of histograms and floats for metric name ${quoteGo(metricName)}`,
  mixedWithFloatsInAggregation: () => 'encountered a mix of histograms and floats for aggregation',
  mixedSchemas: (metricName: string) =>
    `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${quoteGo(metricName)}`,
  notCounter: (metricName: string) => `this native histogram metric is not a counter: ${quoteGo(metricName)}`,
  notGauge: (metricName: string) => `this native histogram metric is not a gauge: ${quoteGo(metricName)}`,
  incompatibleBuckets: (op: string) => `incompatible bucket layout encountered for binary operator ${op}`,
  conflictingResets: (operation: HistogramOperation) => `${CONFLICTING_RESETS} during histogram ${operation}`,
  /** Infos from here on. */
  reconciledBounds: (operation: HistogramOperation) => `mismatched custom buckets were reconciled during ${operation}`,
  ignoredInAggregation: (op: string) => `ignored histogram in ${op} aggregation`,
  ignoredInRange: (metricName: string) =>
    `ignored histograms in a range containing both floats and histograms for metric name ${quoteGo(metricName)}`,
  incompatibleTypes: (left: string, op: string, right: string) =>
    `incompatible sample types encountered for binary operator ${quoteGo(op)}: ${left} ${op} ${right}`,
} as const;
