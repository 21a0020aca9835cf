import { writeStaleMarker } from '../model/columns.ts';
import type { Labels } from '../model/labels.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import type { WriteBatch } from '../model/write-batch.ts';
import { histogramMessage } from '../wire/histogram-encode.ts';
import { LabelFieldWriter } from '../wire/label-field-writer.ts';
import { decodeRemoteWrite } from '../wire/remote-write.ts';
import { encodeRemoteWrite, STALE_VALUE } from '../wire/remote-write-encode.ts';

/** Labels are texts here, not ranges of a request. */
const NO_SOURCE = new Uint8Array(0);

/** A sample that was computed here (a rule's result). */
export interface Row {
  readonly labels: Labels;
  readonly timestampMs: number;
  readonly value: number;
  /** The sample is this; `value` does not matter. */
  readonly histogram?: NativeHistogram | undefined;
  /** The sample is a staleness marker; `value` does not matter. */
  readonly isStale?: boolean;
}

/**
 * Rows as a write request has them, so that they pass the same checks and their series are found by the same bytes.
 * Histograms go through the encoding, where they get the size that limits look at.
 */
export function rowsToBatch(rows: readonly Row[]): WriteBatch {
  return rows.some(({ histogram, isStale }) => histogram && !isStale) ? encodedBatch(rows) : columnsOf(rows);
}

function columnsOf(rows: readonly Row[]): WriteBatch {
  const rowCount = rows.length;
  const labelFields = new LabelFieldWriter(NO_SOURCE, Number.MAX_SAFE_INTEGER);
  const labelsStart = new Uint32Array(rowCount);
  const labelsEnd = new Uint32Array(rowCount);
  const timestampsMs = new Float64Array(rowCount);
  const values = new Float64Array(rowCount);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < rowCount; i++) {
    const { labels, timestampMs, value, isStale } = rows[i]!;
    labelsStart[i] = labelFields.length;
    for (let at = 0; at < labels.size; at++) labelFields.writeText(labels.nameAt(at), labels.valueAt(at));
    labelsEnd[i] = labelFields.length;
    timestampsMs[i] = timestampMs;
    values[i] = value;
    if (isStale) writeStaleMarker(bits, i);
  }
  const samplesStart = Uint32Array.from({ length: rowCount + 1 }, (_, index) => index);
  const columns = { labelsStart, labelsEnd, samplesStart, timestampsMs, values };
  return { body: labelFields.bytes(), seriesCount: rowCount, ...columns, histograms: [], exemplars: [], metadata: [] };
}

function encodedBatch(rows: readonly Row[]): WriteBatch {
  const series = rows.map(({ labels, timestampMs, value, histogram, isStale }) =>
    histogram && !isStale
      ? { labels: [...labels], histograms: [histogramMessage(timestampMs, histogram)] }
      : { labels: [...labels], samples: [[timestampMs, isStale ? STALE_VALUE : value]] as const },
  );
  return decodeRemoteWrite(encodeRemoteWrite({ series }));
}
