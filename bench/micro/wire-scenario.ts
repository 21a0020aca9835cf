import { Annotations } from '../../src/model/annotations.ts';
import { createStepColumn, FLOAT } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import type { QueryResult } from '../../src/model/query-result.ts';
import type { WriteBatch } from '../../src/model/write-batch.ts';
import { type JsonChunks, wholeJson } from '../../src/wire/json-bytes.ts';
import { decodeRemoteWrite } from '../../src/wire/remote-write.ts';
import { decodeLabels } from '../../src/wire/remote-write-labels.ts';
import { decodeRemoteWriteV2 } from '../../src/wire/remote-write-v2.ts';
import { queryResponseJson } from '../../src/wire/result-json.ts';
import { decompressSnappy } from '../../src/wire/snappy.ts';
import { SymbolNumbers } from '../../src/wire/symbol-numbers.ts';
import { type BenchSeries, createCorpus } from '../data/corpus.ts';
import { SAMPLES_PER_REQUEST } from '../data/push.ts';
import { SEED } from '../data/random.ts';
import { ShardEncoder } from '../data/shards.ts';
import type { Scenario } from '../scenario.ts';
import { measureInto } from './measure-work.ts';

const LIMIT_BYTES = 100 << 20;
const STEP_COUNT = 1000;
const optionsV2 = {
  labelsLimitBytes: LIMIT_BYTES,
  typeAndUnitLabels: false,
  startTimestamps: false,
  exemplarOnlySeries: false,
};

export const wireScenario: Scenario = {
  name: 'wire',
  about: `a request of ${SAMPLES_PER_REQUEST} samples from bytes to columns; 1,000 series of ${STEP_COUNT} steps to JSON`,
  async run({ rows, isSmoke }) {
    const measure = measureInto(rows, isSmoke);
    const series = createCorpus([{ metric: 'm_total', kind: 'counter', seriesCount: SAMPLES_PER_REQUEST }], 1, SEED);
    const compressed = new ShardEncoder(series).encode(0, 1_700_000_000_123);
    const body = decompressSnappy(compressed, LIMIT_BYTES);
    checkRequest(body, series);
    await measure('decompress a request', () => decompressSnappy(compressed, LIMIT_BYTES));
    await measure('decode a request', () => decodeRemoteWrite(body));
    await measure('decode the labels of a request', () => labelsOf(body));

    const compressedV2 = new ShardEncoder(series, 2).encode(0, 1_700_000_000_123);
    const bodyV2 = decompressSnappy(compressedV2, LIMIT_BYTES);
    const symbolNumbers = new SymbolNumbers();
    const decodeV2 = (): WriteBatch => decodeRemoteWriteV2(bodyV2, { ...optionsV2, symbolNumbers });
    if (decodeV2().seriesCount !== series.length) throw new Error('the request of version 2.0 lacks series');
    await measure('decompress a request, 2.0', () => decompressSnappy(compressedV2, LIMIT_BYTES));
    await measure('decode a request, 2.0', decodeV2);

    for (const [name, valueAt] of [
      ['integers', (index: number) => index * 17],
      ['fractions', (index: number) => Math.sqrt(index + 1) * 1000],
    ] as const) {
      const result = matrixOf(series.slice(0, 1000), valueAt);
      checkJson(result);
      await measure(`write a million ${name} as JSON`, () => lengthOf(queryResponseJson(result)));
    }
  },
};

function labelsOf(body: Uint8Array): string[][] {
  const batch = decodeRemoteWrite(body);
  const labels: string[][] = [];
  for (let i = 0; i < batch.seriesCount; i++) {
    labels.push(decodeLabels(batch.body, batch.labelsStart[i]!, batch.labelsEnd[i]!));
  }
  return labels;
}

function checkRequest(body: Uint8Array, series: readonly BenchSeries[]): void {
  const { timestampsMs, values } = decodeRemoteWrite(body);
  const labels = labelsOf(body);
  for (const [i, expected] of series.entries()) {
    const isSame =
      labels[i]?.join() === expected.labels.flat().join() &&
      timestampsMs[i] === 1_700_000_000_123 &&
      values[i] === expected.values[0];
    if (!isSame) throw new Error(`series ${i} of the request is not what was encoded`);
  }
}

function matrixOf(series: readonly BenchSeries[], valueAt: (index: number) => number): QueryResult {
  return {
    value: {
      kind: 'matrix',
      grid: { startMs: 1_700_000_000_000, stepMs: 15_000, count: STEP_COUNT },
      series: series.map(({ labels }, index) => {
        const column = createStepColumn(STEP_COUNT);
        column.present.fill(FLOAT);
        for (let step = 0; step < STEP_COUNT; step++) column.values[step] = valueAt(index * STEP_COUNT + step);
        return { labels: Labels.of(labels), column };
      }),
    },
    annotations: new Annotations(),
    statistics: { totalQueryableSamples: 0, peakSamples: 0 },
  };
}

function checkJson(result: QueryResult): void {
  const { data } = JSON.parse(wholeJson(queryResponseJson(result)).toString()) as {
    data: { result: { values: unknown[] }[] };
  };
  if (data.result.at(-1)?.values.length !== STEP_COUNT) throw new Error('the JSON does not hold every step');
}

/** Takes the chunks as a socket would. */
function lengthOf(chunks: JsonChunks): number {
  let bytes = 0;
  for (;;) {
    const { done, value } = chunks.next();
    bytes += value.length;
    if (done) return bytes;
  }
}
