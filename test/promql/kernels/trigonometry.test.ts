import { expect, test } from 'vitest';
import { goCos, goSin, goTan } from '../../../src/promql/kernels/trigonometry.ts';

const functions = { sin: goSin, cos: goCos, tan: goTan };

// Recorded from Prometheus 3.5 on amd64, where JavaScript has other bits.
test.for([
  { name: 'sin', value: 2, expected: 0.9092974268256816 },
  { name: 'sin', value: 0.9104935746128011, expected: 0.7898065728304834 },
  { name: 'sin', value: -4.1399317, expected: 0.8405724074551659 },
  { name: 'sin', value: 7.068583470577036, expected: 0.7071067811865487 },
  { name: 'sin', value: 244.25882881660638, expected: -0.7071067811865774 },
  { name: 'sin', value: -375.33919827321046, expected: 0.9967112662514619 },
  { name: 'sin', value: -825.3825, expected: -0.7554678473409983 },
  { name: 'cos', value: -0.9999999999999999, expected: 0.5403023058681399 },
  { name: 'cos', value: 0.3811566915744755, expected: 0.9282349738438359 },
  { name: 'cos', value: 1.5707963267948966, expected: 6.123233995736757e-17 },
  { name: 'cos', value: 5.497787143782138, expected: 0.7071067811865475 },
  { name: 'cos', value: 314.8572, expected: 0.7661710958274999 },
  { name: 'cos', value: -380.8843757176899, expected: -0.7305531770461533 },
  { name: 'tan', value: 1, expected: 1.557407724654902 },
  { name: 'tan', value: -0.47303727943437635, expected: -0.5117927998704501 },
  { name: 'tan', value: 1.5707963267948966, expected: 16331239353195392 },
  { name: 'tan', value: 2.3561944901923453, expected: -0.9999999999999992 },
  { name: 'tan', value: -274.8328570920183, expected: -17.680247255464277 },
  { name: 'tan', value: -718, expected: 6.7968648202576345 },
] as const)('$name of $value has the bits that Go gives it', ({ name, value, expected }) => {
  expect(functions[name](value)).toBe(expected);
});

// Recorded as well: from 2^29 on more digits of pi are needed.
test.for([
  { value: 536870911.5, sin: 0.7397305569762235, cos: -0.6729031899728566, tan: -1.0993120080260914 },
  { value: 536870912, sin: 0.3265676630185634, cos: -0.9451738260608966, tan: -0.3455106923343039 },
  { value: -1e22, sin: 0.8522008497671889, cos: 0.5232147853951389, tan: 1.6287782256068992 },
  { value: 8.627968083167818e58, sin: -0.9999999908261408, cos: 0.00013545374969766233, tan: -7382.593638479386 },
  { value: 5.319372648326541e255, sin: 1, cos: -4.843547715640022e-19, tan: -2064602350816030000 },
  { value: Number.MAX_VALUE, sin: 0.004961954789184084, cos: -0.9999876894265599, tan: -0.004962015874444917 },
])('the large angle $value has the sine, cosine and tangent that Go gives it', ({ value, sin, cos, tan }) => {
  expect({ sin: goSin(value), cos: goCos(value), tan: goTan(value) }).toEqual({ sin, cos, tan });
});

test.for([
  { value: 0, sin: 0, cos: 1, tan: 0 },
  { value: -0, sin: -0, cos: 1, tan: -0 },
  { value: 5e-324, sin: 5e-324, cos: 1, tan: 5e-324 },
  { value: Infinity, sin: NaN, cos: NaN, tan: NaN },
  { value: -Infinity, sin: NaN, cos: NaN, tan: NaN },
  { value: NaN, sin: NaN, cos: NaN, tan: NaN },
])('$value has the sine $sin, the cosine $cos and the tangent $tan', ({ value, sin, cos, tan }) => {
  expect({ sin: goSin(value), cos: goCos(value), tan: goTan(value) }).toEqual({ sin, cos, tan });
});
