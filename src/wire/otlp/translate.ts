import { Writer } from 'protobufjs/minimal.js';
import { formatFloat } from '../../model/go-float.ts';
import { quoteGo } from '../../model/go-quote.ts';
import { MAX_EXPONENTIAL_SCHEMA, MIN_EXPONENTIAL_SCHEMA } from '../../model/native-histogram.ts';
import type { Exemplar, MetricMetadata, MetricType, WriteBatch } from '../../model/write-batch.ts';
import { writeHistogram } from '../histogram-encode.ts';
import { attributeText } from './attribute-text.ts';
import { type CollectedHistogram, CollectedSeries } from './collected-series.ts';
import { sparseBuckets } from './exponential-buckets.ts';
import {
  type Attributes,
  CUMULATIVE,
  DELTA,
  type ExponentialPoint,
  type HistogramPoint,
  type Metric,
  type MetricData,
  type MetricsRequest,
  type NumberPoint,
  type OtlpExemplar,
  type Point,
  type ResourceMetrics,
  type SummaryPoint,
} from './metrics.ts';
import { metricName, unitName } from './names.ts';
import { identifyingAttributes, labelsOfPoint, seriesOf } from './series-labels.ts';
import { TranslationError } from './translation-error.ts';

export interface TranslationOptions {
  /** `-distributor.otlp.add-metric-suffixes`: units and `_total` in names. */
  readonly metricSuffixes: boolean;
  /** `-distributor.otlp.disable-target-info`. */
  readonly targetInfo: boolean;
  /** `-distributor.otlp.allow-delta-temporality`: deltas are stored as they come. */
  readonly deltaTemporality: boolean;
  /** `-distributor.otlp.convert-all-attributes`: every attribute of a resource is one of its points too. */
  readonly allAttributes: boolean;
  /** `-distributor.promote-resource-attributes`: those that become labels. */
  readonly promotedAttributes: readonly string[];
  /** `-distributor.enable-type-and-unit-labels`. */
  readonly typeAndUnitLabels: boolean;
}

export interface Translation {
  readonly batch: WriteBatch;
  /** What was left out and why, in one text; '' when nothing was. */
  readonly problems: string;
  /** Nothing could be translated. */
  readonly isEmpty: boolean;
}

/** The zero bucket of what has no threshold of its own. */
const ZERO_THRESHOLD = 1e-128;
/** A `target_info` sample every so often, so that one is always within the lookback. */
const TARGET_INFO_INTERVAL_MS = 150_000;
/** A request whose points lie further apart than so many of them, some 130 days, has got its times wrong. */
const TARGET_INFO_LIMIT = 75_000;
/** OpenMetrics's bound on the labels of an exemplar. */
const EXEMPLAR_CHARACTER_LIMIT = 128;
const INFINITE_BOUND = '+Inf';
const NO_BOUNDS = new Float64Array(0);

/**
 * Translates an OTLP request to series, as Prometheus's converter in Cortex does it: names, units and labels in Prometheus's
 * form, explicit histograms as classic ones, exponential histograms as native ones, a `target_info` for every resource.
 */
export function translateMetrics(request: MetricsRequest, options: TranslationOptions): Translation {
  const translator = new Translator(options);
  for (const resource of request)
    translator.addResource(options.allAttributes ? withAllAttributes(resource) : resource);
  return translator.result();
}

class Translator {
  readonly #options: TranslationOptions;
  readonly #promoted: ReadonlySet<string>;
  readonly #series = new CollectedSeries();
  readonly #problems: string[] = [];
  /** Of `target_info`: series and time, told once each. */
  readonly #targetInfos = new Set<string>();

  constructor(options: TranslationOptions) {
    this.#options = options;
    this.#promoted = new Set(options.allAttributes ? [] : options.promotedAttributes);
  }

  result(): Translation {
    return { batch: this.#series.batch(), problems: this.#problems.join('; '), isEmpty: this.#series.isEmpty };
  }

  addResource({ attributes, metrics }: ResourceMetrics): void {
    let earliestMs = Infinity;
    let latestMs = 0;
    for (const metric of metrics) {
      for (const { timestampMs } of pointsOf(metric.data)) {
        earliestMs = Math.min(earliestMs, timestampMs);
        latestMs = Math.max(latestMs, timestampMs);
      }
      this.#guarded(() => this.#addMetric(attributes, metric));
    }
    if (earliestMs !== Infinity) this.#guarded(() => this.#addTargetInfo(attributes, earliestMs, latestMs));
  }

  #guarded(add: () => void): void {
    try {
      add();
    } catch (error) {
      if (!(error instanceof TranslationError)) throw error;
      this.#problems.push(error.message);
    }
  }

