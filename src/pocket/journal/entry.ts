import type { WriteProtocol } from '../../http/write-observer.ts';
import { Labels } from '../../model/labels.ts';
import { type Matcher, matchesAll } from '../../model/matcher.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { BatchHistogram, Exemplar, MetricMetadata, WriteBatch } from '../../model/write-batch.ts';
import { decodeLabels } from '../../wire/remote-write-labels.ts';

/** One request, as it is kept. */
export interface JournalEntry {
  /** From 1, in the order in which requests were answered. */
  sequence: number;
  readonly receivedMs: number;
  readonly method: string;
  readonly path: string;
  /** Undefined when the request named none, or no id. */
  readonly tenant: TenantId | undefined;
  /** Without those that carry secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of queries: what was asked. */
  parameters: Readonly<Record<string, readonly string[]>>;
  /** Undefined for what is no write, or could not be read as one. */
  write: JournalWrite | undefined;
  /** 0 when the client was gone, or cut off. */
  status: number;
  /** The answer's text where it is an error; '' otherwise. */
  message: string;
  /** What Cortex would have answered, where it would have refused what was taken. */
  wouldRefuse: string | undefined;
  /** The step of a fault script that the answer comes from. */
  fault: string | undefined;
  /** About what it takes in memory; 0 until it is in a journal. */
  sizeBytes: number;
}

export interface JournalWrite {
  readonly protocol: WriteProtocol;
  readonly seriesCount: number;
  readonly sampleCount: number;
  readonly histogramCount: number;
  readonly exemplarCount: number;
  readonly metadata: readonly MetricMetadata[];
  /** From the newest sample to the moment it came, by the server's clock; undefined without samples. */
  readonly lagMs: number | undefined;
  /** As it came: text in several parts, all else in one. Undefined when it was too large to keep: only its counts are known then. */
  readonly parts: readonly JournalContent[] | undefined;
  /** About what it takes in memory. */
  readonly sizeBytes: number;
}

export type JournalContent = Pick<
  WriteBatch,
  'body' | 'seriesCount' | 'labelsStart' | 'labelsEnd' | 'samplesStart' | 'timestampsMs' | 'values' | 'exemplars'
> & { readonly histograms: readonly JournalHistogram[] };

/** What a journal says of a native histogram. */
export type JournalHistogram = Pick<BatchHistogram, 'seriesIndex' | 'timestampMs' | 'schema' | 'count' | 'sum'>;

/** What came of one series in a request. */
export interface ReceivedSeries {
  readonly labels: Labels;
  /** Views of what the journal keeps: not to be changed. */
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  readonly histograms: readonly JournalHistogram[];
  readonly exemplars: readonly Exemplar[];
}

/**
 * What is kept of a batch, as a copy, behind what is known of the request (`before`) already; only counts when all of it takes
 * more than `limitBytes`.
 */
export function journalWrite(
  protocol: WriteProtocol,
  batch: WriteBatch,
  options: { readonly nowMs: number; readonly limitBytes: number; readonly before?: JournalWrite | undefined },
): JournalWrite {
  const { nowMs, limitBytes, before = nothingOf(protocol) } = options;
  const { timestampsMs, histograms, exemplars, metadata, seriesCount } = batch;
  let newestMs = -Infinity;
  for (let i = 0; i < timestampsMs.length; i++) newestMs = Math.max(newestMs, timestampsMs[i]!);
  for (const { timestampMs } of histograms) newestMs = Math.max(newestMs, timestampMs);
  const lagMs = Math.min(nowMs - newestMs, before.lagMs ?? Infinity);
  const sizeBytes = before.sizeBytes + sizeOfBatch(batch);
  const isKept = before.parts !== undefined && sizeBytes <= limitBytes;
  return {
    protocol,
    seriesCount: before.seriesCount + seriesCount,
    sampleCount: before.sampleCount + timestampsMs.length,
    histogramCount: before.histogramCount + histograms.length,
    exemplarCount: before.exemplarCount + exemplars.length,
    metadata: isKept ? [...before.metadata, ...metadata] : [],
    lagMs: lagMs === Infinity ? undefined : lagMs,
    sizeBytes: isKept ? sizeBytes : 0,
    parts: isKept ? [...before.parts, copyOf(batch)] : undefined,
  };
}

