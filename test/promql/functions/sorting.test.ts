import { expect, test } from 'vitest';
import { compareNaturally } from '../../../src/promql/functions/sorting.ts';

test.for([
  { sorted: ['a1', 'a2', 'a10', 'b'] },
  { sorted: ['', '1', '2', '10', '10a', '10b', 'a'] },
  { sorted: ['host-2.eu', 'host-10.eu', 'host-10.us'] },
  { sorted: ['v9', 'v10', 'v99999999999999999998', 'v99999999999999999999'], note: 'beyond 64 bits digits are text' },
  { sorted: ['B', 'a', 'é'], note: 'text goes by code point' },
  { sorted: ['007', '7'], note: 'the same number' },
])('$sorted is in natural order', ({ sorted }) => {
  expect([...sorted].reverse().sort(compareNaturally)).toEqual(sorted);
  expect([...sorted].sort(compareNaturally)).toEqual(sorted);
});
