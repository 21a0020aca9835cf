import { isStaleMarker } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import type { BatchExemplar, MetricMetadata, WriteBatch } from '../../src/model/write-batch.ts';
import { decodeLabels } from '../../src/wire/remote-write-labels.ts';
import { TextReader, type TextReaderOptions } from '../../src/wire/text/text-reader.ts';

/** The time of samples without one. */
export const NOW_MS = 1_700_000_000_000;

/** All that a text says, in the order of its lines. */
export interface TextContent {
  /** `{a="b"} 1 @5`, a staleness marker as `stale`. */
  readonly samples: string[];
  readonly exemplars: (Omit<BatchExemplar, 'seriesIndex'> & { readonly series: string })[];
  readonly metadata: MetricMetadata[];
  readonly histograms: number;
}

export interface Reading {
  readonly content: TextContent;
  readonly batchCount: number;
  readonly takenLines: number;
  readonly error: unknown;
}

/** Reads `text`, handed over in chunks of `chunkBytes`. What was read before a mistake is there beside it. */
export function readAll(
  text: string | Uint8Array,
  options: Partial<TextReaderOptions> = {},
  chunkBytes = Infinity,
): Reading {
  const reader = new TextReader({ format: 'openmetrics', defaultTimestampMs: NOW_MS, ...options });
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const content = { samples: [], exemplars: [], metadata: [], histograms: 0 } as {
    -readonly [Key in keyof TextContent]: TextContent[Key];
  };
  let batchCount = 0;
  const add = (batch: WriteBatch): void => {
    batchCount += 1;
    addBatch(content, batch);
  };
  let error: unknown;
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      // A copy: what was handed over may change as soon as the reader is done with it.
      const chunk = Uint8Array.from(bytes.subarray(at, Math.min(bytes.length, at + chunkBytes)));
      for (const batch of reader.feed(chunk)) add(batch);
      chunk.fill(0);
    }
    for (const batch of reader.finish()) add(batch);
  } catch (caught) {
    error = caught;
  }
  return { content, batchCount, takenLines: reader.takenLines, error };
}

function addBatch(content: { -readonly [Key in keyof TextContent]: TextContent[Key] }, batch: WriteBatch): void {
  const bits = new Uint32Array(batch.values.buffer, batch.values.byteOffset, batch.values.length * 2);
  for (let i = 0; i < batch.seriesCount; i++) {
    const series = seriesText(batch, i);
    for (let at = batch.samplesStart[i]!; at < batch.samplesStart[i + 1]!; at++) {
      const value = batch.values[at]!;
      const shown = isStaleMarker(bits, at) ? 'stale' : Object.is(value, -0) ? '-0' : `${value}`;
      content.samples.push(`${series} ${shown} @${batch.timestampsMs[at]}`);
    }
  }
  for (const { seriesIndex, ...exemplar } of batch.exemplars) {
    content.exemplars.push({ series: seriesText(batch, seriesIndex), ...exemplar });
  }
  content.metadata.push(...batch.metadata);
  content.histograms += batch.histograms.length;
}

function seriesText({ body, labelsStart, labelsEnd }: WriteBatch, index: number): string {
  const flat = decodeLabels(body, labelsStart[index]!, labelsEnd[index]!);
  const pairs: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i]!, flat[i + 1]!]);
  return Labels.of(pairs).toString();
}
