import { decodeUtf8 } from '../../model/utf8.ts';
import { FIXED64, LENGTH_DELIMITED, malformed, ProtoReader, VARINT } from '../proto-reader.ts';
import {
  type AnyValue,
  type Attribute,
  EMPTY_VALUE,
  type ExponentialBuckets,
  type ExponentialPoint,
  type HistogramPoint,
  type Metric,
  type MetricData,
  type MetricsRequest,
  millisecondsOf,
  type NumberPoint,
  type OtlpExemplar,
  type ResourceMetrics,
  type SummaryPoint,
} from './metrics.ts';

/*
 * opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest; the fields that are read, by number:
 *
 *     Request          1 resource metrics*
 *     ResourceMetrics  1 resource { 1 attributes* }   2 scope metrics*
 *     ScopeMetrics     2 metrics*
 *     Metric           1 name   2 description   3 unit   5 gauge | 7 sum | 9 histogram | 10 exponential | 11 summary
 *     Gauge            1 points*          Sum  1 points*   2 temporality   3 monotonic
 *     Histogram, ExponentialHistogram     1 points*   2 temporality          Summary  1 points*
 *     NumberPoint      3 time   4 double | 6 integer   5 exemplars*   7 attributes*   8 flags
 *     HistogramPoint   3 time   4 count   5 sum   6 counts*   7 bounds*   8 exemplars*   9 attributes*   10 flags
 *     ExponentialPoint 1 attributes*   3 time   4 count   5 sum   6 scale   7 zero count   8 positive   9 negative
 *                      10 flags   11 exemplars*
 *     Buckets          1 offset   2 counts*
 *     SummaryPoint     3 time   4 count   5 sum   6 quantiles* { 1 quantile   2 value }   7 attributes*   8 flags
 *     Exemplar         2 time   3 double | 6 integer   4 span   5 trace   7 attributes*
 *     KeyValue         1 key   2 value
 *     AnyValue         1 text | 2 bool | 3 integer | 4 double | 5 array { 1 values* } | 6 map { 1 entries* } | 7 bytes
 */

/** Nested deeper than this is nothing that anybody means; each level costs stack. */
const DEPTH_LIMIT = 100;
const NO_VALUE_FLAG = 1;
const NO_BUCKETS: ExponentialBuckets = { offset: 0, counts: [] };

/**
 * Decodes an OTLP export request; fields that are not needed are passed over.
 * @throws {PocketCortexError} `malformed-body`
 */
export function decodeOtlpProto(body: Uint8Array): MetricsRequest {
  return new RequestReader(body).request();
}

/** Reads one field, or says that it is none of those it knows. */
type ReadField = (tag: number) => boolean;

class RequestReader {
  readonly #reader: ProtoReader;
  readonly #view: DataView;
  #depth = 0;

  constructor(body: Uint8Array) {
    this.#reader = new ProtoReader(body);
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  }

