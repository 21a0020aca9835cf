import { malformed } from '../proto-reader.ts';
import { JsonReader } from './json-reader.ts';
import {
  type AnyValue,
  type Attribute,
  CUMULATIVE,
  DELTA,
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

const NO_VALUE_FLAG = 1;
const NO_BUCKETS: ExponentialBuckets = { offset: 0, counts: [] };
const temporalities: Readonly<Record<string, number>> = {
  AGGREGATION_TEMPORALITY_DELTA: DELTA,
  AGGREGATION_TEMPORALITY_CUMULATIVE: CUMULATIVE,
};

/**
 * Decodes an OTLP export request in its JSON form: field names in lower camel case or as in the protocol file, 64-bit
 * numbers as texts, ids in hexadecimal. Unknown fields are passed over.
 * @throws {PocketCortexError} `malformed-body`, with the words of Cortex's JSON library
 */
export function decodeOtlpJson(body: Uint8Array): MetricsRequest {
  return new RequestReader(body).request();
}

class RequestReader {
  readonly #json: JsonReader;

  constructor(body: Uint8Array) {
    this.#json = new JsonReader(body);
  }

  request(): MetricsRequest {
    const resources: ResourceMetrics[] = [];
    this.#object({
      resourceMetrics: () => this.#array(() => resources.push(this.#resourceMetrics())),
    });
    return resources;
  }

  #resourceMetrics(): ResourceMetrics {
    const attributes: Attribute[] = [];
    const metrics: Metric[] = [];
    const readMetrics = () => this.#array(() => metrics.push(this.#metric()));
    this.#object({
      resource: () => this.#object({ attributes: () => this.#attributes(attributes) }),
      scopeMetrics: () => this.#array(() => this.#object({ metrics: readMetrics })),
    });
    return { attributes, metrics };
  }

  #metric(): Metric {
    let [name, description, unit] = ['', '', ''];
    let data: MetricData = { kind: 'empty' };
    this.#object({
      name: () => {
        name = this.#json.text();
      },
      description: () => {
        description = this.#json.text();
      },
      unit: () => {
        unit = this.#json.text();
      },
      gauge: () => {
        data = { kind: 'gauge', points: this.#points(() => this.#numberPoint()).points };
      },
      sum: () => {
        data = { kind: 'sum', ...this.#points(() => this.#numberPoint()) };
      },
      histogram: () => {
        data = { kind: 'histogram', ...this.#points(() => this.#histogramPoint()) };
      },
      exponentialHistogram: () => {
        data = { kind: 'exponential-histogram', ...this.#points(() => this.#exponentialPoint()) };
      },
      summary: () => {
        data = { kind: 'summary', points: this.#points(() => this.#summaryPoint()).points };
      },
    });
    return { name, description, unit, data };
  }

  #points<Point>(readPoint: () => Point) {
    const points: Point[] = [];
    let temporality = 0;
    let isMonotonic = false;
    this.#object({
      dataPoints: () => this.#array(() => points.push(readPoint())),
      aggregationTemporality: () => {
        temporality = this.#json.enumeration(temporalities);
      },
      isMonotonic: () => {
        isMonotonic = this.#json.boolean();
      },
    });
    return { points, temporality, isMonotonic };
  }

  #numberPoint(): NumberPoint {
    const common = new CommonFields();
    let value = 0;
    this.#object({
      ...this.#commonFields(common),
      asDouble: () => {
        value = this.#json.number();
      },
      asInt: () => {
        value = Number(this.#json.integer('ReadInt64'));
      },
    });
    return { ...common, value };
  }

  #histogramPoint(): HistogramPoint {
    const common = new CommonFields();
    const bucketCounts: number[] = [];
    const explicitBounds: number[] = [];
    let count = 0;
    let sum: number | undefined;
    this.#object({
      ...this.#commonFields(common),
      count: () => {
        count = this.#unsigned();
      },
      sum: () => {
        sum = this.#json.number();
      },
      bucketCounts: () => this.#array(() => bucketCounts.push(this.#unsigned())),
      explicitBounds: () => this.#array(() => explicitBounds.push(this.#json.number())),
    });
    return { ...common, count, sum, bucketCounts, explicitBounds };
  }

  #exponentialPoint(): ExponentialPoint {
    const common = new CommonFields();
    let [count, scale, zeroCount] = [0, 0, 0];
    let sum: number | undefined;
    let [positive, negative] = [NO_BUCKETS, NO_BUCKETS];
    this.#object({
      ...this.#commonFields(common),
      count: () => {
        count = this.#unsigned();
      },
      sum: () => {
        sum = this.#json.number();
      },
      scale: () => {
        scale = this.#int32();
      },
      zeroCount: () => {
        zeroCount = this.#unsigned();
      },
      positive: () => {
        positive = this.#buckets();
      },
      negative: () => {
        negative = this.#buckets();
      },
    });
    return { ...common, count, sum, scale, zeroCount, positive, negative };
  }

  #buckets(): ExponentialBuckets {
    let offset = 0;
    const counts: number[] = [];
    this.#object({
      offset: () => {
        offset = this.#int32();
      },
      bucketCounts: () => this.#array(() => counts.push(this.#unsigned())),
    });
    return { offset, counts };
  }

  #summaryPoint(): SummaryPoint {
    const common = new CommonFields();
    const quantiles: { quantile: number; value: number }[] = [];
    let [count, sum] = [0, 0];
    this.#object({
      ...this.#commonFields(common),
      count: () => {
        count = this.#unsigned();
      },
      sum: () => {
        sum = this.#json.number();
      },
      quantileValues: () => this.#array(() => quantiles.push(this.#quantile())),
    });
    const { attributes, timestampMs, isWithoutValue } = common;
    return { attributes, timestampMs, isWithoutValue, count, sum, quantiles };
  }

  #quantile(): { quantile: number; value: number } {
    let [quantile, value] = [0, 0];
    this.#object({
      quantile: () => {
        quantile = this.#json.number();
      },
      value: () => {
        value = this.#json.number();
      },
    });
    return { quantile, value };
  }

  /** What all points have, and their exemplars, which all but summaries have. */
  #commonFields(into: CommonFields): Fields {
    return {
      attributes: () => this.#attributes(into.attributes),
      timeUnixNano: () => {
        into.timestampMs = this.#time();
      },
      flags: () => {
        into.isWithoutValue = (this.#unsigned() & NO_VALUE_FLAG) !== 0;
      },
      exemplars: () => this.#array(() => into.exemplars.push(this.#exemplar())),
    };
  }

  #exemplar(): OtlpExemplar {
    const attributes: Attribute[] = [];
    let timestampMs = 0;
    let value: number | undefined;
    let [spanId, traceId] = ['', ''];
    this.#object({
      filteredAttributes: () => this.#attributes(attributes),
      timeUnixNano: () => {
        timestampMs = this.#time();
      },
      asDouble: () => {
        value = this.#json.number();
      },
      asInt: () => {
        value = Number(this.#json.integer('ReadInt64'));
      },
      spanId: () => {
        spanId = this.#id('SpanID', 16);
      },
      traceId: () => {
        traceId = this.#id('TraceID', 32);
      },
    });
    return { attributes, timestampMs, value, traceId, spanId };
  }

  #attributes(into: Attribute[]): void {
    this.#array(() => into.push(this.#attribute()));
  }

  #attribute(): Attribute {
    let key = '';
    let value = EMPTY_VALUE;
    this.#object({
      key: () => {
        key = this.#json.text();
      },
      value: () => {
        value = this.#value();
      },
    });
    return { key, value };
  }

  #value(): AnyValue {
    let value = EMPTY_VALUE;
    this.#object({
      stringValue: () => {
        value = { kind: 'string', text: this.#json.text() };
      },
      boolValue: () => {
        value = { kind: 'bool', isTrue: this.#json.boolean() };
      },
      intValue: () => {
        value = { kind: 'int', integer: BigInt.asIntN(64, this.#json.integer('ReadInt64')) };
      },
      doubleValue: () => {
        value = { kind: 'double', number: this.#json.number() };
      },
      arrayValue: () => {
        const values: AnyValue[] = [];
        this.#object({ values: () => this.#array(() => values.push(this.#value())) });
        value = { kind: 'array', values };
      },
      kvlistValue: () => {
        const entries: Attribute[] = [];
        this.#object({ values: () => this.#attributes(entries) });
        value = { kind: 'map', entries };
      },
      bytesValue: () => {
        value = { kind: 'bytes', bytes: Buffer.from(this.#json.text(), 'base64') };
      },
    });
    return value;
  }

  #object(fields: Fields): void {
    for (const name of this.#json.fields()) {
      const own = Object.hasOwn(fields, name) ? name : camelCase(name);
      const read = Object.hasOwn(fields, own) ? fields[own] : undefined;
      if (read) read();
      else this.#json.skip();
    }
  }

  #array(readElement: () => void): void {
    for (const _ of this.#json.elements()) readElement();
  }

  #unsigned(): number {
    return Number(BigInt.asUintN(64, this.#json.integer('readUint64')));
  }

  #int32(): number {
    return Number(BigInt.asIntN(32, this.#json.integer('ReadInt64')));
  }

  #time(): number {
    return millisecondsOf(this.#json.integer('readUint64'));
  }

  #id(name: string, digits: number): string {
    const text = this.#json.text().toLowerCase();
    if (text === '') return '';
    if (text.length !== digits || !/^[0-9a-f]*$/.test(text)) throw malformed(`parse ${name}: invalid id`);
    return /[^0]/.test(text) ? text : '';
  }
}

/** Reads the value of a field, by the field's name. */
type Fields = Readonly<Record<string, () => void>>;

class CommonFields {
  readonly attributes: Attribute[] = [];
  readonly exemplars: OtlpExemplar[] = [];
  timestampMs = 0;
  isWithoutValue = false;
}

/** `resource_metrics`, which is allowed too, as `resourceMetrics`. Names of every object are no fields. */
function camelCase(name: string): string {
  const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return camel === name ? '' : camel;
}
