import { expect, test } from 'vitest';
import { type Row, rowsToBatch } from '../../src/ingest/rows.ts';
import { Labels } from '../../src/model/labels.ts';
import type { WriteBatch } from '../../src/model/write-batch.ts';
import { decodeRemoteWrite } from '../../src/wire/remote-write.ts';
import { encodeRemoteWrite, STALE_VALUE } from '../../src/wire/remote-write-encode.ts';
import { contentOf } from '../support/batch-content.ts';

const rows: readonly Row[] = [
  { labels: Labels.fromRecord({ __name__: 'up', job: 'a' }), timestampMs: 1000, value: 0.1 },
  { labels: Labels.EMPTY, timestampMs: -1, value: Number.NaN },
  { labels: Labels.fromRecord({ __name__: 'up', job: 'a' }), timestampMs: 2000, value: -0 },
  { labels: Labels.fromRecord({ naïve: '😀', bytes: 'a\udcffz' }), timestampMs: 2 ** 60, value: Infinity },
  { labels: Labels.fromRecord({ long: 'x'.repeat(70_000) }), timestampMs: 5, value: 6, isStale: true },
];

test('rows become the batch that a request of them would be decoded to', () => {
  const series = rows.map(({ labels, timestampMs, value, isStale }) => ({
    labels: [...labels],
    samples: [[timestampMs, isStale ? STALE_VALUE : value]] as const,
  }));
  const batch = rowsToBatch(rows);
  const decoded = decodeRemoteWrite(encodeRemoteWrite({ series }));
  expect(contentOf(batch)).toEqual(contentOf(decoded));
  expect(labelBytesOf(batch)).toEqual(labelBytesOf(decoded));
});

/** What series are found by. */
function labelBytesOf({ body, labelsStart, labelsEnd }: WriteBatch): string[] {
  return Array.from(labelsStart, (start, i) => Buffer.from(body.subarray(start, labelsEnd[i])).toString('hex'));
}