  request(): MetricsRequest {
    const resources: ResourceMetrics[] = [];
    this.#fields('ExportMetricsServiceRequest', (tag) => {
      if (tag !== message(1)) return false;
      resources.push(this.#resourceMetrics());
      return true;
    });
    return resources;
  }

  #resourceMetrics(): ResourceMetrics {
    const attributes: Attribute[] = [];
    const metrics: Metric[] = [];
    this.#message('ResourceMetrics', (tag) => {
      if (tag === message(1)) {
        this.#message('Resource', (inner) => inner === message(1) && pushed(attributes, this.#attribute()));
        return true;
      }
      if (tag !== message(2)) return false;
      this.#message('ScopeMetrics', (inner) => inner === message(2) && pushed(metrics, this.#metric()));
      return true;
    });
    return { attributes, metrics };
  }

  #metric(): Metric {
    let [name, description, unit] = ['', '', ''];
    let data: MetricData = { kind: 'empty' };
    this.#message('Metric', (tag) => {
      switch (tag) {
        case message(1):
          name = this.#text();
          return true;
        case message(2):
          description = this.#text();
          return true;
        case message(3):
          unit = this.#text();
          return true;
        case message(5):
          data = { kind: 'gauge', points: this.#points('Gauge', () => this.#numberPoint()).points };
          return true;
        case message(7):
          data = { kind: 'sum', ...this.#points('Sum', () => this.#numberPoint()) };
          return true;
        case message(9):
          data = { kind: 'histogram', ...this.#points('Histogram', () => this.#histogramPoint()) };
          return true;
        case message(10):
          data = {
            kind: 'exponential-histogram',
            ...this.#points('ExponentialHistogram', () => this.#exponentialPoint()),
          };
          return true;
        case message(11):
          data = { kind: 'summary', points: this.#points('Summary', () => this.#summaryPoint()).points };
          return true;
        default:
          return false;
      }
    });
    return { name, description, unit, data };
  }

  #points<Point>(name: string, readPoint: () => Point) {
    const points: Point[] = [];
    let temporality = 0;
    let isMonotonic = false;
    this.#message(name, (tag) => {
      switch (tag) {
        case message(1):
          return pushed(points, readPoint());
        case varint(2):
          temporality = this.#reader.int32();
          return true;
        case varint(3):
          isMonotonic = this.#reader.int32() !== 0;
          return true;
        default:
          return false;
      }
    });
    return { points, temporality, isMonotonic };
  }

  #numberPoint(): NumberPoint {
    const attributes: Attribute[] = [];
    const exemplars: OtlpExemplar[] = [];
    let [timestampMs, value, flags] = [0, 0, 0];
    this.#message('NumberDataPoint', (tag) => {
      switch (tag) {
        case fixed64(3):
          timestampMs = this.#time();
          return true;
        case fixed64(4):
          value = this.#double();
          return true;
        case message(5):
          return pushed(exemplars, this.#exemplar());
        case fixed64(6):
          value = Number(this.#signed());
          return true;
        case message(7):
          return pushed(attributes, this.#attribute());
        case varint(8):
          flags = this.#reader.int32();
          return true;
        default:
          return false;
      }
    });
    return { attributes, timestampMs, isWithoutValue: isWithoutValue(flags), value, exemplars };
  }

  #histogramPoint(): HistogramPoint {
    const attributes: Attribute[] = [];
    const exemplars: OtlpExemplar[] = [];
    const bucketCounts: number[] = [];
    const explicitBounds: number[] = [];
    let [timestampMs, count, flags] = [0, 0, 0];
    let sum: number | undefined;
    this.#message('HistogramDataPoint', (tag) => {
      switch (tag) {
        case fixed64(3):
          timestampMs = this.#time();
          return true;
        case fixed64(4):
          count = Number(this.#unsigned());
          return true;
        case fixed64(5):
          sum = this.#double();
          return true;
        case fixed64(6):
        case message(6):
          this.#repeated(tag, () => bucketCounts.push(Number(this.#unsigned())));
          return true;
        case fixed64(7):
        case message(7):
          this.#repeated(tag, () => explicitBounds.push(this.#double()));
          return true;
        case message(8):
          return pushed(exemplars, this.#exemplar());
        case message(9):
          return pushed(attributes, this.#attribute());
        case varint(10):
          flags = this.#reader.int32();
          return true;
        default:
          return false;
      }
    });
    const common = { attributes, timestampMs, isWithoutValue: isWithoutValue(flags), exemplars };
    return { ...common, count, sum, bucketCounts, explicitBounds };
  }

  #exponentialPoint(): ExponentialPoint {
    const attributes: Attribute[] = [];
    const exemplars: OtlpExemplar[] = [];
    let [timestampMs, count, scale, zeroCount, flags] = [0, 0, 0, 0, 0];
    let sum: number | undefined;
    let [positive, negative] = [NO_BUCKETS, NO_BUCKETS];
    this.#message('ExponentialHistogramDataPoint', (tag) => {
      switch (tag) {
        case message(1):
          return pushed(attributes, this.#attribute());
        case fixed64(3):
          timestampMs = this.#time();
          return true;
        case fixed64(4):
          count = Number(this.#unsigned());
          return true;
        case fixed64(5):
          sum = this.#double();
          return true;
        case varint(6):
          scale = this.#zigzag();
          return true;
        case fixed64(7):
          zeroCount = Number(this.#unsigned());
          return true;
        case message(8):
          positive = this.#buckets();
          return true;
        case message(9):
          negative = this.#buckets();
          return true;
        case varint(10):
          flags = this.#reader.int32();
          return true;
        case message(11):
          return pushed(exemplars, this.#exemplar());
        default:
          return false;
      }
    });
    const common = { attributes, timestampMs, isWithoutValue: isWithoutValue(flags), exemplars };
    return { ...common, count, sum, scale, zeroCount, positive, negative };
  }

  #buckets(): ExponentialBuckets {
    let offset = 0;
    const counts: number[] = [];
    this.#message('Buckets', (tag) => {
      switch (tag) {
        case varint(1):
          offset = this.#zigzag();
          return true;
        case varint(2):
        case message(2):
          this.#repeated(tag, () => counts.push(this.#reader.int64()));
          return true;
        default:
          return false;
      }
    });
    return { offset, counts };
  }

  #summaryPoint(): SummaryPoint {
    const attributes: Attribute[] = [];
    const quantiles: { quantile: number; value: number }[] = [];
    let [timestampMs, count, sum, flags] = [0, 0, 0, 0];
    this.#message('SummaryDataPoint', (tag) => {
      switch (tag) {
        case fixed64(3):
          timestampMs = this.#time();
          return true;
        case fixed64(4):
          count = Number(this.#unsigned());
          return true;
        case fixed64(5):
          sum = this.#double();
          return true;
        case message(6):
          return pushed(quantiles, this.#quantile());
        case message(7):
          return pushed(attributes, this.#attribute());
        case varint(8):
          flags = this.#reader.int32();
          return true;
        default:
          return false;
      }
    });
    return { attributes, timestampMs, isWithoutValue: isWithoutValue(flags), count, sum, quantiles };
  }

  #quantile(): { quantile: number; value: number } {
    let [quantile, value] = [0, 0];
    this.#message('ValueAtQuantile', (tag) => {
      if (tag === fixed64(1)) quantile = this.#double();
      else if (tag === fixed64(2)) value = this.#double();
      else return false;
      return true;
    });
    return { quantile, value };
  }

  #exemplar(): OtlpExemplar {
    const attributes: Attribute[] = [];
    let timestampMs = 0;
    let value: number | undefined;
    let [spanId, traceId] = ['', ''];
    this.#message('Exemplar', (tag) => {
      switch (tag) {
        case fixed64(2):
          timestampMs = this.#time();
          return true;
        case fixed64(3):
          value = this.#double();
          return true;
        case message(4):
          spanId = this.#id('SpanID', 8);
          return true;
        case message(5):
          traceId = this.#id('TraceID', 16);
          return true;
        case fixed64(6):
          value = Number(this.#signed());
          return true;
        case message(7):
          return pushed(attributes, this.#attribute());
        default:
          return false;
      }
    });
    return { attributes, timestampMs, value, traceId, spanId };
  }

  #attribute(): Attribute {
    let key = '';
    let value = EMPTY_VALUE;
    this.#message('KeyValue', (tag) => {
      if (tag === message(1)) key = this.#text();
      else if (tag === message(2)) value = this.#value();
      else return false;
      return true;
    });
    return { key, value };
  }

  #value(): AnyValue {
    let value = EMPTY_VALUE;
    this.#message('AnyValue', (tag) => {
      switch (tag) {
        case message(1):
          value = { kind: 'string', text: this.#text() };
          return true;
        case varint(2):
          value = { kind: 'bool', isTrue: this.#reader.int32() !== 0 };
          return true;
        case varint(3):
          value = { kind: 'int', integer: this.#varint64() };
          return true;
        case fixed64(4):
          value = { kind: 'double', number: this.#double() };
          return true;
        case message(5): {
          const values: AnyValue[] = [];
          this.#message('ArrayValue', (inner) => inner === message(1) && pushed(values, this.#value()));
          value = { kind: 'array', values };
          return true;
        }
        case message(6): {
          const entries: Attribute[] = [];
          this.#message('KeyValueList', (inner) => inner === message(1) && pushed(entries, this.#attribute()));
          value = { kind: 'map', entries };
          return true;
        }
        case message(7):
          value = { kind: 'bytes', bytes: this.#bytes() };
          return true;
        default:
          return false;
      }
    });
    return value;
  }

  #message(name: string, readField: ReadField): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_LIMIT) throw malformed(`proto: ${name}: nested too deeply`);
    const outerEnd = this.#reader.enter();
    this.#fields(name, readField);
    this.#reader.leave(outerEnd);
    this.#depth -= 1;
  }

  #fields(name: string, readField: ReadField): void {
    const reader = this.#reader;
    while (reader.position < reader.end) {
      const tag = reader.tag(name);
      if (!readField(tag)) reader.skipUnknown(tag, {});
    }
  }

  #repeated(tag: number, readElement: () => void): void {
    if (tag % 8 !== LENGTH_DELIMITED) {
      readElement();
      return;
    }
    const reader = this.#reader;
    const outerEnd = reader.enter();
    while (reader.position < reader.end) readElement();
    reader.leave(outerEnd);
  }

  #text(): string {
    const { bytes } = this.#reader;
    const length = this.#reader.length();
    const start = this.#reader.position;
    this.#reader.position += length;
    return decodeUtf8(bytes, start, start + length);
  }

  /** A copy. */
  #bytes(): Uint8Array {
    const length = this.#reader.length();
    const start = this.#reader.position;
    this.#reader.position += length;
    return this.#reader.bytes.slice(start, start + length);
  }

  #id(name: string, lengthBytes: number): string {
    const bytes = this.#bytes();
    if (bytes.length === 0) return '';
    if (bytes.length !== lengthBytes) throw malformed(`invalid length for ${name}`);
    return bytes.some((byte) => byte !== 0) ? Buffer.from(bytes).toString('hex') : '';
  }

  #double(): number {
    return this.#view.getFloat64(this.#reader.fixed64(), true);
  }

  #unsigned(): bigint {
    return this.#view.getBigUint64(this.#reader.fixed64(), true);
  }

  #signed(): bigint {
    return this.#view.getBigInt64(this.#reader.fixed64(), true);
  }

  #time(): number {
    return millisecondsOf(this.#unsigned());
  }

  #zigzag(): number {
    const bits = this.#reader.uint32();
    return (bits >>> 1) ^ -(bits & 1);
  }

  #varint64(): bigint {
    const start = this.#reader.position;
    this.#reader.skipVarint();
    let value = 0n;
    for (let i = start; i < this.#reader.position; i++) {
      value |= BigInt(this.#reader.bytes[i]! & 0x7f) << BigInt(7 * (i - start));
    }
    return BigInt.asIntN(64, value);
  }
}

function message(field: number): number {
  return field * 8 + LENGTH_DELIMITED;
}

function varint(field: number): number {
  return field * 8 + VARINT;
}

function fixed64(field: number): number {
  return field * 8 + FIXED64;
}

function pushed<Item>(items: Item[], item: Item): true {
  items.push(item);
  return true;
}

function isWithoutValue(flags: number): boolean {
  return (flags & NO_VALUE_FLAG) !== 0;
}
