import { expect, test } from 'vitest';
import { goExp, goPow } from '../../../src/promql/kernels/exponential.ts';

// Recorded from Prometheus 3.5 on amd64, most of them where JavaScript has other bits.
test.for([
  { value: 0.9609189078389997, expected: 2.614097484770759 },
  { value: -0.9999999999999999, expected: 0.3678794411714424 },
  { value: -0.47303727943437635, expected: 0.6231068416740556 },
  { value: 16.49336143134641, expected: 14553781.741953267 },
  { value: 25.918139392115798, expected: 180345337619.5745 },
  { value: -162.54301384130716, expected: 2.5613328339550518e-71 },
  { value: -174.2608, expected: 2.0868736139642416e-76 },
  { value: -377.41863981489024, expected: 1.2279123317989037e-164 },
  { value: -690, expected: 2.171738281389827e-300 },
  { value: 709.43, expected: 1.2633808701860083e308 },
  { value: 709.4361393, expected: 1.2711610022079779e308 },
  { value: 709.44, expected: Infinity },
  { value: 709.78, expected: Infinity },
  { value: -708.39641853226408, expected: 2.2250738585072626e-308 },
  { value: -720, expected: 2.0322308024e-313 },
  { value: -745.13, expected: 5e-324 },
  { value: -745.2, expected: 0 },
  { value: -1e308, expected: 0 },
  { value: 5e-324, expected: 1 },
  { value: -0, expected: 1 },
  { value: Infinity, expected: Infinity },
  { value: -Infinity, expected: 0 },
  { value: NaN, expected: NaN },
])('e to the power of $value has the bits that Go gives it', ({ value, expected }) => {
  expect(goExp(value)).toBe(expected);
});

test.for([
  { base: 1.5, exponent: -129, expected: 1.9240997440273965e-23 },
  { base: 1.037253278116819, exponent: 592, expected: 2534026168.8634105 },
  { base: 1.0000000000000002, exponent: 1e16, expected: 9.211438552424022 },
  { base: 29, exponent: 146.1833030088336, expected: 6.00025415539152e213 },
  { base: 97.1909879258818, exponent: -1.5, expected: 0.0010436647252104801 },
  { base: 0.5, exponent: 0.25, expected: 0.8408964152537145 },
  { base: -0.05593104726347836, exponent: 39, expected: -1.4403402510148971e-49 },
  { base: 391.943, exponent: -8, expected: 1.795629369996872e-21 },
  { base: 101576.00836097878, exponent: 2.7204279618389116, expected: 41745976344539.8 },
  { base: 4.098021369080313e240, exponent: -4.0173640950218934e-14, expected: 0.9999999999777425 },
  { base: 3, exponent: 0.5, expected: 1.7320508075688772 },
  { base: 3, exponent: -0.5, expected: 0.5773502691896258 },
  { base: 0.1, exponent: 323, expected: 1e-323 },
  { base: 0.5, exponent: 1074, expected: 5e-324 },
  { base: 0.5, exponent: 1075, expected: 0 },
  { base: 2, exponent: -1074.5, expected: 5e-324 },
  { base: 1e-310, exponent: 0.7, expected: 2.429525350391374e-218 },
  { base: 5e-324, exponent: -0.3, expected: 2.432795866710339e92 },
  { base: 10, exponent: 308.25, expected: 1.778279410038924e308 },
  { base: -2, exponent: 1025, expected: -Infinity },
  { base: -2, exponent: -1075, expected: -0 },
  { base: -8, exponent: 1 / 3, expected: NaN },
  { base: 0.9999999999999999, exponent: 2 ** 63, expected: 0 },
  { base: -1.5, exponent: 2 ** 53, expected: Infinity },
  { base: -1, exponent: 2 ** 53 + 2, expected: 1 },
])('$base to the power of $exponent has the bits that Go gives it', ({ base, exponent, expected }) => {
  expect(goPow(base, exponent)).toBe(expected);
});

test.for([
  { base: NaN, exponent: 0, expected: 1 },
  { base: 1, exponent: NaN, expected: 1 },
  { base: 1, exponent: -Infinity, expected: 1 },
  { base: -1, exponent: Infinity, expected: 1 },
  { base: -1, exponent: -Infinity, expected: 1 },
  { base: NaN, exponent: 1, expected: NaN },
  { base: 2, exponent: NaN, expected: NaN },
  { base: -0, exponent: -3, expected: -Infinity },
  { base: -0, exponent: 4, expected: 0 },
  { base: 0.5, exponent: -Infinity, expected: Infinity },
  { base: -Infinity, exponent: 3, expected: -Infinity },
  { base: -Infinity, exponent: 0.5, expected: Infinity },
])('$base to the power of $exponent is $expected', ({ base, exponent, expected }) => {
  expect(goPow(base, exponent)).toBe(expected);
});
