import type { WriteProtocol } from '../../http/write-observer.ts';
import { Labels } from '../../model/labels.ts';
import { type Matcher, matchesAll } from '../../model/matcher.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { MetricMetadata, WriteBatch } from '../../model/write-batch.ts';
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
  /** Undefined when it was too large to keep: then only its counts are known. */
  readonly content: JournalContent | undefined;
  readonly sizeBytes: number;
}

export type JournalContent = Pick<
  WriteBatch,
  'body' | 'seriesCount' | 'labelsStart' | 'labelsEnd' | 'samplesStart' | 'timestampsMs' | 'values'
> & { readonly histograms: readonly { readonly seriesIndex: number; readonly timestampMs: number }[] };

/** What came of one series in a request. */
export interface ReceivedSeries {
  readonly labels: Labels;
  /** Views of what the journal keeps: not to be changed. */
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  /** The times of its native histograms. */
  readonly histogramsMs: readonly number[];
}

/** Copies what is kept of a batch, unless that is more than `limitBytes`. */
export function journalWrite(
  protocol: WriteProtocol,
  batch: WriteBatch,
  { nowMs, limitBytes }: { readonly nowMs: number; readonly limitBytes: number },
): JournalWrite {
  const { body, timestampsMs, values, histograms, exemplars, metadata, seriesCount } = batch;
  let newestMs = -Infinity;
  for (let i = 0; i < timestampsMs.length; i++) newestMs = Math.max(newestMs, timestampsMs[i]!);
  for (const { timestampMs } of histograms) newestMs = Math.max(newestMs, timestampMs);
  const sizeBytes = body.length + timestampsMs.byteLength * 2 + seriesCount * 12 + histograms.length * 64;
  const isKept = sizeBytes <= limitBytes;
  return {
    protocol,
    seriesCount,
    sampleCount: timestampsMs.length,
    histogramCount: histograms.length,
    exemplarCount: exemplars.length,
    metadata: isKept ? metadata : [],
    lagMs: newestMs === -Infinity ? undefined : nowMs - newestMs,
    sizeBytes: isKept ? sizeBytes : 0,
    content: isKept
      ? {
          body: body.slice(),
          seriesCount,
          labelsStart: batch.labelsStart.slice(),
          labelsEnd: batch.labelsEnd.slice(),
          samplesStart: batch.samplesStart.slice(),
          timestampsMs: timestampsMs.slice(),
          values: values.slice(),
          histograms: histograms.map(({ seriesIndex, timestampMs }) => ({ seriesIndex, timestampMs })),
        }
      : undefined,
  };
}

/** The series of a write that pass `matchers`, decoded; all without any. */
export function* receivedSeries(
  { content }: JournalWrite,
  matchers: readonly Matcher[] = [],
): Generator<ReceivedSeries, void> {
  if (content === undefined) return;
  const { body, seriesCount, labelsStart, labelsEnd, samplesStart, timestampsMs, values, histograms } = content;
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
      histogramsMs: histograms.filter((one) => one.seriesIndex === i).map(({ timestampMs }) => timestampMs),
    };
  }
}
