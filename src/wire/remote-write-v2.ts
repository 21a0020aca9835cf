import type { PocketCortexError } from '../model/errors.ts';
import { Labels, METRIC_NAME } from '../model/labels.ts';
import { decodeUtf8 } from '../model/utf8.ts';
import type { BatchExemplar, BatchHistogram, MetricMetadata, MetricType, WriteBatch } from '../model/write-batch.ts';
import { LabelFieldWriter } from './label-field-writer.ts';
import { type FieldNames, malformed, ProtoReader } from './proto-reader.ts';
import { metricTypes, skipReference } from './remote-write.ts';
import { readHistogram } from './remote-write-histogram.ts';
import { grown, SampleColumns } from './sample-columns.ts';

/*
 * io.prometheus.write.v2.Request (remote write 2.0). Texts stand once, in a table of symbols, and are referred to by their
 * place in it; references of labels are pairs, name and value. A tag is `field number * 8 + wire type`:
 *
 *     Request     22 symbols*   2a timeseries*
 *     TimeSeries  0a label references (packed)   12 samples*   1a histograms*   22 exemplars*   2a metadata   30 created
 *     Sample      see sample-columns.ts
 *     Histogram   see remote-write-histogram.ts
 *     Exemplar    0a label references (packed)   11 value (8 bytes)   18 timestamp (varint)
 *     Metadata    08 type (varint)   18 help reference   20 unit reference
 */

const requestFields: FieldNames = {
  4: 'Symbols',
  5: 'Timeseries',
  6: 'Source',
  1000: 'SkipLabelNameValidation',
  1001: 'MessageWithBufRef',
};
const seriesFields: FieldNames = {
  1: 'LabelsRefs',
  2: 'Samples',
  3: 'Histograms',
  4: 'Exemplars',
  5: 'Metadata',
  6: 'CreatedTimestamp',
};
const exemplarFields: FieldNames = { 1: 'LabelsRefs', 2: 'Value', 3: 'Timestamp' };
const metadataFields: FieldNames = { 1: 'Type', 3: 'HelpRef', 4: 'UnitRef' };

const TYPE_LABEL = '__type__';
const UNIT_LABEL = '__unit__';

export interface RemoteWriteV2Options {
  /**
   * How many bytes the labels may take once every reference has become text: a small table and many references would
   * else make any amount of it.
   */
  readonly labelsLimitBytes: number;
  /** `-distributor.enable-type-and-unit-labels`: metadata also become the labels `__type__` and `__unit__`. */
  readonly typeAndUnitLabels: boolean;
  /** `-distributor.enable-start-timestamp`: start and created timestamps are kept. */
  readonly startTimestamps: boolean;
  /** `-pocket.accept-exemplar-only-series`: series with exemplars and no sample are taken, as Prometheus sends them. */
  readonly exemplarOnlySeries: boolean;
}

/**
 * Decodes a remote-write 2.0 request to what its 1.0 twin would be. The batch borrows `body`. Fields that nobody knows are
 * passed over.
 * @throws {PocketCortexError} `malformed-body`, with the text that Cortex has for it
 */
export function decodeRemoteWriteV2(body: Uint8Array, options: RemoteWriteV2Options): WriteBatch {
  const decoder = new RequestDecoder(body, options);
  // References are followed at the end: nothing says that the symbols come first.
  decoder.decode();
  return decoder.batch();
}

/** An exemplar whose labels are references still. */
interface ExemplarRefs {
  readonly seriesIndex: number;
  readonly refs: readonly number[];
  readonly value: number;
  readonly timestampMs: number;
}

class RequestDecoder {
  readonly #options: RemoteWriteV2Options;
  readonly #reader: ProtoReader;
  readonly #view: DataView;

  #symbolCount = 0;
  #symbolsStart = new Uint32Array(256);
  #symbolsEnd = new Uint32Array(256);
  readonly #texts = new Map<number, string>();

  /** References of labels: those of series `i` are `[refsStart[i], refsStart[i + 1])`. */
  #refs: Uint32Array;
  #refCount = 0;

  #seriesCount = 0;
  #refsStart: Uint32Array;
  #samplesStart: Uint32Array;
  /** Per series: type, help reference, unit reference. */
  #metadata: Uint32Array;

  readonly #samples: SampleColumns;
  readonly #histograms: BatchHistogram[] = [];
  readonly #exemplars: ExemplarRefs[] = [];

