import { expect, test } from 'vitest';
import { defaultLimits, Limits } from '../../src/limits/limits.ts';
import type { TenantId } from '../../src/model/tenant.ts';

const a = 'a' as TenantId;
const b = 'b' as TenantId;

test('gives every tenant the defaults, and the same object each time', () => {
  const limits = new Limits({ ingestionRate: 7 });
  expect(limits.forTenant(a)).toEqual({ ...defaultLimits, ingestionRate: 7 });
  expect(limits.forTenant(b)).toBe(limits.forTenant(a));
});

test('overrides the limits of one tenant', () => {
  const limits = new Limits({ ingestionRate: 7 });
  const before = limits.forTenant(a);
  limits.override(a, { maxExemplars: 3 });
  expect(limits.forTenant(a)).toEqual({ ...defaultLimits, ingestionRate: 7, maxExemplars: 3 });
  expect(limits.forTenant(a)).not.toBe(before);
  expect(limits.forTenant(b)).toBe(before);
});
