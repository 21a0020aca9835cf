import { Scratch } from '../model/scratch.ts';
import type { SeriesFinder } from '../model/series-finder.ts';
import type { BatchExemplar, BatchHistogram, MetricMetadata, MetricType, WriteBatch } from '../model/write-batch.ts';
import { type FieldNames, ProtoReader } from './proto-reader.ts';
import { readHistogram } from './remote-write-histogram.ts';
import { checkLabel, readLabel, readText } from './remote-write-labels.ts';
import { grown, SampleColumns } from './sample-columns.ts';

/*
 * prometheus.WriteRequest (remote write 1.0). A tag is `field number * 8 + wire type`:
 *
 *     WriteRequest   0a timeseries*   1a metadata*
 *     TimeSeries     0a labels*   12 samples*   1a exemplars*   22 histograms*
 *     Label          0a name   12 value
 *     Sample         see sample-columns.ts
 *     Exemplar       0a labels*   11 value (8 bytes)   18 timestamp (varint)
 *     Histogram      see remote-write-histogram.ts
 *     MetricMetadata 08 type (varint)   12 metric   22 help   2a unit
 */

const requestFields: FieldNames = {
  1: 'Timeseries',
  2: 'Source',
  3: 'Metadata',
  1000: 'SkipLabelNameValidation',
  1001: 'MessageWithBufRef',
  1002: 'DiscardOutOfOrder',
};
const seriesFields: FieldNames = { 1: 'Labels', 2: 'Samples', 3: 'Exemplars', 4: 'Histograms' };
const exemplarFields: FieldNames = { 1: 'Labels', 2: 'Value', 3: 'TimestampMs' };
const metadataFields: FieldNames = { 1: 'Type', 2: 'MetricFamilyName', 4: 'Help', 5: 'Unit' };

/** By the number that stands for each. */
export const metricTypes: readonly MetricType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

/**
 * Decodes a remote-write 1.0 request. The batch borrows `body`, and has its columns in `scratch`. Labels are checked to be well-formed but not decoded
 * (`decodeLabels` does that), nor looked at when `finder` knows their bytes; fields that nobody knows are passed over.
 * @throws {PocketCortexError} `malformed-body`, with the text that Cortex has for it
 */
export function decodeRemoteWrite(
  body: Uint8Array,
  { finder, scratch = new Scratch() }: { readonly finder?: SeriesFinder | undefined; readonly scratch?: Scratch } = {},
): WriteBatch {
  const decoder = new WriteRequestDecoder(body, scratch, finder);
  decoder.decode();
  return decoder.batch();
}

/** Where the label fields of a series stand when other fields stand between them: [start, end, start, end, …]. */
interface ScatteredLabels {
  readonly seriesIndex: number;
  readonly ranges: number[];
}

class WriteRequestDecoder {
  readonly #reader: ProtoReader;
  readonly #view: DataView;
  readonly #finder: SeriesFinder | undefined;
  readonly #scratch: Scratch;

  #seriesCount = 0;
  #labelsStart: Uint32Array;
  #labelsEnd: Uint32Array;
  #foundRefs: Uint32Array;
  #samplesStart: Uint32Array;

  readonly #samples: SampleColumns;

  readonly #histograms: BatchHistogram[] = [];
  readonly #exemplars: BatchExemplar[] = [];
  readonly #metadata: MetricMetadata[] = [];
  readonly #scattered: ScatteredLabels[] = [];

  constructor(body: Uint8Array, scratch: Scratch, finder: SeriesFinder | undefined) {
    this.#finder = finder;
    this.#scratch = scratch;
    this.#reader = new ProtoReader(body);
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    // A series with its labels and one sample rarely takes less; the columns grow when it does.
    const capacity = (body.length >>> 7) + 8;
    this.#labelsStart = scratch.uint32(capacity);
    this.#labelsEnd = scratch.uint32(capacity);
    this.#foundRefs = scratch.uint32(capacity);
    this.#samplesStart = scratch.uint32(capacity + 1);
    this.#samplesStart[0] = 0;
    this.#samples = new SampleColumns(this.#view, scratch, capacity);
  }

