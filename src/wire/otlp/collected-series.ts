import { writeStaleMarker } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { BatchExemplar, BatchHistogram, Exemplar, MetricMetadata, WriteBatch } from '../../model/write-batch.ts';
import { LabelFieldWriter } from '../label-field-writer.ts';

/** What a translation yields: samples by series, in the order in which series appeared, and metadata by metric. */
export class CollectedSeries {
  readonly #series = new Map<string, OneSeries>();
  readonly #metadata = new Map<string, MetricMetadata>();

  get isEmpty(): boolean {
    return this.#series.size === 0;
  }

  addSample(labels: Labels, sample: CollectedSample, exemplars: readonly Exemplar[] = []): void {
    const series = this.#find(labels);
    series.samples.push(sample);
    series.exemplars.push(...exemplars);
  }

  addHistogram(labels: Labels, histogram: CollectedHistogram, exemplars: readonly Exemplar[]): void {
    const series = this.#find(labels);
    series.histograms.push(histogram);
    series.exemplars.push(...exemplars);
  }

  /** The first of a metric stays. */
  addMetadata(metadata: MetricMetadata): void {
    if (!this.#metadata.has(metadata.metric)) this.#metadata.set(metadata.metric, metadata);
  }

  /** All of it as a write request. */
  batch(): WriteBatch {
    const labels = new LabelFieldWriter(new Uint8Array(0), Infinity);
    const seriesCount = this.#series.size;
    const sampleCount = [...this.#series.values()].reduce((count, { samples }) => count + samples.length, 0);
    const labelsStart = new Uint32Array(seriesCount);
    const labelsEnd = new Uint32Array(seriesCount);
    const samplesStart = new Uint32Array(seriesCount + 1);
    const timestampsMs = new Float64Array(sampleCount);
    const values = new Float64Array(sampleCount);
    const bits = new Uint32Array(values.buffer);
    const histograms: BatchHistogram[] = [];
    const exemplars: BatchExemplar[] = [];
    let at = 0;
    let seriesIndex = 0;
    for (const series of this.#series.values()) {
      labelsStart[seriesIndex] = labels.length;
      for (const [name, value] of series.labels) labels.writeText(name, value);
      labelsEnd[seriesIndex] = labels.length;
      for (const { timestampMs, value } of series.samples) {
        timestampsMs[at] = timestampMs;
        if (value === undefined) writeStaleMarker(bits, at);
        else values[at] = value;
        at += 1;
      }
      for (const histogram of series.histograms) histograms.push({ seriesIndex, startMs: 0, ...histogram });
      for (const exemplar of series.exemplars) exemplars.push({ seriesIndex, ...exemplar });
      samplesStart[++seriesIndex] = at;
    }
    return {
      body: labels.bytes(),
      seriesCount,
      labelsStart,
      labelsEnd,
      samplesStart,
      timestampsMs,
      values,
      histograms,
      exemplars,
      metadata: [...this.#metadata.values()],
    };
  }

  #find(labels: Labels): OneSeries {
    const found = this.#series.get(labels.key);
    if (found) return found;
    const series: OneSeries = { labels, samples: [], histograms: [], exemplars: [] };
    this.#series.set(labels.key, series);
    return series;
  }
}

export interface CollectedSample {
  readonly timestampMs: number;
  /** Undefined marks the series as stale. */
  readonly value: number | undefined;
}

export type CollectedHistogram = Omit<BatchHistogram, 'seriesIndex' | 'startMs'>;

interface OneSeries {
  readonly labels: Labels;
  readonly samples: CollectedSample[];
  readonly histograms: CollectedHistogram[];
  readonly exemplars: Exemplar[];
}
