import { expect, test } from 'vitest';
import { decodeRemoteWrite } from '../../src/wire/remote-write.ts';
import { encodeRemoteWrite, STALE_VALUE } from '../../src/wire/remote-write-encode.ts';
import { encodeBatch } from '../../src/wire/remote-write-forward.ts';
import { contentOf } from '../support/batch-content.ts';

test('a batch is sent on as it came, bit by bit', () => {
  const sent = encodeRemoteWrite({
    series: [
      {
        labels: [
          ['__name__', 'a'],
          ['odd', 'é\n'],
        ],
        samples: [
          [-5, 1.5],
          [1_700_000_000_000, STALE_VALUE],
          [6, 0x7ff8000000000001n],
          [7, -0],
        ],
        exemplars: [{ labels: [['trace_id', 'x']], value: 2, timestampMs: 6 }],
      },
      {
        labels: [['__name__', 'h']],
        histograms: [
          {
            timestampMs: 5,
            isInteger: true,
            schema: 3,
            count: 4,
            sum: 2.5,
            zeroThreshold: 0.1,
            zeroCount: 1,
            positiveSpans: [{ offset: -2, length: 2 }],
            positiveCounts: [1, 2],
          },
          { timestampMs: 6, isInteger: false, isStale: true, schema: 0, count: 0, sum: 0, counterResetHint: 'gauge' },
        ],
      },
      { labels: [['__name__', 'b']], samples: [[1, 2]] },
    ],
    metadata: [{ metric: 'a', type: 'counter', help: 'Help.', unit: 's' }],
  });
  const batch = decodeRemoteWrite(sent);
  expect(Buffer.from(encodeBatch(batch))).toEqual(Buffer.from(sent));
  expect(contentOf(decodeRemoteWrite(encodeBatch(batch)))).toEqual(contentOf(batch));
});
