import { decodeChunk, encodeChunk } from '../../src/storage/chunk-codec.ts';
import { type BenchSeries, createFleet, fleet } from '../data/corpus.ts';
import { createRandom, SEED } from '../data/random.ts';
import type { Scenario } from '../scenario.ts';
import { SELF } from '../targets/target.ts';
import { measureInto } from './measure-work.ts';

const START_MS = 1_700_000_000_000;

export const chunksScenario: Scenario = {
  name: 'chunks',
  about: `chunks of ${fleet.scrapeCount} samples encoded and decoded, a million samples each time; their size`,
  async run({ rows, isSmoke }) {
    const measure = measureInto(rows, isSmoke);
    const chunkCount = isSmoke ? 50 : Math.ceil(1e6 / fleet.scrapeCount);
    const regular = Float64Array.from({ length: fleet.scrapeCount }, (_, i) => START_MS + i * fleet.intervalMs);
    const jittered = withJitter(regular);
    const corpus = createFleet();
    for (const [name, columns, timestampsMs] of [
      ['counters', columnsOf(corpus, 'requests_total', chunkCount), regular],
      ['buckets', columnsOf(corpus, 'latency_seconds_bucket', chunkCount), regular],
      ['gauges', columnsOf(corpus, 'memory_megabytes', chunkCount), regular],
      ['counters, times with jitter', columnsOf(corpus, 'requests_total', chunkCount), jittered],
      ['random floats', randomColumns(chunkCount), regular],
    ] as const) {
      const encode = (): Uint8Array[] =>
        columns.map((values) => encodeChunk(timestampsMs, values, 0, timestampsMs.length));
      const chunks = encode();
      check(chunks, columns);
      await measure(`encode a million samples, ${name}`, encode);
      await measure(`decode a million samples, ${name}`, () => {
        for (const chunk of chunks) decodeChunk(chunk);
      });
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const sampleCount = columns.length * fleet.scrapeCount;
      rows.add(SELF, { name: `size, ${name}`, unit: 'bytes/sample' }, bytes / sampleCount);
    }
  },
};

function check(chunks: readonly Uint8Array[], columns: readonly Float64Array[]): void {
  for (const [i, chunk] of chunks.entries()) {
    const { values } = decodeChunk(chunk);
    if (values.length !== columns[i]!.length || values.some((value, at) => !Object.is(value, columns[i]![at]))) {
      throw new Error(`chunk ${i} does not hold what was encoded`);
    }
  }
}

/** The values of the metric's series, over and over until there are enough. */
function columnsOf(corpus: readonly BenchSeries[], metric: string, count: number): Float64Array[] {
  const own = corpus.filter(({ labels }) => labels[0]?.[1] === metric);
  return Array.from({ length: count }, (_, i) => own[i % own.length]!.values);
}

function randomColumns(count: number): Float64Array[] {
  const random = createRandom(SEED);
  return Array.from({ length: count }, () => Float64Array.from({ length: fleet.scrapeCount }, () => random() * 1e6));
}

/** As scrapes of a real Prometheus come: some milliseconds early or late. */
function withJitter(timestampsMs: Float64Array): Float64Array {
  const random = createRandom(SEED);
  return timestampsMs.map((timestampMs) => timestampMs + Math.floor(random() * 10));
}
