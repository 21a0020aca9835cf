import { expect, test } from 'vitest';
import { bulkRounds } from '../../bench/data/bulk.ts';
import { createEngineCorpus } from '../../bench/data/engine-corpus.ts';
import { decodeRemoteWrite } from '../../src/wire/remote-write.ts';
import { decodeLabels } from '../../src/wire/remote-write-labels.ts';
import { decompressSnappy } from '../../src/wire/snappy.ts';

/** `labels timeMs:value …` of every series of a request. */
function describeBody(body: Uint8Array): string[] {
  const batch = decodeRemoteWrite(decompressSnappy(body, 1 << 20));
  return Array.from({ length: batch.seriesCount }, (_, i) => {
    const samples: string[] = [];
    for (let at = batch.samplesStart[i]!; at < batch.samplesStart[i + 1]!; at++) {
      samples.push(`${batch.timestampsMs[at]}:${batch.values[at]}`);
    }
    const labels = decodeLabels(batch.body, batch.labelsStart[i]!, batch.labelsEnd[i]!);
    return [labels.join('='), ...samples].join(' ');
  });
}

const T = 1_700_000_000_000;

test('rounds hold all samples of all sets, earlier ones first, twenty of a series in a request', () => {
  const late = { labels: [['a', 'late']], values: Float64Array.of(7, 8), firstScrape: 1 } as const;
  const long = { labels: [['a', 'long']], values: Float64Array.from({ length: 21 }, (_, i) => i) } as const;
  const rounds = bulkRounds([
    { series: [late], firstMs: T + 5, intervalMs: 10 },
    { series: [long], firstMs: T, intervalMs: 1 },
  ]);
  const firstTwenty = Array.from({ length: 20 }, (_, i) => `${T + i}:${i}`).join(' ');
  expect(rounds.map(({ startMs, bodies }) => ({ startMs, series: bodies.map(describeBody) }))).toEqual([
    { startMs: T, series: [[`a=long ${firstTwenty}`]] },
    { startMs: T + 5, series: [[`a=late ${T + 15}:7 ${T + 25}:8`]] },
    { startMs: T + 20, series: [[`a=long ${T + 20}:20`]] },
  ]);
});

test('the corpus of the engine has the series of its benchmark, all ending together but the sparse ones', () => {
  const corpus = createEngineCorpus({ hundred: 20, thousand: 30, scrapeCount: 100, dayScrapeCount: 50 });
  const counts: Record<string, number> = {};
  for (const { labels, values, firstScrape = 0 } of corpus) {
    const [, name] = labels[0]!;
    counts[name] = (counts[name] ?? 0) + 1;
    if (name === 'sparse') continue;
    const isLong = name === 'a_hundred' || name === 'b_hundred';
    expect([firstScrape, values.length]).toEqual(isLong ? [0, 150] : [50, 100]);
  }
  expect(counts).toEqual({
    ...{ a_one: 1, b_one: 1, h_one: 11, a_ten: 10, b_ten: 10, h_ten: 110, a_hundred: 20, b_hundred: 20 },
    ...{ h_hundred: 220, a_thousand: 30, b_thousand: 30, sparse: 50 },
  });
});
