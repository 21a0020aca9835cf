import { expect, test } from 'vitest';
import { goLog, goLog2, goLog10 } from '../../src/model/go-math.ts';

const logarithms = { ln: goLog, log2: goLog2, log10: goLog10 };

// Recorded from Prometheus 3.5 on amd64.
test.for([
  { name: 'ln', value: 619465.3803237809, expected: 13.336612095235216 },
  { name: 'ln', value: 754499.2290832449, expected: 13.533809535431063 },
  { name: 'ln', value: 661658.5254739781, expected: 13.402504879290069 },
  { name: 'ln', value: 5.746930343487541e-136, expected: -311.4029067882379 },
  { name: 'ln', value: 633373.4998355478, expected: 13.358815574250515 },
  { name: 'ln', value: 1e15, expected: 34.538776394910684 },
  { name: 'ln', value: 1000, expected: 6.907755278982137 },
  { name: 'log2', value: 1.5810756048147268, expected: 0.6609063569963045 },
  { name: 'log2', value: 0.5896258524239422, expected: -0.7621283134222419 },
  { name: 'log2', value: 0.8896713722750429, expected: -0.1686555645856957 },
  { name: 'log2', value: 76724.93155429105, expected: 16.227407833224866 },
  { name: 'log2', value: 2.562256795222579e139, expected: 463.1054202624579 },
  { name: 'log2', value: 352736.32402590016, expected: 18.42823062347483 },
  { name: 'log2', value: 1e15, expected: 49.82892142331043 },
  { name: 'log2', value: 1000, expected: 9.965784284662087 },
  { name: 'log2', value: 0.5, expected: -1.0 },
  { name: 'log10', value: 202407.5179964182, expected: 5.30622663941145 },
  { name: 'log10', value: 1.3397384684825014e96, expected: 96.1270200276332 },
  { name: 'log10', value: 76724.93155429105, expected: 4.884936509673336 },
  { name: 'log10', value: 2.108041434613492e89, expected: 89.32387914290064 },
  { name: 'log10', value: 314627.04350630665, expected: 5.4977960493132905 },
  { name: 'log10', value: 687431.4947513869, expected: 5.837229425507639 },
  { name: 'log10', value: 1e15, expected: 14.999999999999998 },
  { name: 'log10', value: 1000, expected: 3.0 },
  { name: 'ln', value: 1e-310, expected: -709.0850815488945 },
  { name: 'ln', value: 5e-324, expected: -709.0895657128241 },
  { name: 'log2', value: 3e-320, expected: -1061.4320439245846 },
  { name: 'log10', value: 5e-324, expected: -307.9536855642528 },
  { name: 'log10', value: 0.5, expected: -0.3010299956639812 },
] as const)('$name of $value has the bits that Go gives it', ({ name, value, expected }) => {
  expect(logarithms[name](value)).toBe(expected);
});

test.for([
  { value: 2 ** -1074, expected: -1074 },
  { value: 2 ** -1022, expected: -1022 },
  { value: 2 ** 1023, expected: 1023 },
  { value: 0, expected: -Infinity },
  { value: -0, expected: -Infinity },
  { value: -1, expected: NaN },
  { value: Infinity, expected: Infinity },
  { value: NaN, expected: NaN },
])('log2 of $value is $expected', ({ value, expected }) => {
  expect(goLog2(value)).toBe(expected);
});