  decode(): void {
    const reader = this.#reader;
    while (reader.position < reader.end) {
      const tag = reader.tag('WriteRequest');
      switch (tag) {
        case 0x0a:
          this.#series();
          break;
        case 0x1a:
          this.#metadata.push(this.#metadataEntry());
          break;
        // What a Cortex adds to the message when it talks to itself; of no meaning here, but it has to be well-formed.
        case 2 * 8:
        case 1000 * 8:
        case 1002 * 8:
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

  batch(): WriteBatch {
    const { body, labelsStart, labelsEnd } = this.#gatherLabels();
    const startsMs = this.#samples.startsMs();
    return {
      body,
      seriesCount: this.#seriesCount,
      labelsStart,
      labelsEnd,
      samplesStart: this.#samplesStart.subarray(0, this.#seriesCount + 1),
      timestampsMs: this.#samples.timestampsMs(),
      values: this.#samples.values(),
      ...(startsMs && { startsMs }),
      histograms: this.#histograms,
      exemplars: this.#exemplars,
      metadata: this.#metadata,
      ...(this.#finder && {
        found: { finder: this.#finder, seriesRefs: this.#foundRefs.subarray(0, this.#seriesCount) },
      }),
    };
  }

  #series(): void {
    const reader = this.#reader;
    const seriesIndex = this.#seriesCount;
    if (seriesIndex === this.#labelsStart.length) this.#growSeries();
    const outerEnd = reader.enter();
    let labelsStart = reader.position;
    let labelsEnd = labelsStart;
    let scattered: ScatteredLabels | undefined;
    const finder = this.#finder;
    let foundRef = 0;
    // Bytes that named a series before are well-formed.
    const matchedBytes = finder === undefined ? 0 : finder.matchNext(this.#view, labelsStart, reader.end);
    if (matchedBytes > 0) {
      foundRef = finder!.lastFound;
      labelsEnd = labelsStart + matchedBytes;
      reader.position = labelsEnd;
    }
    while (reader.position < reader.end) {
      const fieldStart = reader.position;
      const tag = reader.tag('TimeSeries');
      switch (tag) {
        case 0x0a:
          if (labelsEnd === labelsStart) {
            labelsStart = fieldStart;
          } else if (fieldStart !== labelsEnd) {
            scattered ??= { seriesIndex, ranges: [] };
            scattered.ranges.push(labelsStart, labelsEnd);
            labelsStart = fieldStart;
          }
          checkLabel(reader);
          labelsEnd = reader.position;
          foundRef = 0;
          break;
        case 0x12:
          this.#samples.read(reader);
          break;
        case 0x1a:
          this.#exemplars.push(this.#exemplar(seriesIndex));
          break;
        case 0x22: {
          const seriesEnd = reader.enter();
          this.#histograms.push(readHistogram(reader, this.#view, seriesIndex));
          reader.leave(seriesEnd);
          break;
        }
        default:
          reader.skipUnknown(tag, seriesFields);
      }
    }
    reader.leave(outerEnd);
    if (scattered) {
      scattered.ranges.push(labelsStart, labelsEnd);
      this.#scattered.push(scattered);
      foundRef = 0;
    } else if (finder !== undefined && foundRef === 0) {
      foundRef = finder.find(this.#view, labelsStart, labelsEnd);
    }
    this.#foundRefs[seriesIndex] = foundRef;
    this.#labelsStart[seriesIndex] = labelsStart;
    this.#labelsEnd[seriesIndex] = labelsEnd;
    this.#samplesStart[seriesIndex + 1] = this.#samples.count;
    this.#seriesCount = seriesIndex + 1;
  }

  #exemplar(seriesIndex: number): BatchExemplar {
    const reader = this.#reader;
    const outerEnd = reader.enter();
    const labels: [string, string][] = [];
    let value = 0;
    let timestampMs = 0;
    while (reader.position < reader.end) {
      const tag = reader.tag('Exemplar');
      switch (tag) {
        case 0x0a:
          labels.push(readLabel(reader));
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
    return { seriesIndex, labels, value, timestampMs };
  }

  #metadataEntry(): MetricMetadata {
    const reader = this.#reader;
    const outerEnd = reader.enter();
    let type: MetricType = 'unknown';
    let metric = '';
    let help = '';
    let unit = '';
    while (reader.position < reader.end) {
      const tag = reader.tag('MetricMetadata');
      switch (tag) {
        case 0x08:
          type = metricTypes[reader.int32()] ?? 'unknown';
          break;
        case 0x12:
          metric = readText(reader);
          break;
        case 0x22:
          help = readText(reader);
          break;
        case 0x2a:
          unit = readText(reader);
          break;
        default:
          reader.skipUnknown(tag, metadataFields);
      }
    }
    reader.leave(outerEnd);
    return { metric, type, help, unit };
  }

  /** The label ranges, over a body in which the labels of each series stand together. */
  #gatherLabels(): Pick<WriteBatch, 'body' | 'labelsStart' | 'labelsEnd'> {
    const { bytes } = this.#reader;
    const labelsStart = this.#labelsStart.subarray(0, this.#seriesCount);
    const labelsEnd = this.#labelsEnd.subarray(0, this.#seriesCount);
    const parts: Uint8Array[] = [bytes];
    let bodyBytes = bytes.length;
    for (const { seriesIndex, ranges } of this.#scattered) {
      labelsStart[seriesIndex] = bodyBytes;
      for (let i = 0; i < ranges.length; i += 2) {
        const part = bytes.subarray(ranges[i], ranges[i + 1]);
        parts.push(part);
        bodyBytes += part.length;
      }
      labelsEnd[seriesIndex] = bodyBytes;
    }
    return { body: parts.length === 1 ? bytes : Buffer.concat(parts, bodyBytes), labelsStart, labelsEnd };
  }

  #growSeries(): void {
    const capacity = this.#labelsStart.length * 2;
    this.#labelsStart = grown(this.#labelsStart, this.#scratch.uint32(capacity));
    this.#labelsEnd = grown(this.#labelsEnd, this.#scratch.uint32(capacity));
    this.#foundRefs = grown(this.#foundRefs, this.#scratch.uint32(capacity));
    this.#samplesStart = grown(this.#samplesStart, this.#scratch.uint32(capacity + 1));
  }
}

/** Steps over the message that a Cortex leaves in a request to itself. */
export function skipReference(reader: ProtoReader): void {
  const outerEnd = reader.enter();
  while (reader.position < reader.end) reader.skipUnknown(reader.tag('MessageWithBufRef'), {});
  reader.leave(outerEnd);
}
