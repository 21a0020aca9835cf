import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listOfLabels } from '../../src/model/label.ts';
import { Labels } from '../../src/model/labels.ts';
import { LabelIndex } from '../../src/storage/label-index.ts';
import { LabelSets } from '../../src/storage/label-sets.ts';

const someLabels = fc
  .dictionary(fc.constantFrom('a', 'ab', 'b', 'c'), fc.constantFrom('1', '10', '2', 'é', '\u{1f600}'))
  .map((record) => Labels.fromRecord(record));

function add(sets: LabelSets, index: LabelIndex, seriesRef: number, labels: Labels): void {
  const pairs = listOfLabels(labels).map((label) => index.pairOf(label) ?? index.create(label));
  for (const pair of pairs) index.own(pair).seriesRefs.push(seriesRef);
  sets.add(seriesRef, pairs, pairs.length);
}

test('labels come back, and compare as texts do', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(1, 1, 7, 5000), someLabels), { maxLength: 30 }), (steps) => {
      const index = new LabelIndex();
      const sets = new LabelSets(index);
      const all: [seriesRef: number, labels: Labels][] = [];
      let seriesRef = 0;
      for (const [step, labels] of steps) {
        seriesRef += step;
        add(sets, index, seriesRef, labels);
        all.push([seriesRef, labels]);
      }
      expect(all.map(([ref]) => sets.labelsOf(ref).toRecord())).toEqual(all.map(([, labels]) => labels.toRecord()));
      for (const [a, labelsA] of all) {
        const signs = all.map(([b]) => Math.sign(sets.compare(a, b)));
        expect(signs).toEqual(all.map(([, labelsB]) => Math.sign(labelsA.compare(labelsB))));
      }
    }),
  );
});

test('what is added to a copy, or taken from it, is not seen beside it', () => {
  const index = new LabelIndex();
  const sets = new LabelSets(index);
  add(sets, index, 1, Labels.fromRecord({ a: '1' }));
  const otherIndex = index.copy();
  const other = sets.copy(otherIndex);
  add(sets, index, 2, Labels.fromRecord({ a: 'here' }));
  add(other, otherIndex, 2, Labels.fromRecord({ a: 'there', b: '1' }));
  other.remove(1);
  const seen = (one: LabelSets): string[] => [1, 2, 3].map((seriesRef) => one.labelsOf(seriesRef).toString());
  expect([seen(sets), seen(other)]).toEqual([
    ['{a="1"}', '{a="here"}', '{}'],
    ['{}', '{a="there", b="1"}', '{}'],
  ]);
});