  constructor(body: Uint8Array, options: RemoteWriteV2Options) {
    this.#options = options;
    this.#reader = new ProtoReader(body);
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    // A series with ten labels and one sample rarely takes less; the columns grow when it does.
    const capacity = (body.length >>> 6) + 8;
    this.#refs = new Uint32Array(capacity * 8);
    this.#refsStart = new Uint32Array(capacity + 1);
    this.#samplesStart = new Uint32Array(capacity + 1);
    this.#metadata = new Uint32Array(capacity * 3);
    this.#samples = new SampleColumns(this.#view, capacity);
  }

  decode(): void {
    const reader = this.#reader;
    while (reader.position < reader.end) {
      const tag = reader.tag('WriteRequestV2');
      switch (tag) {
        case 0x22:
          this.#symbol();
          break;
        case 0x2a:
          this.#series();
          break;
        // What a Cortex adds to the message when it talks to itself; of no meaning here, but it has to be well-formed.
        case 6 * 8:
        case 1000 * 8:
          reader.skipVarint();
          break;
        case 1001 * 8 + 2:
          skipReference(reader);
          break;
        default:
          reader.skipUnknown(tag, requestFields);
      }
    }
  }

  /** @throws {PocketCortexError} `malformed-body` for the first series, in their order, that refers to what is not there */
  batch(): WriteBatch {
    const seriesCount = this.#seriesCount;
    const labels = new LabelFieldWriter(this.#reader.bytes, this.#options.labelsLimitBytes);
    const labelsStart = new Uint32Array(seriesCount);
    const labelsEnd = new Uint32Array(seriesCount);
    const exemplars: BatchExemplar[] = [];
    const metadata: MetricMetadata[] = [];
    let exemplarIndex = 0;
    let histogramIndex = 0;
    for (let i = 0; i < seriesCount; i++) {
      this.#checkRefs(this.#refs, this.#refsStart[i]!, this.#refsStart[i + 1]!);
      const isWithoutSamples =
        this.#samplesStart[i] === this.#samplesStart[i + 1] && this.#histograms[histogramIndex]?.seriesIndex !== i;
      const isExemplarOnly = this.#options.exemplarOnlySeries && this.#exemplars[exemplarIndex]?.seriesIndex === i;
      if (isWithoutSamples && !isExemplarOnly) throw this.#withoutSamples(i);
      while (this.#histograms[histogramIndex]?.seriesIndex === i) histogramIndex += 1;
      this.#checkRef('UnitRef', this.#metadata[i * 3 + 2]!);
      labelsStart[i] = labels.length;
      this.#writeLabels(labels, i);
      labelsEnd[i] = labels.length;
      for (; this.#exemplars[exemplarIndex]?.seriesIndex === i; exemplarIndex++) {
        exemplars.push(this.#exemplar(this.#exemplars[exemplarIndex]!));
      }
      const entry = this.#metadataEntry(i);
      if (entry) metadata.push(entry);
    }
    const startsMs = this.#options.startTimestamps ? this.#samples.startsMs() : undefined;
    return {
      body: labels.bytes(),
      seriesCount,
      labelsStart,
      labelsEnd,
      samplesStart: this.#samplesStart.subarray(0, seriesCount + 1),
      timestampsMs: this.#samples.timestampsMs(),
      values: this.#samples.values(),
      ...(startsMs && { startsMs }),
      histograms: this.#histograms,
      exemplars,
      metadata,
    };
  }

  #symbol(): void {
    const reader = this.#reader;
    const index = this.#symbolCount;
    if (index === this.#symbolsStart.length) {
      this.#symbolsStart = grown(this.#symbolsStart, new Uint32Array(index * 2));
      this.#symbolsEnd = grown(this.#symbolsEnd, new Uint32Array(index * 2));
    }
    const length = reader.length();
    this.#symbolsStart[index] = reader.position;
    reader.position += length;
    this.#symbolsEnd[index] = reader.position;
    this.#symbolCount = index + 1;
  }

  #series(): void {
    const reader = this.#reader;
    const seriesIndex = this.#seriesCount;
    if (seriesIndex === this.#refsStart.length - 1) this.#growSeries();
    const firstSample = this.#samples.count;
    const firstHistogram = this.#histograms.length;
    let createdMs = 0;
    const outerEnd = reader.enter();
    while (reader.position < reader.end) {
      const tag = reader.tag('TimeSeriesV2');
      switch (tag) {
        case 0x0a: {
          const packedEnd = reader.length() + reader.position;
          while (reader.position < packedEnd) this.#pushRef(reader.uint32());
          break;
        }
        case 0x08:
          this.#pushRef(reader.uint32());
          break;
        case 0x12:
          this.#samples.read(reader);
          break;
        case 0x1a: {
          const seriesEnd = reader.enter();
          this.#histograms.push(readHistogram(reader, this.#view, seriesIndex));
          reader.leave(seriesEnd);
          break;
        }
        case 0x22:
          this.#exemplars.push(this.#exemplarRefs(seriesIndex));
          break;
        case 0x2a:
          this.#metadataRefs(seriesIndex);
          break;
        case 0x30:
          createdMs = reader.int64();
          break;
        default:
          reader.skipUnknown(tag, seriesFields);
      }
    }
    reader.leave(outerEnd);
    this.#samples.fillStarts(firstSample, createdMs);
    for (let i = firstHistogram; i < this.#histograms.length; i++) {
      const histogram = this.#histograms[i]!;
      const startMs = this.#options.startTimestamps ? histogram.startMs || createdMs : 0;
      if (startMs !== histogram.startMs) this.#histograms[i] = { ...histogram, startMs };
    }
    this.#refsStart[seriesIndex + 1] = this.#refCount;
    this.#samplesStart[seriesIndex + 1] = this.#samples.count;
    this.#seriesCount = seriesIndex + 1;
  }

  #pushRef(ref: number): void {
    if (this.#refCount === this.#refs.length) {
      this.#refs = grown(this.#refs, new Uint32Array(this.#refs.length * 2));
    }
    this.#refs[this.#refCount++] = ref;
  }

  #exemplarRefs(seriesIndex: number): ExemplarRefs {
    const reader = this.#reader;
    const outerEnd = reader.enter();
    const refs: number[] = [];
    let value = 0;
    let timestampMs = 0;
    while (reader.position < reader.end) {
      const tag = reader.tag('ExemplarV2');
      switch (tag) {
        case 0x0a: {
          const packedEnd = reader.length() + reader.position;
          while (reader.position < packedEnd) refs.push(reader.uint32());
          break;
        }
        case 0x08:
          refs.push(reader.uint32());
          break;
        case 0x11:
          value = this.#view.getFloat64(reader.fixed64(), true);
          break;
        case 0x18:
          timestampMs = reader.int64();
          break;
        default:
          reader.skipUnknown(tag, exemplarFields);
      }
    }
    reader.leave(outerEnd);
    return { seriesIndex, refs, value, timestampMs };
  }

