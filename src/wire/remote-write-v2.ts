import type { PocketCortexError } from '../model/errors.ts';
import { Labels } from '../model/labels.ts';
import { Scratch } from '../model/scratch.ts';
import type { SeriesBytesForm, SeriesFinder } from '../model/series-finder.ts';
import type { BatchExemplar, BatchHistogram, MetricType, WriteBatch } from '../model/write-batch.ts';
import type { KnownTables } from './known-tables.ts';
import { LabelFieldWriter } from './label-field-writer.ts';
import { LabelRefs } from './label-refs.ts';
import { MetadataRefs } from './metadata-refs.ts';
import { type FieldNames, malformed, ProtoReader } from './proto-reader.ts';
import { metricTypes, skipReference } from './remote-write.ts';
import { readHistogram } from './remote-write-histogram.ts';
import { grown, SampleColumns } from './sample-columns.ts';
import { SeriesByRefs } from './series-by-refs.ts';
import type { SymbolNumbers } from './symbol-numbers.ts';
import { SymbolTable } from './symbol-table.ts';

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
  /** Numbers of texts, from request to request: with them the batch names series by them. */
  readonly symbolNumbers?: SymbolNumbers;
  /** What senders repeat, from request to request. Used together with `symbolNumbers` and `seriesFinder`. */
  readonly knownTables?: KnownTables;
  /** Finds series of the tenant; with it the batch says which were found. */
  readonly seriesFinder?: (form: SeriesBytesForm) => SeriesFinder;
  /** Where the batch has its columns. */
  readonly scratch?: Scratch;
}

