import { expect, test } from 'vitest';
import { unescapeName } from '../../src/model/escaped-name.ts';

test.for([
  ['job', 'job'],
  ['U_x', 'U_x'],
  ['U__', ''],
  ['U__label_2d_with_2d_dash', 'label-with-dash'],
  ['U__a__b_2E_c', 'a_b.c'],
  ['U___1f600_', '😀'],
  ['U___20__20_', '  '],
  // No escapes: names as they are.
  ['U__a_b', 'U__a_b'],
  ['U__a_', 'U__a_'],
  ['U__a_zz_', 'U__a_zz_'],
  ['U__a_0000020_', 'U__a_0000020_'],
  ['U__a_d800_', 'U__a_d800_'],
  ['U__a_110000_', 'U__a_110000_'],
])('%s is %j', ([name, expected]) => {
  expect(unescapeName(name!)).toBe(expected);
});
