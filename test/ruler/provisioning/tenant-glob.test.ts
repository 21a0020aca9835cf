import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTenantGlob, matchesTenant } from '../../../src/ruler/provisioning/tenant-glob.ts';

const cases: [glob: string, fits: string[], others: string[]][] = [
  ['team-a', ['team-a'], ['team-', 'team-ab', 'Team-a', '']],
  ['team-*', ['team-', 'team-a', 'team-*'], ['team', 'a-team-b']],
  ['*-prod', ['-prod', 'a-prod', 'a-prod-prod'], ['a-prod-', 'prod']],
  ['a*b*c', ['abc', 'aXbXc', 'abbcc'], ['ab', 'acb']],
  ['*', ['', 'anybody'], []],
  ['t?', ['t1', 't?'], ['t', 't12']],
  ['**?', ['a', 'abc'], ['']],
];

test.for(cases)('%s fits %j and not %j', ([glob, fits, others]) => {
  expect([...fits, ...others].filter((tenant) => matchesTenant(glob, tenant))).toEqual(fits);
});

test('fits what a regular expression of the same meaning fits', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 }), text, (glob, tenant) => {
      const pattern = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(matchesTenant(glob, tenant)).toBe(pattern.test(tenant));
    }),
  );
});

test.for([
  ['team-*', true],
  ["o'neill(1)!", true],
  ['', false],
  ['a b', false],
  ['a/b', false],
  ['[ab]', false],
] as const)('whether %j can name tenants: %s', ([text, isGlob]) => {
  expect(isTenantGlob(text)).toBe(isGlob);
});
