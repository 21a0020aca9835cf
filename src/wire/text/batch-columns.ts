import { writeStaleMarker } from '../../model/columns.ts';
import type { BatchExemplar, BatchHistogram, Exemplar, MetricMetadata, WriteBatch } from '../../model/write-batch.ts';
import { LabelFieldWriter } from '../label-field-writer.ts';

/** A batch is handed out when it has this much of anything. */
const BATCH_SAMPLES = 8192;
const BATCH_LABEL_BYTES = 1 << 20;
const BATCH_OBJECTS = 1024;
/** Each series has a sample or an object. */
const BATCH_SERIES = BATCH_SAMPLES + BATCH_OBJECTS;
/** What the labels of one batch may take: a line brings one series, and how long a line is has its own bound. */
const LABELS_LIMIT_BYTES = 256 << 20;

/**
 * Collects what a text says as a `WriteBatch`, in columns that are used again for the next one.
 *
 *     beginSeries()  labels.write…  then addSample, addHistogram, addExemplar…  for that series
 *
 * A series that gets nothing, because the rest of its line made no sense, is not there.
 */
export class BatchColumns {
  readonly labels = new LabelFieldWriter(new Uint8Array(0), LABELS_LIMIT_BYTES);
  readonly #labelsStart = new Uint32Array(BATCH_SERIES);
  readonly #labelsEnd = new Uint32Array(BATCH_SERIES);
  readonly #samplesStart = new Uint32Array(BATCH_SERIES + 1);
  readonly #timestampsMs = new Float64Array(BATCH_SAMPLES);
  readonly #values = new Float64Array(BATCH_SAMPLES);
  readonly #bits = new Uint32Array(this.#values.buffer);
  #histograms: BatchHistogram[] = [];
  #exemplars: BatchExemplar[] = [];
  #metadata: MetricMetadata[] = [];
  #seriesCount = 0;
  #sampleCount = 0;
  /** Where the labels of the series that was begun last start. */
  #pendingStart = 0;
  #isPending = false;
  /** Where the labels of series that got something end. */
  #keptBytes = 0;

  get isEmpty(): boolean {
    return this.#seriesCount === 0 && this.#metadata.length === 0;
  }

  /** Nothing more is added before the batch was taken. */
  get isFull(): boolean {
    return (
      this.room === 0 ||
      this.labels.length >= BATCH_LABEL_BYTES ||
      this.#histograms.length + this.#exemplars.length + this.#metadata.length >= BATCH_OBJECTS
    );
  }

  /** How many more samples there is room for. */
  get room(): number {
    return BATCH_SAMPLES - this.#sampleCount;
  }

  /** The labels that are written next are those of a new series. Whether it is one is not looked at. */
  beginSeries(): void {
    this.labels.clear(this.#keptBytes);
    this.#pendingStart = this.#keptBytes;
    this.#isPending = true;
  }

  /** Whether samples can be added to the series that was there last: `take` ends it. */
  get hasSeries(): boolean {
    return this.#seriesCount > 0 && !this.#isPending;
  }

  addSample(timestampMs: number, value: number): void {
    this.#keepSeries();
    this.#timestampsMs[this.#sampleCount] = timestampMs;
    this.#values[this.#sampleCount] = value;
    this.#samplesStart[this.#seriesCount] = ++this.#sampleCount;
  }

  addStaleMarker(timestampMs: number): void {
    this.addSample(timestampMs, 0);
    writeStaleMarker(this.#bits, this.#sampleCount - 1);
  }

  addHistogram(histogram: Omit<BatchHistogram, 'seriesIndex'>): void {
    this.#keepSeries();
    this.#histograms.push({ seriesIndex: this.#seriesCount - 1, ...histogram });
  }

  addExemplar(exemplar: Exemplar): void {
    this.#keepSeries();
    this.#exemplars.push({ seriesIndex: this.#seriesCount - 1, ...exemplar });
  }

  addMetadata(metadata: MetricMetadata): void {
    this.#metadata.push(metadata);
  }

  /** All that was added since. Borrowed: valid until something is added again. */
  take(): WriteBatch {
    const batch: WriteBatch = {
      body: this.labels.bytes(),
      seriesCount: this.#seriesCount,
      labelsStart: this.#labelsStart.subarray(0, this.#seriesCount),
      labelsEnd: this.#labelsEnd.subarray(0, this.#seriesCount),
      samplesStart: this.#samplesStart.subarray(0, this.#seriesCount + 1),
      timestampsMs: this.#timestampsMs.subarray(0, this.#sampleCount),
      values: this.#values.subarray(0, this.#sampleCount),
      histograms: this.#histograms,
      exemplars: this.#exemplars,
      metadata: this.#metadata,
    };
    this.#histograms = [];
    this.#exemplars = [];
    this.#metadata = [];
    this.#seriesCount = 0;
    this.#sampleCount = 0;
    this.#keptBytes = 0;
    this.#isPending = false;
    this.labels.clear();
    return batch;
  }

  #keepSeries(): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    this.#labelsStart[this.#seriesCount] = this.#pendingStart;
    this.#labelsEnd[this.#seriesCount] = this.labels.length;
    this.#seriesCount += 1;
    this.#samplesStart[this.#seriesCount] = this.#sampleCount;
    this.#keptBytes = this.labels.length;
  }
}
