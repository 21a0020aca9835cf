import { Writer } from 'protobufjs/minimal.js';

/** A message of OTLP in its JSON form, as far as tests need it. */
export type OtlpJson = Readonly<Record<string, unknown>>;

type Kind =
  | 'text'
  | 'double'
  | 'fixed64'
  | 'sfixed64'
  | 'int32'
  | 'int64'
  | 'uint64'
  | 'sint32'
  | 'bool'
  | 'hex'
  | 'base64'
  | Schema;
/** Field name -> number, kind, and whether it repeats. */
interface Schema {
  readonly [field: string]: readonly [number: number, kind: Kind | 'any-value' | 'attribute', repeated?: 'repeated'];
}

const exemplar: Schema = {
  timeUnixNano: [2, 'fixed64'],
  asDouble: [3, 'double'],
  spanId: [4, 'hex'],
  traceId: [5, 'hex'],
  asInt: [6, 'sfixed64'],
  filteredAttributes: [7, 'attribute', 'repeated'],
};
const numberPoint: Schema = {
  startTimeUnixNano: [2, 'fixed64'],
  timeUnixNano: [3, 'fixed64'],
  asDouble: [4, 'double'],
  exemplars: [5, exemplar, 'repeated'],
  asInt: [6, 'sfixed64'],
  attributes: [7, 'attribute', 'repeated'],
  flags: [8, 'int32'],
};
const histogramPoint: Schema = {
  startTimeUnixNano: [2, 'fixed64'],
  timeUnixNano: [3, 'fixed64'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  bucketCounts: [6, 'fixed64', 'repeated'],
  explicitBounds: [7, 'double', 'repeated'],
  exemplars: [8, exemplar, 'repeated'],
  attributes: [9, 'attribute', 'repeated'],
  flags: [10, 'int32'],
};
const buckets: Schema = { offset: [1, 'sint32'], bucketCounts: [2, 'uint64', 'repeated'] };
const exponentialPoint: Schema = {
  attributes: [1, 'attribute', 'repeated'],
  startTimeUnixNano: [2, 'fixed64'],
  timeUnixNano: [3, 'fixed64'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  scale: [6, 'sint32'],
  zeroCount: [7, 'fixed64'],
  positive: [8, buckets],
  negative: [9, buckets],
  flags: [10, 'int32'],
  exemplars: [11, exemplar, 'repeated'],
};
const summaryPoint: Schema = {
  timeUnixNano: [3, 'fixed64'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  quantileValues: [6, { quantile: [1, 'double'], value: [2, 'double'] }, 'repeated'],
  attributes: [7, 'attribute', 'repeated'],
  flags: [8, 'int32'],
};
const withPoints = (point: Schema): Schema => ({
  dataPoints: [1, point, 'repeated'],
  aggregationTemporality: [2, 'int32'],
  isMonotonic: [3, 'bool'],
});
const metric: Schema = {
  name: [1, 'text'],
  description: [2, 'text'],
  unit: [3, 'text'],
  gauge: [5, withPoints(numberPoint)],
  sum: [7, withPoints(numberPoint)],
  histogram: [9, withPoints(histogramPoint)],
  exponentialHistogram: [10, withPoints(exponentialPoint)],
  summary: [11, withPoints(summaryPoint)],
};
const request: Schema = {
  resourceMetrics: [
    1,
    {
      resource: [1, { attributes: [1, 'attribute', 'repeated'] }],
      scopeMetrics: [
        2,
        { scope: [1, { name: [1, 'text'], version: [2, 'text'] }], metrics: [2, metric, 'repeated'] },
        'repeated',
      ],
    },
    'repeated',
  ],
};
const anyValue: Schema = {
  stringValue: [1, 'text'],
  boolValue: [2, 'bool'],
  intValue: [3, 'int64'],
  doubleValue: [4, 'double'],
  arrayValue: [5, { values: [1, 'any-value', 'repeated'] }],
  kvlistValue: [6, { values: [1, 'attribute', 'repeated'] }],
  bytesValue: [7, 'base64'],
};
const attribute: Schema = { key: [1, 'text'], value: [2, 'any-value'] };

/** The protobuf bytes of an export request that is given in its JSON form. */
export function encodeOtlpProto(value: OtlpJson): Uint8Array {
  const writer = Writer.create();
  writeMessage(writer, request, value);
  return writer.finish();
}

function writeMessage(writer: Writer, schema: Schema, value: OtlpJson): void {
  for (const [field, content] of Object.entries(value)) {
    const [number, kind, repeated] = schema[field]!;
    for (const one of repeated ? (content as readonly unknown[]) : [content]) writeField(writer, number, kind, one);
  }
}

function writeField(writer: Writer, number: number, kind: Kind | 'any-value' | 'attribute', value: unknown): void {
  const tag = (wireType: number) => writer.uint32(number * 8 + wireType);
  switch (kind) {
    case 'text':
      tag(2).string(value as string);
      return;
    case 'double':
      tag(1).double(Number(value));
      return;
    case 'fixed64':
    case 'sfixed64': {
      const bits = BigInt(value as string);
      tag(1).fixed64({
        low: Number(BigInt.asIntN(32, bits)),
        high: Number(BigInt.asIntN(32, bits >> 32n)),
        unsigned: true,
      });
      return;
    }
    case 'int32':
      tag(0).int32(value as number);
      return;
    case 'sint32':
      tag(0).sint32(value as number);
      return;
    case 'bool':
      tag(0).bool(value as boolean);
      return;
    case 'int64':
    case 'uint64': {
      const bits = BigInt(value as string);
      tag(0).uint64({
        low: Number(BigInt.asIntN(32, bits)),
        high: Number(BigInt.asIntN(32, bits >> 32n)),
        unsigned: true,
      });
      return;
    }
    case 'hex':
    case 'base64':
      tag(2).bytes(Buffer.from(value as string, kind));
      return;
    default: {
      const schema = kind === 'any-value' ? anyValue : kind === 'attribute' ? attribute : kind;
      writeMessage(tag(2).fork(), schema, value as OtlpJson);
      writer.ldelim();
    }
  }
}