function nothingOf(protocol: WriteProtocol): JournalWrite {
  const counts = { seriesCount: 0, sampleCount: 0, histogramCount: 0, exemplarCount: 0 };
  return { protocol, ...counts, metadata: [], lagMs: undefined, parts: [], sizeBytes: 0 };
}

/** Objects and texts take more than their content. */
const OBJECT_BYTES = 100;
const CHARACTER_BYTES = 2;

function sizeOfBatch({ body, timestampsMs, seriesCount, histograms, exemplars, metadata }: WriteBatch): number {
  let characters = 0;
  for (const { labels } of exemplars) for (const [name, value] of labels) characters += name.length + value.length;
  for (const { metric, help, unit } of metadata) characters += metric.length + help.length + unit.length;
  const objectCount = histograms.length + exemplars.length + metadata.length;
  const columnBytes = timestampsMs.byteLength * 2 + seriesCount * 12;
  return body.length + columnBytes + objectCount * OBJECT_BYTES + characters * CHARACTER_BYTES;
}

function copyOf(batch: WriteBatch): JournalContent {
  return {
    // Of a Buffer `slice` would be a view.
    body: new Uint8Array(batch.body),
    seriesCount: batch.seriesCount,
    labelsStart: batch.labelsStart.slice(),
    labelsEnd: batch.labelsEnd.slice(),
    samplesStart: batch.samplesStart.slice(),
    timestampsMs: batch.timestampsMs.slice(),
    values: batch.values.slice(),
    exemplars: batch.exemplars,
    histograms: batch.histograms.map(({ seriesIndex, timestampMs, schema, count, sum }) => ({
      seriesIndex,
      timestampMs,
      schema,
      count,
      sum,
    })),
  };
}

/** About what a request takes in memory, beside what a write carried. */
export function sizeOfEntry({ headers, parameters, message, path, wouldRefuse = '' }: JournalEntry): number {
  let characters = message.length + path.length + wouldRefuse.length;
  for (const [name, value] of Object.entries(headers)) characters += name.length + value.length;
  for (const [name, values] of Object.entries(parameters)) {
    characters += name.length;
    for (const value of values) characters += value.length;
  }
  return OBJECT_BYTES * 10 + characters * CHARACTER_BYTES;
}

/** The series of a write that pass `matchers`, decoded; all without any. */
export function* receivedSeries(
  { parts = [] }: JournalWrite,
  matchers: readonly Matcher[] = [],
): Generator<ReceivedSeries, void> {
  for (const part of parts) yield* seriesOf(part, matchers);
}

function* seriesOf(content: JournalContent, matchers: readonly Matcher[]): Generator<ReceivedSeries, void> {
  const { histograms, exemplars } = content;
  const { body, seriesCount, labelsStart, labelsEnd, samplesStart, timestampsMs, values } = content;
  for (let i = 0; i < seriesCount; i++) {
    const flat = decodeLabels(body, labelsStart[i]!, labelsEnd[i]!);
    const pairs: [string, string][] = [];
    for (let at = 0; at < flat.length; at += 2) pairs.push([flat[at]!, flat[at + 1]!]);
    const labels = Labels.of(pairs);
    if (!matchesAll(matchers, labels)) continue;
    const [from, to] = [samplesStart[i]!, samplesStart[i + 1]!];
    yield {
      labels,
      timestampsMs: timestampsMs.subarray(from, to),
      values: values.subarray(from, to),
      histograms: histograms.filter((one) => one.seriesIndex === i),
      exemplars: exemplars.filter((one) => one.seriesIndex === i),
    };
  }
}
