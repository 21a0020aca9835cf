import { expect, test } from 'vitest';
import { parseTenantId } from '../../src/model/tenant.ts';

const accepted = ['a', 'team-a', "A.b_c!*'()-9", 'x'.repeat(150), '...'];

test.for(accepted)('accepts %s', (text) => {
  expect(parseTenantId(text)).toEqual({ ok: true, tenant: text });
});

const refused: readonly [text: string, reason: string][] = [
  ['a b', "tenant ID 'a b' contains unsupported character ' '"],
  ['a/b', "tenant ID 'a/b' contains unsupported character '/'"],
  ['ü', "tenant ID 'ü' contains unsupported character 'Ã'"],
  ['x'.repeat(151), 'tenant ID is too long: max 150 characters'],
  ['.', "tenant ID is '.' or '..'"],
  ['..', "tenant ID is '.' or '..'"],
  ['__markers__', "tenant ID '__markers__' is not allowed"],
  ['user-index.json.gz', "tenant ID 'user-index.json.gz' is not allowed"],
];

test.for(refused)('refuses %s', ([text, reason]) => {
  expect(parseTenantId(text)).toEqual({ ok: false, reason });
});