  #addMetric(resource: Attributes, metric: Metric): void {
    const { name, data, unit, description } = metric;
    if (data.kind === 'empty') {
      throw new TranslationError(
        `could not get aggregation temporality for ${name} as it has unsupported metric type Empty`,
      );
    }
    if ('temporality' in data && !this.#takesTemporality(data.temporality)) {
      throw new TranslationError(`invalid temporality and type combination for metric ${quoteGo(name)}`);
    }
    const built = metricName({ name, unit, kind: nameKindOf(data) }, { suffixes: this.#options.metricSuffixes });
    if (!built.ok) throw new TranslationError(built.message);
    if (data.points.length === 0) throw new TranslationError(`empty data points. ${name} is dropped`);
    const metadata = { metric: built.name, type: typeOf(data), help: description, unit: unitName(unit) };
    switch (data.kind) {
      case 'gauge':
        this.#addNumbers(resource, data.points, metadata, 'gauge');
        return;
      case 'sum':
        this.#addNumbers(resource, data.points, metadata, 'sum');
        return;
      case 'histogram':
        for (const point of data.points) this.#addHistogram(resource, point, metadata);
        return;
      case 'exponential-histogram':
        for (const point of data.points) this.#addExponential(resource, point, metadata, data.temporality);
        return;
      case 'summary':
        for (const point of data.points) this.#addSummary(resource, point, metadata);
    }
  }

  #takesTemporality(temporality: number): boolean {
    return temporality === CUMULATIVE || (this.#options.deltaTemporality && temporality === DELTA);
  }

  #addNumbers(
    resource: Attributes,
    points: readonly NumberPoint[],
    metadata: MetricMetadata,
    kind: 'gauge' | 'sum',
  ): void {
    for (const point of points) {
      const series = seriesOf(this.#labels(resource, point, metadata), metadata.metric);
      // Gauges are given no exemplars.
      const exemplars = kind === 'sum' ? exemplarsOf(point.exemplars) : [];
      this.#add(series, point, point.value, metadata, exemplars);
    }
  }

  #addHistogram(resource: Attributes, point: HistogramPoint, metadata: MetricMetadata): void {
    const labels = this.#labels(resource, point, metadata);
    const { metric } = metadata;
    if (point.sum !== undefined) this.#add(seriesOf(labels, `${metric}_sum`), point, point.sum, metadata);
    this.#add(seriesOf(labels, `${metric}_count`), point, point.count, metadata);
    const exemplars = exemplarsOf(point.exemplars);
    let nextExemplar = 0;
    let count = 0;
    for (let i = 0; i < point.explicitBounds.length && i < point.bucketCounts.length; i++) {
      const bound = point.explicitBounds[i]!;
      count += point.bucketCounts[i]!;
      const first = nextExemplar;
      // A bucket takes those that follow as long as they are not above its bound: they come sorted.
      while (nextExemplar < exemplars.length && !(exemplars[nextExemplar]!.value > bound)) nextExemplar += 1;
      const series = seriesOf(labels, `${metric}_bucket`, ['le', formatFloat(bound)]);
      this.#add(series, point, count, metadata, exemplars.slice(first, nextExemplar));
    }
    const last = seriesOf(labels, `${metric}_bucket`, ['le', INFINITE_BOUND]);
    this.#add(last, point, point.count, metadata, exemplars.slice(nextExemplar));
  }

  #addExponential(resource: Attributes, point: ExponentialPoint, metadata: MetricMetadata, temporality: number): void {
    const histogram = nativeHistogramOf(point, temporality);
    const series = seriesOf(this.#labels(resource, point, metadata), metadata.metric);
    const exemplars = exemplarsOf(point.exemplars);
    this.#series.addMetadata(metadata);
    this.#series.addHistogram(series, histogram, exemplars);
  }

  #addSummary(resource: Attributes, point: SummaryPoint, metadata: MetricMetadata): void {
    const labels = this.#labels(resource, point, metadata);
    const { metric } = metadata;
    this.#add(seriesOf(labels, `${metric}_sum`), point, point.sum, metadata);
    this.#add(seriesOf(labels, `${metric}_count`), point, point.count, metadata);
    for (const { quantile, value } of point.quantiles) {
      this.#add(seriesOf(labels, metric, ['quantile', formatFloat(quantile)]), point, value, metadata);
    }
  }

  #add(
    series: ReturnType<typeof seriesOf>,
    { timestampMs, isWithoutValue }: Point,
    value: number,
    metadata: MetricMetadata,
    exemplars: readonly Exemplar[] = [],
  ): void {
    this.#series.addMetadata(metadata);
    this.#series.addSample(series, { timestampMs, value: isWithoutValue ? undefined : value }, exemplars);
  }

  #labels(resource: Attributes, { attributes }: Point, { type, unit }: MetricMetadata): Map<string, string> {
    const { typeAndUnitLabels } = this.#options;
    const typed = typeAndUnitLabels ? { type: type === 'unknown' ? '' : type, unit } : {};
    return labelsOfPoint({ resource, attributes, promoted: this.#promoted, ...typed });
  }

  /** Nothing when the resource says no more than who it is, or not even that. */
  #addTargetInfo(resource: Attributes, earliestMs: number, latestMs: number): void {
    if (!this.#options.targetInfo) return;
    const attributes = resource.filter(({ key }) => !identifyingAttributes.includes(key));
    if (attributes.length === 0) return;
    const labels = labelsOfPoint({ resource, attributes, promoted: NONE });
    if (!labels.has('job') && !labels.has('instance')) return;
    if ((latestMs - earliestMs) / TARGET_INFO_INTERVAL_MS > TARGET_INFO_LIMIT) {
      throw new TranslationError('the times of the points lie too far apart for a target_info');
    }
    const series = seriesOf(labels, 'target_info');
    const metadata = { metric: 'target_info', type: 'gauge', help: 'Target metadata', unit: '' } as const;
    for (let timestampMs = earliestMs; ; timestampMs = Math.min(latestMs, timestampMs + TARGET_INFO_INTERVAL_MS)) {
      const key = `${timestampMs} ${series.key}`;
      if (!this.#targetInfos.has(key)) {
        this.#targetInfos.add(key);
        this.#series.addMetadata(metadata);
        this.#series.addSample(series, { timestampMs, value: 1 });
      }
      if (timestampMs >= latestMs) return;
    }
  }
}

