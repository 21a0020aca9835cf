import { Writer } from 'protobufjs/minimal.js';
import type { SampleColumns } from '../model/columns.ts';
import type { Labels } from '../model/labels.ts';
import { createMatcher, type Matcher, type MatchOp } from '../model/matcher.ts';
import { encodeUtf8 } from '../model/utf8.ts';
import { histogramMessage, writeHistogram } from './histogram-encode.ts';
import { type FieldNames, malformed, ProtoReader } from './proto-reader.ts';
import { readText } from './remote-write-labels.ts';

/*
 * prometheus.ReadRequest and ReadResponse (remote read, answered with samples; chunked-read.ts has chunks). A tag is `field number * 8 + wire type`:
 *
 *     ReadRequest   0a queries*   10 accepted response types*
 *     Query         08 start (varint)   10 end (varint)   1a matchers*   22 hints
 *     LabelMatcher  08 type (varint)   12 name   1a value
 *     ReadResponse  0a results*
 *     QueryResult   0a timeseries*
 *     TimeSeries    0a labels*   12 samples*   22 histograms* (see remote-write-histogram.ts)
 *     Sample        09 value (8 bytes)   10 timestamp (varint)
 */

const requestFields: FieldNames = { 1: 'Queries', 2: 'AcceptedResponseTypes' };
const queryFields: FieldNames = { 1: 'StartTimestampMs', 2: 'EndTimestampMs', 3: 'Matchers', 4: 'Hints' };
const matcherFields: FieldNames = { 1: 'Type', 2: 'Name', 3: 'Value' };
const ops: readonly MatchOp[] = ['=', '!=', '=~', '!~'];

/** Both ends inclusive. */
export interface ReadQuery {
  readonly startMs: number;
  readonly endMs: number;
  readonly matchers: readonly Matcher[];
}

export interface ReadRequest {
  readonly queries: readonly ReadQuery[];
  /** Whether the client would rather have streamed chunks than samples: of those two, it named chunks first. */
  readonly prefersChunks: boolean;
}

const SAMPLES = 0;
const STREAMED_XOR_CHUNKS = 1;

/**
 * Decodes a remote-read request.
 * @throws {PocketCortexError} `malformed-body`, and `bad-regex` for a matcher that is no RE2 expression
 */
export function decodeReadRequest(body: Uint8Array): ReadRequest {
  const reader = new ProtoReader(body);
  const queries: ReadQuery[] = [];
  let preferred: number | undefined;
  const readType = () => {
    const type = reader.int32();
    if (type === SAMPLES || type === STREAMED_XOR_CHUNKS) preferred ??= type;
  };
  while (reader.position < reader.end) {
    const tag = reader.tag('ReadRequest');
    if (tag === 0x0a) queries.push(readQuery(reader));
    else if (tag === 0x10) readType();
    else if (tag === 0x12) {
      const outerEnd = reader.enter();
      while (reader.position < reader.end) readType();
      reader.leave(outerEnd);
    } else reader.skipUnknown(tag, requestFields);
  }
  return { queries, prefersChunks: preferred === STREAMED_XOR_CHUNKS };
}

function readQuery(reader: ProtoReader): ReadQuery {
  const outerEnd = reader.enter();
  let startMs = 0;
  let endMs = 0;
  const matchers: Matcher[] = [];
  while (reader.position < reader.end) {
    const tag = reader.tag('Query');
    if (tag === 0x08) startMs = reader.int64();
    else if (tag === 0x10) endMs = reader.int64();
    else if (tag === 0x1a) matchers.push(readMatcher(reader));
    else if (tag === 0x22) reader.skipLengthDelimited();
    else reader.skipUnknown(tag, queryFields);
  }
  reader.leave(outerEnd);
  return { startMs, endMs, matchers };
}

function readMatcher(reader: ProtoReader): Matcher {
  const outerEnd = reader.enter();
  let type = 0;
  let name = '';
  let value = '';
  while (reader.position < reader.end) {
    const tag = reader.tag('LabelMatcher');
    if (tag === 0x08) type = reader.int32();
    else if (tag === 0x12) name = readText(reader);
    else if (tag === 0x1a) value = readText(reader);
    else reader.skipUnknown(tag, matcherFields);
  }
  reader.leave(outerEnd);
  const op = ops[type];
  if (op === undefined) throw malformed('invalid matcher type');
  return createMatcher(name, op, value);
}

/** One time series of a result, encoded with its tag. The result is the caller's. */
export function encodeReadSeries(labels: Labels, samples: SampleColumns): Uint8Array {
  const parts = [encodeReadLabels(labels), encodeSamples(samples)];
  if (samples.histograms) parts.push(encodeHistograms(samples));
  return field(0x0a, parts);
}

/** The labels of a series, each with its tag, the same in both kinds of answer. The result is the caller's. */
export function encodeReadLabels(labels: Labels): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of labels) {
    parts.push(field(0x0a, [field(0x0a, [encodeUtf8(name)]), field(0x12, [encodeUtf8(value)])]));
  }
  return Buffer.concat(parts);
}

/** A response from the series of each query's result, encoded by `encodeReadSeries`. The result is the caller's. */
export function encodeReadResponse(results: readonly (readonly Uint8Array[])[]): Uint8Array {
  return Buffer.concat(results.map((series) => field(0x0a, series)));
}

/** Tag, length and value, and tag and timestamp, of a sample whose timestamp takes ten bytes. */
const SAMPLE_LIMIT_BYTES = 2 + 9 + 11;

function encodeSamples(samples: SampleColumns): Uint8Array {
  const { timestampsMs, bits, count, histograms } = samples;
  const bytes = Buffer.allocUnsafe(count * SAMPLE_LIMIT_BYTES);
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (histograms !== undefined && histograms[i] !== undefined) continue;
    const lengthAt = at + 1;
    bytes[at] = 0x12;
    bytes[at + 2] = 0x09;
    // The two words of a value as they lie in memory, so that a staleness marker stays one.
    bytes.writeUInt32LE(bits[i * 2]!, at + 3);
    bytes.writeUInt32LE(bits[i * 2 + 1]!, at + 7);
    bytes[at + 11] = 0x10;
    at = writeInt64(bytes, at + 12, timestampsMs[i]!);
    bytes[lengthAt] = at - lengthAt - 1;
  }
  return bytes.subarray(0, at);
}

function encodeHistograms({ timestampsMs, count, histograms = [] }: SampleColumns): Uint8Array {
  const writer = Writer.create();
  for (let i = 0; i < count; i++) {
    const histogram = histograms[i];
    if (histogram === undefined) continue;
    writeHistogram(writer.uint32(0x22).fork(), histogramMessage(timestampsMs[i]!, histogram));
    writer.ldelim();
  }
  return writer.finish();
}

/** Writes a signed 64-bit integer as a varint; returns where it ends. */
export function writeInt64(bytes: Uint8Array, start: number, value: number): number {
  if (value < 0) return writeNegative(bytes, start, value);
  let at = start;
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  bytes[at++] = rest;
  return at;
}

/** Ten bytes of two's complement. Times before 1970 are rare enough for a bigint. */
function writeNegative(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes[at++] = Number(rest & 0x7fn) | 0x80;
  bytes[at++] = Number(rest);
  return at;
}

/** A length-delimited field of the given parts. The result is the caller's. */
export function field(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const head = new Uint8Array(6);
  head[0] = tag;
  const headEnd = writeInt64(head, 1, length);
  return Buffer.concat([head.subarray(0, headEnd), ...parts], headEnd + length);
}
