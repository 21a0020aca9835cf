import { expect, test } from 'vitest';
import { Labels } from '../../../src/model/labels.ts';
import { runAtOnce } from '../../../src/model/work.ts';
import { labelFunctions } from '../../../src/promql/functions/labels.ts';

function replaced(value: string, replacement: string, expression: string): string {
  const change = labelFunctions.label_replace.create(['to', replacement, 'from', expression]);
  return runAtOnce(change(Labels.fromRecord({ from: value }))).get('to');
}

// How Go expands a replacement.
test.for([
  { replacement: '$1-$2', expression: '(a+)(b+)', expected: 'aa-b' },
  { replacement: `\${1}x`, expression: '(a+)(b+)', expected: 'aax' },
  { replacement: '$1x', expression: '(a+)(b+)', expected: '', note: 'the group named 1x' },
  { replacement: '$0', expression: 'a.*', expected: 'aab' },
  { replacement: '$3|$9', expression: '(a+)(b+)', expected: '|' },
  { replacement: '$01', expression: '(a+)(b+)', expected: '', note: 'no number begins with a zero' },
  { replacement: `$head/\${tail}`, expression: '(?P<head>a+)(?P<tail>b+)', expected: 'aa/b' },
  { replacement: '$$1', expression: '(a+)b', expected: '$1' },
  { replacement: '5$ $', expression: '.*', expected: '5$ $' },
  { replacement: `\${1`, expression: '(a+)b', expected: `\${1` },
  { replacement: `\${}`, expression: '(a+)b', expected: `\${}` },
  { replacement: '$1', expression: '(x)?a+b', expected: '', note: 'a group that took no part' },
  { replacement: '$n', expression: '(?P<n>x)?(?P<n>a+)(?P<n>b)', expected: 'aa', note: 'the first one that took part' },
  { replacement: '$1', expression: '(a??)(a*)b', expected: '', note: 'a group that prefers less' },
  { replacement: '$1-$2', expression: '(a|aa)(a|b)+', expected: 'a-b', note: 'the first alternative, the last round' },
  { replacement: '$toString', expression: '.*', expected: '', note: 'no such group' },
])('$replacement after $expression gives "$expected"', ({ replacement, expression, expected }) => {
  expect(replaced('aab', replacement, expression)).toBe(expected);
});

test('values that would fill the memory are refused', () => {
  const change = labelFunctions.label_replace.create(['to', '$1'.repeat(1_000_000), 'from', '(.*)']);
  const work = change(Labels.fromRecord({ from: 'a'.repeat(100) }));
  expect(() => runAtOnce(work)).toThrow(
    expect.objectContaining({ code: 'execution-error', message: 'label_replace() makes too long label values' }),
  );
});

test('the expression must match the whole value, newlines included', () => {
  expect([replaced('ab', 'x', 'a'), replaced('a\nb', 'x', 'a.b')]).toEqual(['', 'x']);
});

test.for([
  {
    name: 'label_replace',
    strings: ['', 'x', 'y', ''],
    message: 'invalid destination label name in label_replace(): ',
  },
  {
    name: 'label_replace',
    strings: ['a', 'x', 'y', '*'],
    message: 'invalid regular expression in label_replace(): *',
  },
  { name: 'label_join', strings: ['', ','], message: 'invalid destination label name in label_join(): ' },
  { name: 'label_join', strings: ['a', ',', 'b', ''], message: 'invalid source label name in label_join(): ' },
] as const)('$name($strings) is refused', ({ name, strings, message }) => {
  expect(() => labelFunctions[name].create(strings)).toThrow(
    expect.objectContaining({ code: 'execution-error', message }),
  );
});
