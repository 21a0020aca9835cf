import { expect, test } from 'vitest';
import { greeting } from '../../src/cli/serve.ts';
import { defaultConfig } from '../../src/config/settings.ts';

const url = 'http://localhost:9009';

test('says how to send and to ask, with a tenant where one is needed', () => {
  const text = greeting({ url }, defaultConfig);
  expect(text).toContain(`- url: ${url}/api/v1/push\n      headers: { X-Scope-OrgID: demo }`);
  expect(text).toContain(`curl -H 'X-Scope-OrgID: demo' '${url}/prometheus/api/v1/query?query=up'`);
});

test('speaks of no tenant where there is none', () => {
  const config = { ...defaultConfig, server: { ...defaultConfig.server, authEnabled: false, dataFile: ':memory:' } };
  const text = greeting({ url }, config);
  expect(text).not.toContain('X-Scope-OrgID');
  expect(text).toContain('data in memory only');
});

test('leaves logs in JSON alone', () => {
  const config = { ...defaultConfig, server: { ...defaultConfig.server, logFormat: 'json' as const } };
  expect(greeting({ url }, config)).toBe('');
});
