import { FieldReader, fixed64, message, pushed, varint } from './field-reader.ts';
import type {
  Attribute,
  ExponentialBuckets,
  ExponentialPoint,
  HistogramPoint,
  Metric,
  MetricData,
  MetricsRequest,
  NumberPoint,
  OtlpExemplar,
  ResourceMetrics,
  SummaryPoint,
} from './metrics.ts';
import { readAttribute } from './read-attribute.ts';

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

const NO_VALUE_FLAG = 1;
const NO_BUCKETS: ExponentialBuckets = { offset: 0, counts: [] };

/**
 * Decodes an OTLP export request; fields that are not needed are passed over.
 * @throws {PocketCortexError} `malformed-body`
 */
export function decodeOtlpProto(body: Uint8Array): MetricsRequest {
  return new RequestReader(body).request();
}

class RequestReader {
  readonly #fields: FieldReader;

  constructor(body: Uint8Array) {
    this.#fields = new FieldReader(body);
  }

  request(): MetricsRequest {
    const resources: ResourceMetrics[] = [];
    this.#fields.fields('ExportMetricsServiceRequest', (tag) => {
      if (tag !== message(1)) return false;
      resources.push(this.#resourceMetrics());
      return true;
    });
    return resources;
  }

  #resourceMetrics(): ResourceMetrics {
    const attributes: Attribute[] = [];
    const metrics: Metric[] = [];
    this.#fields.message('ResourceMetrics', (tag) => {
      if (tag === message(1)) {
        this.#fields.message(
          'Resource',
          (inner) => inner === message(1) && pushed(attributes, readAttribute(this.#fields)),
        );
        return true;
      }
      if (tag !== message(2)) return false;
      this.#fields.message('ScopeMetrics', (inner) => inner === message(2) && pushed(metrics, this.#metric()));
      return true;
    });
    return { attributes, metrics };
  }

  #metric(): Metric {
    let [name, description, unit] = ['', '', ''];
    let data: MetricData = { kind: 'empty' };
    this.#fields.message('Metric', (tag) => {
      switch (tag) {
        case message(1):
          name = this.#fields.text();
          return true;
        case message(2):
          description = this.#fields.text();
          return true;
        case message(3):
          unit = this.#fields.text();
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
    this.#fields.message(name, (tag) => {
      switch (tag) {
        case message(1):
          return pushed(points, readPoint());
        case varint(2):
          temporality = this.#fields.int32();
          return true;
        case varint(3):
          isMonotonic = this.#fields.int32() !== 0;
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
    this.#fields.message('NumberDataPoint', (tag) => {
      switch (tag) {
        case fixed64(3):
          timestampMs = this.#fields.time();
          return true;
        case fixed64(4):
          value = this.#fields.double();
          return true;
        case message(5):
          return pushed(exemplars, this.#exemplar());
        case fixed64(6):
          value = Number(this.#fields.signed());
          return true;
        case message(7):
          return pushed(attributes, readAttribute(this.#fields));
        case varint(8):
          flags = this.#fields.int32();
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
    this.#fields.message('HistogramDataPoint', (tag) => {
      switch (tag) {
        case fixed64(3):
          timestampMs = this.#fields.time();
          return true;
        case fixed64(4):
          count = Number(this.#fields.unsigned());
          return true;
        case fixed64(5):
          sum = this.#fields.double();
          return true;
        case fixed64(6):
        case message(6):
          this.#fields.repeated(tag, () => bucketCounts.push(Number(this.#fields.unsigned())));
          return true;
        case fixed64(7):
        case message(7):
          this.#fields.repeated(tag, () => explicitBounds.push(this.#fields.double()));
          return true;
        case message(8):
          return pushed(exemplars, this.#exemplar());
        case message(9):
          return pushed(attributes, readAttribute(this.#fields));
        case varint(10):
          flags = this.#fields.int32();
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
    this.#fields.message('ExponentialHistogramDataPoint', (tag) => {
      switch (tag) {
        case message(1):
          return pushed(attributes, readAttribute(this.#fields));
        case fixed64(3):
          timestampMs = this.#fields.time();
          return true;
        case fixed64(4):
          count = Number(this.#fields.unsigned());
          return true;
        case fixed64(5):
          sum = this.#fields.double();
          return true;
        case varint(6):
          scale = this.#fields.zigzag();
          return true;
        case fixed64(7):
          zeroCount = Number(this.#fields.unsigned());
          return true;
        case message(8):
          positive = this.#buckets();
          return true;
        case message(9):
          negative = this.#buckets();
          return true;
        case varint(10):
          flags = this.#fields.int32();
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
    this.#fields.message('Buckets', (tag) => {
      switch (tag) {
        case varint(1):
          offset = this.#fields.zigzag();
          return true;
        case varint(2):
        case message(2):
          this.#fields.repeated(tag, () => counts.push(this.#fields.int64()));
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
    this.#fields.message('SummaryDataPoint', (tag) => {
      switch (tag) {
        case fixed64(3):
          timestampMs = this.#fields.time();
          return true;
        case fixed64(4):
          count = Number(this.#fields.unsigned());
          return true;
        case fixed64(5):
          sum = this.#fields.double();
          return true;
        case message(6):
          return pushed(quantiles, this.#quantile());
        case message(7):
          return pushed(attributes, readAttribute(this.#fields));
        case varint(8):
          flags = this.#fields.int32();
          return true;
        default:
          return false;
      }
    });
    return { attributes, timestampMs, isWithoutValue: isWithoutValue(flags), count, sum, quantiles };
  }

  #quantile(): { quantile: number; value: number } {
    let [quantile, value] = [0, 0];
    this.#fields.message('ValueAtQuantile', (tag) => {
      if (tag === fixed64(1)) quantile = this.#fields.double();
      else if (tag === fixed64(2)) value = this.#fields.double();
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
    this.#fields.message('Exemplar', (tag) => {
      switch (tag) {
        case fixed64(2):
          timestampMs = this.#fields.time();
          return true;
        case fixed64(3):
          value = this.#fields.double();
          return true;
        case message(4):
          spanId = this.#fields.id('SpanID', 8);
          return true;
        case message(5):
          traceId = this.#fields.id('TraceID', 16);
          return true;
        case fixed64(6):
          value = Number(this.#fields.signed());
          return true;
        case message(7):
          return pushed(attributes, readAttribute(this.#fields));
        default:
          return false;
      }
    });
    return { attributes, timestampMs, value, traceId, spanId };
  }
}

function isWithoutValue(flags: number): boolean {
  return (flags & NO_VALUE_FLAG) !== 0;
}
