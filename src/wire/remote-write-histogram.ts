import { FIXED64, type FieldNames, LENGTH_DELIMITED, type ProtoReader, VARINT } from './proto-reader.ts';

/** What may stand in a field of a native histogram; a packed field may also come one element at a time. */
type FieldKind = 'varint' | 'fixed64' | 'packed-varint' | 'packed-fixed64' | 'span';

interface Field {
  readonly name: string;
  readonly kind: FieldKind;
}

/** prometheus.Histogram by field number. */
const histogramFields: Readonly<Record<number, Field>> = {
  1: { name: 'CountInt', kind: 'varint' },
  2: { name: 'CountFloat', kind: 'fixed64' },
  3: { name: 'Sum', kind: 'fixed64' },
  4: { name: 'Schema', kind: 'varint' },
  5: { name: 'ZeroThreshold', kind: 'fixed64' },
  6: { name: 'ZeroCountInt', kind: 'varint' },
  7: { name: 'ZeroCountFloat', kind: 'fixed64' },
  8: { name: 'NegativeSpans', kind: 'span' },
  9: { name: 'NegativeDeltas', kind: 'packed-varint' },
  10: { name: 'NegativeCounts', kind: 'packed-fixed64' },
  11: { name: 'PositiveSpans', kind: 'span' },
  12: { name: 'PositiveDeltas', kind: 'packed-varint' },
  13: { name: 'PositiveCounts', kind: 'packed-fixed64' },
  14: { name: 'ResetHint', kind: 'varint' },
  15: { name: 'TimestampMs', kind: 'varint' },
  16: { name: 'CustomValues', kind: 'packed-fixed64' },
  17: { name: 'StartTimestampMs', kind: 'varint' },
};

const histogramNames: FieldNames = Object.fromEntries(
  Object.entries(histogramFields).map(([number, { name }]) => [number, name]),
);
const spanNames: FieldNames = { 1: 'Offset', 2: 'Length' };

/**
 * Steps over the native histogram that `reader` is in, checking that it is one.
 * @throws {PocketCortexError} `malformed-body`
 */
export function checkHistogram(reader: ProtoReader): void {
  while (reader.position < reader.end) {
    const tag = reader.tag('Histogram');
    const kind = histogramFields[Math.floor(tag / 8)]?.kind;
    const wireType = tag % 8;
    if (wireType === VARINT && (kind === 'varint' || kind === 'packed-varint')) reader.skipVarint();
    else if (wireType === FIXED64 && (kind === 'fixed64' || kind === 'packed-fixed64')) reader.fixed64();
    else if (wireType === LENGTH_DELIMITED && kind === 'packed-varint') skipPacked(reader, () => reader.skipVarint());
    else if (wireType === LENGTH_DELIMITED && kind === 'packed-fixed64') skipPacked(reader, () => reader.fixed64());
    else if (wireType === LENGTH_DELIMITED && kind === 'span') checkSpan(reader);
    else reader.skipUnknown(tag, histogramNames);
  }
}

/** The last element may reach beyond the packed field: Go's decoder checks it against the message only. */
function skipPacked(reader: ProtoReader, skipElement: () => void): void {
  const packedEnd = reader.length() + reader.position;
  while (reader.position < packedEnd) skipElement();
}

function checkSpan(reader: ProtoReader): void {
  const outerEnd = reader.enter();
  while (reader.position < reader.end) {
    const tag = reader.tag('BucketSpan');
    if (tag === 0x08 || tag === 0x10) reader.skipVarint();
    else reader.skipUnknown(tag, spanNames);
  }
  reader.leave(outerEnd);
}
