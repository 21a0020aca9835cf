import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Label } from '../../src/model/label.ts';
import type { SeriesNames } from '../../src/model/write-batch.ts';
import { LabelCache } from '../../src/wire/label-cache.ts';
import { decodeRemoteWrite } from '../../src/wire/remote-write.ts';
import { encodeRemoteWrite } from '../../src/wire/remote-write-encode.ts';
import { namesOfSeries } from '../../src/wire/remote-write-labels.ts';
import { decodeRemoteWriteV2 } from '../../src/wire/remote-write-v2.ts';
import { SymbolNumbers } from '../../src/wire/symbol-numbers.ts';
import { encodeRemoteWriteV2 } from '../support/remote-write-v2.ts';

type LabelList = readonly (readonly [string, string])[];

const someLabels: fc.Arbitrary<LabelList[]> = fc.array(
  fc.array(
    fc.tuple(
      fc.constantFrom('__name__', 'job', 'instance', 'é', ''),
      fc.oneof(fc.constantFrom('a', 'b', '', 'x'.repeat(127), 'x'.repeat(300)), fc.string()),
    ),
    { maxLength: 6 },
  ),
  { maxLength: 8 },
);

function namesV1(series: readonly LabelList[]): SeriesNames {
  return namesOfSeries(
    decodeRemoteWrite(encodeRemoteWrite({ series: series.map((labels) => ({ labels, samples: [[1, 1]] })) })),
  );
}

function namesV2(series: readonly LabelList[], symbolNumbers: SymbolNumbers): SeriesNames {
  const body = encodeRemoteWriteV2({ series: series.map((labels) => ({ labels, samples: [[1, 1]] })) });
  const options = {
    labelsLimitBytes: 1 << 20,
    typeAndUnitLabels: false,
    startTimestamps: false,
    exemplarOnlySeries: false,
  };
  return namesOfSeries(decodeRemoteWriteV2(body, { ...options, symbolNumbers }));
}

function read(cache: LabelCache, names: SeriesNames, seriesIndex: number): Label[] {
  const { buffer, byteOffset, byteLength } = names.bytes;
  const into: Label[] = [];
  cache.read(names, new DataView(buffer, byteOffset, byteLength), seriesIndex, into);
  return into;
}

const textsOf = (labels: readonly Label[]): LabelList => labels.map(({ name, value }) => [name, value] as const);

test('labels are those of the request, whatever was read before', () => {
  const cache = new LabelCache();
  const symbolNumbers = new SymbolNumbers();
  fc.assert(
    fc.property(someLabels, (series) => {
      for (const names of [namesV1(series), namesV2(series, symbolNumbers)]) {
        expect(series.map((_labels, i) => textsOf(read(cache, names, i)))).toEqual(series);
      }
    }),
  );
});

test('a label that comes again is the same object, and labels of a name share its text', () => {
  const cache = new LabelCache();
  const names = namesV1([
    [['job', 'a'] as const, ['pod', 'x'] as const],
    [['job', 'a'] as const, ['pod', 'y'] as const],
  ]);
  const [first, second] = [read(cache, names, 0), read(cache, names, 1)];
  expect(first[0]).toBe(second[0]);
  expect(first[1]).not.toBe(second[1]);
});

test('after more labels than are kept it reads on', () => {
  const cache = new LabelCache();
  const series = Array.from({ length: 70_000 }, (_, i) => [['i', `${i}`] as const]);
  const names = namesV1(series);
  expect(series.every((labels, i) => read(cache, names, i)[0]!.value === labels[0]![1])).toBe(true);
  expect(textsOf(read(cache, names, 0))).toEqual([['i', '0']]);
});
