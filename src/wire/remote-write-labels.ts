import { decodeUtf8 } from '../model/utf8.ts';
import type { SeriesNames, WriteBatch } from '../model/write-batch.ts';
import { type FieldNames, ProtoReader } from './proto-reader.ts';
import { TextCache } from './text-cache.ts';

const labelFields: FieldNames = { 1: 'Name', 2: 'Value' };

/** Field 1 of a time series, length-delimited. */
const LABELS = 0x0a;

/**
 * The labels of one series of a `WriteBatch` as text: name, value, name, value …, in the order of the request, not
 * validated, not sorted; bytes that are no UTF-8 survive as `decodeUtf8` has it. `body` is borrowed for the call.
 * @throws {PocketCortexError} `malformed-body` when the range is none of a decoded batch
 */
export function decodeLabels(body: Uint8Array, start: number, end: number): string[] {
  const reader = new ProtoReader(body, start, end);
  const flat: string[] = [];
  while (reader.position < reader.end) {
    const tag = reader.tag('TimeSeries');
    if (tag !== LABELS) {
      reader.skipUnknown(tag, {});
      continue;
    }
    const outerEnd = reader.enter();
    if (isPlainLabel(reader)) {
      texts ??= new TextCache();
      const nameStart = reader.position + 2;
      const nameEnd = nameStart + body[nameStart - 1]!;
      flat.push(texts.decode(body, nameStart, nameEnd), texts.decode(body, nameEnd + 2, reader.end));
    } else {
      const [name, value] = readLabelFields(reader);
      flat.push(name, value);
    }
    reader.leave(outerEnd);
  }
  return flat;
}

/** What names the series of `batch`: label fields, where it has nothing else. */
export function namesOfSeries(batch: WriteBatch): SeriesNames {
  if (batch.names !== undefined) return batch.names;
  const { body: bytes, labelsStart: starts, labelsEnd: ends } = batch;
  return { form: 'fields', bytes, starts, ends, labelsOf: (i) => decodeLabels(bytes, starts[i]!, ends[i]!) };
}

/** Made when the first label is read; whose text it is makes no difference to the text. */
let texts: TextCache | undefined;

/** Reads a label message. */
export function readLabel(reader: ProtoReader): [name: string, value: string] {
  const outerEnd = reader.enter();
  const label = readLabelFields(reader);
  reader.leave(outerEnd);
  return label;
}

function readLabelFields(reader: ProtoReader): [name: string, value: string] {
  texts ??= new TextCache();
  let name = '';
  let value = '';
  while (reader.position < reader.end) {
    const tag = reader.tag('LabelPair');
    if (tag === 0x0a) name = readRepeatedText(reader, texts);
    else if (tag === 0x12) value = readRepeatedText(reader, texts);
    else reader.skipUnknown(tag, labelFields);
  }
  return [name, value];
}

/** Steps over a label message, checking that it is one. */
export function checkLabel(reader: ProtoReader): void {
  const outerEnd = reader.enter();
  if (!isPlainLabel(reader)) {
    while (reader.position < reader.end) {
      const tag = reader.tag('LabelPair');
      if (tag === 0x0a || tag === 0x12) reader.skipLengthDelimited();
      else reader.skipUnknown(tag, labelFields);
    }
  }
  reader.leave(outerEnd);
}

/** Whether the message is a name and a value, both shorter than 128 bytes, as nearly all labels are. */
function isPlainLabel({ bytes, position, end }: ProtoReader): boolean {
  if (end - position < 4 || bytes[position] !== 0x0a) return false;
  const nameBytes = bytes[position + 1]!;
  const valueStart = position + 2 + nameBytes;
  if (nameBytes >= 0x80 || valueStart + 2 > end || bytes[valueStart] !== 0x12) return false;
  const valueBytes = bytes[valueStart + 1]!;
  return valueBytes < 0x80 && valueStart + 2 + valueBytes === end;
}

function readRepeatedText(reader: ProtoReader, cache: TextCache): string {
  const length = reader.length();
  const start = reader.position;
  reader.position += length;
  return cache.decode(reader.bytes, start, reader.position);
}

/** Reads a length-delimited text. */
export function readText(reader: ProtoReader): string {
  const length = reader.length();
  const start = reader.position;
  reader.position += length;
  return decodeUtf8(reader.bytes, start, reader.position);
}