const NONE: ReadonlySet<string> = new Set();

function pointsOf(data: MetricData): readonly Point[] {
  return data.kind === 'empty' ? [] : data.points;
}

function nameKindOf(data: MetricData): 'counter' | 'gauge' | 'other' {
  if (data.kind === 'gauge') return 'gauge';
  return data.kind === 'sum' && data.isMonotonic ? 'counter' : 'other';
}

/** Prometheus has no type for deltas. */
function typeOf(data: Exclude<MetricData, { readonly kind: 'empty' }>): MetricType {
  if ('temporality' in data && data.temporality === DELTA) return 'unknown';
  switch (data.kind) {
    case 'sum':
      return data.isMonotonic ? 'counter' : 'gauge';
    case 'exponential-histogram':
      return 'histogram';
    default:
      return data.kind;
  }
}

function nativeHistogramOf(point: ExponentialPoint, temporality: number): CollectedHistogram {
  const { scale, zeroCount, timestampMs, isWithoutValue } = point;
  if (scale < MIN_EXPONENTIAL_SCHEMA) {
    throw new TranslationError(
      `cannot convert exponential to native histogram. Scale must be >= ${MIN_EXPONENTIAL_SCHEMA}, was ${scale}`,
    );
  }
  const schema = Math.min(scale, MAX_EXPONENTIAL_SCHEMA);
  const positive = sparseBuckets(point.positive, scale - schema);
  const negative = sparseBuckets(point.negative, scale - schema);
  const histogram = {
    timestampMs,
    isInteger: true,
    isStale: isWithoutValue,
    schema,
    zeroThreshold: ZERO_THRESHOLD,
    zeroCount,
    count: isWithoutValue ? 0 : point.count,
    sum: isWithoutValue ? NaN : (point.sum ?? 0),
    positiveSpans: positive.spans,
    positiveCounts: positive.counts,
    negativeSpans: negative.spans,
    negativeCounts: negative.counts,
    customBounds: NO_BOUNDS,
    counterResetHint: temporality === DELTA ? 'gauge' : 'unknown',
  } as const;
  const writer = Writer.create();
  writeHistogram(writer, histogram);
  return { ...histogram, sizeBytes: writer.len };
}

function exemplarsOf(exemplars: readonly OtlpExemplar[]): Exemplar[] {
  return exemplars.map(({ attributes, timestampMs, value, traceId, spanId }) => {
    if (value === undefined) throw new TranslationError('unsupported exemplar value type: Empty');
    const ids: [string, string][] = [];
    if (traceId !== '') ids.push(['trace_id', traceId]);
    if (spanId !== '') ids.push(['span_id', spanId]);
    const others = attributes.map(({ key, value: text }): [string, string] => [key, attributeText(text)]);
    const characterCount = [...ids, ...others].flat().reduce((count, text) => count + [...text].length, 0);
    const labels = characterCount <= EXEMPLAR_CHARACTER_LIMIT ? [...ids, ...others] : ids;
    return { labels: labels.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)), value, timestampMs };
  });
}

/** Attributes of the resource win over those of the points. */
function withAllAttributes({ attributes, metrics }: ResourceMetrics): ResourceMetrics {
  const keys = new Set(attributes.map(({ key }) => key));
  const widened = <P extends Point>(points: readonly P[]): P[] =>
    points.map((point) => ({
      ...point,
      attributes: [...point.attributes.filter(({ key }) => !keys.has(key)), ...attributes],
    }));
  return {
    attributes,
    metrics: metrics.map((metric) => ({ ...metric, data: widenedData(metric.data, widened) })),
  };
}

function widenedData(data: MetricData, widened: <P extends Point>(points: readonly P[]) => P[]): MetricData {
  switch (data.kind) {
    case 'empty':
      return data;
    case 'gauge':
    case 'sum':
      return { ...data, points: widened(data.points) };
    case 'histogram':
      return { ...data, points: widened(data.points) };
    case 'exponential-histogram':
      return { ...data, points: widened(data.points) };
    case 'summary':
      return { ...data, points: widened(data.points) };
  }
}
