import { expect, test } from 'vitest';
import { formatSideBySide } from '../../../src/pocket/promtest/side-by-side.ts';

test.for([
  {
    claim: 'puts lines of one series into one row and marks what differs',
    expected: 'x{a="1"} 1\nx{a="2"} 2\nx{a="3"} 3',
    actual: 'x{a="3"} 4\nx{a="1"} 1\nx{a="4"} 5',
    columns: 120,
    lines: [
      'expected       actual',
      'x{a="1"} 1     x{a="1"} 1',
      'x{a="2"} 2  <',
      'x{a="3"} 3  |  x{a="3"} 4',
      '            >  x{a="4"} 5',
    ],
  },
  {
    claim: 'says so when there is nothing',
    expected: '',
    actual: 'error: no',
    columns: 120,
    lines: ['expected       actual', '(nothing)  |  error: no'].map((line, i) =>
      i === 0 ? 'expected      actual' : line,
    ),
  },
  {
    claim: 'breaks what is too long',
    expected: '{} 1 2 3 4 5 6 7 8',
    actual: '{} 1 2 3 4 5 6 7 9 10',
    columns: 25,
    lines: ['expected       actual', '{} 1 2 3 4  |  {} 1 2 3 4', '  5 6 7 8   |    5 6 7 9', '            |    10'],
  },
])('$claim', ({ expected, actual, columns, lines }) => {
  expect(formatSideBySide(expected, actual, columns)).toEqual(lines);
});