  #metadataRefs(seriesIndex: number): void {
    const reader = this.#reader;
    const outerEnd = reader.enter();
    while (reader.position < reader.end) {
      const tag = reader.tag('MetadataV2');
      switch (tag) {
        case 0x08:
          this.#metadata[seriesIndex * 3] = reader.uint32();
          break;
        case 0x18:
          this.#metadata[seriesIndex * 3 + 1] = reader.uint32();
          break;
        case 0x20:
          this.#metadata[seriesIndex * 3 + 2] = reader.uint32();
          break;
        default:
          reader.skipUnknown(tag, metadataFields);
      }
    }
    reader.leave(outerEnd);
  }

  #checkRefs(refs: ArrayLike<number>, start: number, end: number): void {
    if ((end - start) % 2 !== 0) throw malformed(`invalid labelRefs length ${end - start}`);
    const symbolCount = this.#symbolCount;
    for (let i = start; i < end; i += 2) {
      const [name, value] = [refs[i]!, refs[i + 1]!];
      if (name < symbolCount && value < symbolCount) continue;
      throw malformed(`labelRefs ${name} (name) = ${value} (value) outside of symbols table (size ${symbolCount})`);
    }
  }

  #checkRef(field: string, ref: number): void {
    if (ref < this.#symbolCount) return;
    throw malformed(`invalid ${field} ${ref}: exceeds symbols length ${this.#symbolCount}`);
  }

  #text(ref: number): string {
    return decodeUtf8(this.#reader.bytes, this.#symbolsStart[ref]!, this.#symbolsEnd[ref]!);
  }

  #withoutSamples(seriesIndex: number): PocketCortexError {
    const labels = Labels.of(this.#labelTexts(seriesIndex));
    return malformed(`TimeSeries must contain at least one sample or histogram for series ${labels}`);
  }

  #labelTexts(seriesIndex: number): [name: string, value: string][] {
    const pairs: [string, string][] = [];
    const end = this.#refsStart[seriesIndex + 1]!;
    for (let i = this.#refsStart[seriesIndex]!; i < end; i += 2) {
      pairs.push([this.#text(this.#refs[i]!), this.#text(this.#refs[i + 1]!)]);
    }
    return pairs;
  }

  #writeLabels(into: LabelFieldWriter, seriesIndex: number): void {
    const type = this.#metadata[seriesIndex * 3]!;
    const unit = this.#metadata[seriesIndex * 3 + 2]!;
    if (this.#options.typeAndUnitLabels && (type !== 0 || this.#symbolsEnd[unit]! > this.#symbolsStart[unit]!)) {
      this.#writeTypedLabels(into, seriesIndex, typeOf(type), this.#text(unit));
      return;
    }
    const end = this.#refsStart[seriesIndex + 1]!;
    for (let i = this.#refsStart[seriesIndex]!; i < end; i += 2) {
      const [name, value] = [this.#refs[i]!, this.#refs[i + 1]!];
      into.writeRanges(
        this.#symbolsStart[name]!,
        this.#symbolsEnd[name]!,
        this.#symbolsStart[value]!,
        this.#symbolsEnd[value]!,
      );
    }
  }

  /** Metadata win over labels of their names. */
  #writeTypedLabels(into: LabelFieldWriter, seriesIndex: number, type: MetricType, unit: string): void {
    for (const [name, value] of this.#labelTexts(seriesIndex)) {
      if (name !== TYPE_LABEL && name !== UNIT_LABEL) into.writeText(name, value);
    }
    if (type !== 'unknown') into.writeText(TYPE_LABEL, type);
    if (unit !== '') into.writeText(UNIT_LABEL, unit);
  }

  #exemplar({ seriesIndex, refs, value, timestampMs }: ExemplarRefs): BatchExemplar {
    this.#checkRefs(refs, 0, refs.length);
    const labels: [string, string][] = [];
    for (let i = 0; i < refs.length; i += 2) labels.push([this.#text(refs[i]!), this.#text(refs[i + 1]!)]);
    return { seriesIndex, labels, value, timestampMs };
  }

  #metadataEntry(seriesIndex: number): MetricMetadata | undefined {
    const [type, help, unit] = this.#metadata.subarray(seriesIndex * 3, seriesIndex * 3 + 3) as unknown as [
      number,
      number,
      number,
    ];
    if (type === 0 && help === 0 && unit === 0) return undefined;
    const metric = this.#metricRef(seriesIndex);
    if (metric === undefined) throw malformed('no metric name label');
    this.#checkRef('HelpRef', help);
    return {
      metric: this.#sharedText(metric),
      type: typeOf(type),
      help: this.#sharedText(help),
      unit: this.#sharedText(unit),
    };
  }

  #metricRef(seriesIndex: number): number | undefined {
    const end = this.#refsStart[seriesIndex + 1]!;
    for (let i = this.#refsStart[seriesIndex]!; i < end; i += 2) {
      const name = this.#refs[i]!;
      const isShort = this.#symbolsEnd[name]! - this.#symbolsStart[name]! === METRIC_NAME.length;
      if (isShort && this.#sharedText(name) === METRIC_NAME) return this.#refs[i + 1]!;
    }
    return undefined;
  }

  /** For texts that many series of a request have in common. */
  #sharedText(ref: number): string {
    const known = this.#texts.get(ref);
    if (known !== undefined) return known;
    const text = this.#text(ref);
    this.#texts.set(ref, text);
    return text;
  }

  #growSeries(): void {
    const capacity = (this.#refsStart.length - 1) * 2;
    this.#refsStart = grown(this.#refsStart, new Uint32Array(capacity + 1));
    this.#samplesStart = grown(this.#samplesStart, new Uint32Array(capacity + 1));
    this.#metadata = grown(this.#metadata, new Uint32Array(capacity * 3));
  }
}

function typeOf(number: number): MetricType {
  return metricTypes[number] ?? 'unknown';
}
