import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listOfLabels } from '../../src/model/label.ts';
import { Labels } from '../../src/model/labels.ts';
import { runAtOnce } from '../../src/model/work.ts';
import { LabelIndex } from '../../src/storage/label-index.ts';
import { SeriesSorter } from '../../src/storage/series-sorter.ts';

const labelSet = fc.dictionary(fc.constantFrom('a', 'ab', 'b', 'c'), fc.constantFrom('1', '10', '2', 'é', '\u{1f600}'));

test('series stand in the order that comparing their labels gives', () => {
  fc.assert(
    fc.property(fc.uniqueArray(labelSet, { selector: JSON.stringify, maxLength: 60 }), (records) => {
      expect(sortedRefs(records.map((record) => Labels.fromRecord(record)))).toEqual(expectedRefs(records));
    }),
  );
});

test('more series than are sorted in one go', () => {
  const records = Array.from({ length: 5000 }, (_, i) => ({ job: `job-${i % 7}`, instance: `${(i * 7919) % 5000}` }));
  expect(sortedRefs(records.map((record) => Labels.fromRecord(record)))).toEqual(expectedRefs(records));
});

function sortedRefs(series: readonly Labels[]): number[] {
  const index = new LabelIndex();
  const pairsOf = series.map((labels) =>
    listOfLabels(labels).map((label) => index.pairOf(label) ?? index.create(label)),
  );
  const sorter = new SeriesSorter(runAtOnce(index.sorted()));
  for (const [i, pairs] of pairsOf.entries()) sorter.add(i + 1, pairs);
  return Array.from(runAtOnce(sorter.sorted()));
}

function expectedRefs(records: readonly Record<string, string>[]): number[] {
  return records
    .map((record, i) => ({ labels: Labels.fromRecord(record), ref: i + 1 }))
    .sort((a, b) => a.labels.compare(b.labels))
    .map(({ ref }) => ref);
}