/**
 * Decodes a remote-write 2.0 request to what its 1.0 twin would be. The batch borrows `body`; its label fields are written
 * when they are asked for. Fields that nobody knows are passed over.
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

interface LabelFields {
  readonly writer: LabelFieldWriter;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

class RequestDecoder {
  readonly #options: RemoteWriteV2Options;
  readonly #scratch: Scratch;
  readonly #reader: ProtoReader;
  readonly #view: DataView;
  readonly #symbols: SymbolTable;

  readonly #labels: LabelRefs;
  readonly #seriesByRefs: SeriesByRefs;

  #seriesCount = 0;
  #samplesStart: Uint32Array;

  readonly #metadata: MetadataRefs;
  readonly #samples: SampleColumns;
  readonly #histograms: BatchHistogram[] = [];
  readonly #exemplars: ExemplarRefs[] = [];

  constructor(body: Uint8Array, options: RemoteWriteV2Options) {
    this.#options = options;
    const { scratch = new Scratch() } = options;
    this.#scratch = scratch;
    this.#reader = new ProtoReader(body);
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#symbols = new SymbolTable(body, scratch);
    // A series with ten labels and one sample rarely takes less; the columns grow when it does.
    const capacity = (body.length >>> 6) + 8;
    this.#labels = new LabelRefs(body, scratch, capacity);
    this.#seriesByRefs = new SeriesByRefs(
      { reader: this.#reader, view: this.#view, symbols: this.#symbols, labels: this.#labels, scratch, capacity },
      options,
    );
    this.#samplesStart = scratch.uint32(capacity + 1);
    this.#samplesStart[0] = 0;
    this.#metadata = new MetadataRefs(scratch, capacity);
    this.#samples = new SampleColumns(this.#view, scratch, capacity);
  }

  decode(): void {
    const reader = this.#reader;
    this.#seriesByRefs.skipKnownTable();
    while (reader.position < reader.end) {
      const tag = reader.tag('WriteRequestV2');
      switch (tag) {
        case 0x22: {
          const length = reader.length();
          this.#symbols.add(reader.position, reader.position + length);
          reader.position += length;
          break;
        }
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
    const names = this.#seriesByRefs.names(seriesCount);
    const found = names && this.#seriesByRefs.found(names, seriesCount);
    // What may grow beyond the limit is written at once, to know.
    let fields = names === undefined ? this.#newFields() : undefined;
    const exemplars: BatchExemplar[] = [];
    let exemplarIndex = 0;
    let histogramIndex = 0;
    for (let i = 0; i < seriesCount; i++) {
      this.#labels.check(i, this.#symbols);
      if (this.#samplesStart[i] === this.#samplesStart[i + 1]) {
        const isExemplarOnly = this.#options.exemplarOnlySeries && this.#exemplars[exemplarIndex]?.seriesIndex === i;
        if (this.#histograms[histogramIndex]?.seriesIndex !== i && !isExemplarOnly) throw this.#withoutSamples(i);
      }
      while (this.#histograms[histogramIndex]?.seriesIndex === i) histogramIndex += 1;
      this.#symbols.check('UnitRef', this.#metadata.unitOf(i));
      if (fields) this.#writeLabels(fields, i);
      for (; this.#exemplars[exemplarIndex]?.seriesIndex === i; exemplarIndex++) {
        exemplars.push(this.#exemplar(this.#exemplars[exemplarIndex]!));
      }
      this.#collectMetadata(i);
    }
    const writtenFields = (): LabelFields => {
      if (fields !== undefined) return fields;
      fields = this.#newFields();
      for (let i = 0; i < seriesCount; i++) this.#writeLabels(fields, i);
      return fields;
    };
    const startsMs = this.#options.startTimestamps ? this.#samples.startsMs() : undefined;
    return {
      get body() {
        return writtenFields().writer.bytes();
      },
      get labelsStart() {
        return writtenFields().starts;
      },
      get labelsEnd() {
        return writtenFields().ends;
      },
      seriesCount,
      samplesStart: this.#samplesStart.subarray(0, seriesCount + 1),
      timestampsMs: this.#samples.timestampsMs(),
      values: this.#samples.values(),
      ...(startsMs && { startsMs }),
      histograms: this.#histograms,
      exemplars,
      metadata: this.#metadata.entries,
      metadataCounts: this.#metadata.counts,
      ...(names && { names }),
      ...(found && { found }),
    };
  }

  #series(): void {
    const reader = this.#reader;
    const seriesIndex = this.#seriesCount;
    if (seriesIndex === this.#samplesStart.length - 1) this.#growSeries();
    this.#metadata.begin(seriesIndex);
    this.#labels.begin(seriesIndex);
    const firstSample = this.#samples.count;
    const firstHistogram = this.#histograms.length;
    let createdMs = 0;
    const outerEnd = reader.enter();
    this.#seriesByRefs.find(seriesIndex);
    while (reader.position < reader.end) {
      const tag = reader.tag('TimeSeriesV2');
      switch (tag) {
        case 0x0a:
          this.#seriesByRefs.expectMore(seriesIndex);
          this.#labels.readPacked(reader, seriesIndex);
          break;
        case 0x08:
          this.#seriesByRefs.expectMore(seriesIndex);
          this.#labels.readOne(reader, seriesIndex);
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
    this.#labels.endSeries(seriesIndex);
    this.#samplesStart[seriesIndex + 1] = this.#samples.count;
    this.#seriesCount = seriesIndex + 1;
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
    // Of what is said twice the last word counts, within a message and over several of them.
    let type = this.#metadata.typeOf(seriesIndex);
    let help = this.#metadata.helpOf(seriesIndex);
    let unit = this.#metadata.unitOf(seriesIndex);
    while (reader.position < reader.end) {
      const tag = reader.tag('MetadataV2');
      if (tag === 0x08) type = reader.uint32();
      else if (tag === 0x18) help = reader.uint32();
      else if (tag === 0x20) unit = reader.uint32();
      else reader.skipUnknown(tag, metadataFields);
    }
    reader.leave(outerEnd);
    this.#metadata.set(seriesIndex, type, help, unit);
  }

  #withoutSamples(seriesIndex: number): PocketCortexError {
    const flat = this.#labels.texts(seriesIndex, this.#symbols);
    const pairs: [string, string][] = [];
    for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i]!, flat[i + 1]!]);
    return malformed(`TimeSeries must contain at least one sample or histogram for series ${Labels.of(pairs)}`);
  }

  #newFields(): LabelFields {
    return {
      writer: new LabelFieldWriter(this.#reader.bytes, this.#options.labelsLimitBytes),
      starts: new Uint32Array(this.#seriesCount),
      ends: new Uint32Array(this.#seriesCount),
    };
  }

  #writeLabels({ writer, starts, ends }: LabelFields, seriesIndex: number): void {
    starts[seriesIndex] = writer.length;
    const type = this.#metadata.typeOf(seriesIndex);
    const unit = this.#metadata.unitOf(seriesIndex);
    if (this.#options.typeAndUnitLabels && (type !== 0 || !this.#symbols.isEmpty(unit))) {
      this.#writeTypedLabels(writer, seriesIndex, metricTypes[type] ?? 'unknown', this.#symbols.text(unit));
    } else {
      this.#labels.write(seriesIndex, this.#symbols, writer);
    }
    ends[seriesIndex] = writer.length;
  }

  /** Metadata win over labels of their names. */
  #writeTypedLabels(into: LabelFieldWriter, seriesIndex: number, type: MetricType, unit: string): void {
    const flat = this.#labels.texts(seriesIndex, this.#symbols);
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] !== TYPE_LABEL && flat[i] !== UNIT_LABEL) into.writeText(flat[i]!, flat[i + 1]!);
    }
    if (type !== 'unknown') into.writeText(TYPE_LABEL, type);
    if (unit !== '') into.writeText(UNIT_LABEL, unit);
  }

  #exemplar({ seriesIndex, refs, value, timestampMs }: ExemplarRefs): BatchExemplar {
    const symbols = this.#symbols;
    symbols.checkPairs(refs, 0, refs.length);
    const labels: [string, string][] = [];
    for (let i = 0; i < refs.length; i += 2) labels.push([symbols.text(refs[i]!), symbols.text(refs[i + 1]!)]);
    return { seriesIndex, labels, value, timestampMs };
  }

  #collectMetadata(seriesIndex: number): void {
    if (this.#metadata.isEmpty(seriesIndex)) return;
    const metric = this.#labels.metric(seriesIndex, this.#symbols);
    if (metric === undefined) throw malformed('no metric name label');
    this.#symbols.check('HelpRef', this.#metadata.helpOf(seriesIndex));
    this.#metadata.collect(seriesIndex, metric, this.#symbols);
  }

  #growSeries(): void {
    const capacity = (this.#samplesStart.length - 1) * 2;
    this.#labels.grow(capacity);
    this.#seriesByRefs.grow(capacity);
    this.#samplesStart = grown(this.#samplesStart, this.#scratch.uint32(capacity + 1));
    this.#metadata.grow(capacity);
  }
}
