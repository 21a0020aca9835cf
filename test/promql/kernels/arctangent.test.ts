import { expect, test } from 'vitest';
import { goAcos, goAsin, goAtan, goAtan2 } from '../../../src/promql/kernels/arctangent.ts';

const functions = { atan: goAtan, asin: goAsin, acos: goAcos };

// Recorded from Prometheus 3.5, most of them where JavaScript has other bits.
test.for([
  { name: 'atan', value: 0.3, expected: 0.2914567944778671 },
  { name: 'atan', value: -0.66, expected: -0.583373006993856 },
  { name: 'atan', value: 2.5, expected: 1.1902899496825317 },
  { name: 'atan', value: 13.385, expected: 1.4962243691207526 },
  { name: 'atan', value: 22.124, expected: 1.5256272874360763 },
  { name: 'atan', value: 62.645, expected: 1.5548347165431031 },
  { name: 'atan', value: 93.366, expected: 1.560086199295622 },
  { name: 'atan', value: 1e6, expected: 1.5707953267948966 },
  { name: 'asin', value: 0.3227, expected: 0.32858071630278857 },
  { name: 'asin', value: 0.7757, expected: 0.8878235114407735 },
  { name: 'asin', value: 0.9425, expected: 1.230033504887103 },
  { name: 'asin', value: -1, expected: -1.5707963267948966 },
  { name: 'asin', value: 1.5, expected: NaN },
  { name: 'acos', value: 0.2006, expected: 1.3688259952525237 },
  { name: 'acos', value: 0.9425, expected: 0.3407628219077936 },
  { name: 'acos', value: -0.95, expected: 2.8240322242982714 },
  { name: 'acos', value: 1, expected: 0 },
  { name: 'acos', value: -1.5, expected: NaN },
] as const)('$name of $value has the bits that Go gives it', ({ name, value, expected }) => {
  expect(functions[name](value)).toBe(expected);
});

test.for([
  { y: 1e3, x: -1, expected: 1.5717963264615635 },
  { y: 0.5, x: -433.25, expected: 3.1404385860121327 },
  { y: -2, x: -7, expected: -2.8632929945846817 },
  { y: 3, x: 4, expected: 0.6435011087932844 },
  { y: 0, x: -1, expected: Math.PI },
  { y: -0, x: -1, expected: -Math.PI },
  { y: 5, x: 0, expected: Math.PI / 2 },
  { y: 1e-300, x: 1e300, expected: 0 },
  { y: 1e-300, x: -1e300, expected: Math.PI },
  // Too small a quotient forgets its sign.
  { y: -1e-300, x: -1e300, expected: Math.PI },
  { y: Infinity, x: -Infinity, expected: (3 * Math.PI) / 4 },
  { y: NaN, x: 1, expected: NaN },
])('$y atan2 $x is $expected', ({ y, x, expected }) => {
  expect(goAtan2(y, x)).toBe(expected);
});
