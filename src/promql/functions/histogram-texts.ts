import { quoteGo } from '../../model/go-quote.ts';

/** What Prometheus calls an operation in its notes about native histograms. */
export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation';

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
  /**
   * Only heard inside of `histogram_count`, `histogram_sum` and `histogram_avg`: a store says of no histogram whether its
   * counter was reset, but who takes the buckets from it has to find out first (see `HistogramStatistics`). So it is in Cortex.
   */
  conflictingResets: (operation: HistogramOperation) => `conflicting counter resets during histogram ${operation}`,
  /** Infos from here on. */
  reconciledBounds: (operation: HistogramOperation) => `mismatched custom buckets were reconciled during ${operation}`,
  ignoredInAggregation: (op: string) => `ignored histogram in ${op} aggregation`,
  ignoredInRange: (metricName: string) =>
    `ignored histograms in a range containing both floats and histograms for metric name ${quoteGo(metricName)}`,
  incompatibleTypes: (left: string, op: string, right: string) =>
    `incompatible sample types encountered for binary operator ${quoteGo(op)}: ${left} ${op} ${right}`,
} as const;
