import type { Labels } from '../model/labels.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import type { WriteBatch } from '../model/write-batch.ts';
import { histogramMessage } from '../wire/histogram-encode.ts';
import { decodeRemoteWrite } from '../wire/remote-write.ts';
import { encodeRemoteWrite, STALE_VALUE } from '../wire/remote-write-encode.ts';

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
 * Rows as a write request has them, so that they pass the same checks and their series are found by their bytes. Rules
 * yield a few rows an interval; going through the encoding costs less than a second way in would.
 */
export function rowsToBatch(rows: readonly Row[]): WriteBatch {
  const series = rows.map(({ labels, timestampMs, value, histogram, isStale }) =>
    histogram && !isStale
      ? { labels: [...labels], histograms: [histogramMessage(timestampMs, histogram)] }
      : { labels: [...labels], samples: [[timestampMs, isStale ? STALE_VALUE : value]] as const },
  );
  return decodeRemoteWrite(encodeRemoteWrite({ series }));
}
