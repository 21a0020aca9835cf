import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

test.for<[method: string, path: string, status: number, code: string, error: string]>([
  [
    'GET',
    'faultz',
    404,
    'not-found',
    'there is no /pocket/v1/faultz (perhaps /pocket/v1/faults was meant): /pocket/v1/openapi.json lists all there is',
  ],
  ['GET', 'x', 404, 'not-found', 'there is no /pocket/v1/x: /pocket/v1/openapi.json lists all there is'],
  ['POST', 'faults', 405, 'bad-data', '/pocket/v1/faults does not take POST but PUT, GET, DELETE'],
  ['GET', 'tenants/a/fork', 405, 'bad-data', '/pocket/v1/tenants/a/fork does not take GET but POST'],
  ['GET', 'import', 405, 'bad-data', '/pocket/v1/import does not take GET but POST'],
  ['POST', 'tenants/a/fork', 400, 'bad-data', 'the parameter "to" is missing: The id of the other tenant.'],
  ['POST', 'tenants/a/snapshots/none/restore', 404, 'not-found', 'tenant a has no snapshot none'],
  ['GET', 'faults/report?tenants=a', 400, 'bad-data', 'unknown parameter "tenants": there are tenant, path'],
  ['GET', 'faults/report?tenant=a&tenant=b', 400, 'bad-data', 'tenant is given more than once'],
  ['GET', 'faults?x=y', 400, 'bad-data', 'unknown parameter "x": there are none here'],
  ['PUT', 'faults?path=push', 400, 'bad-data', '"push" is no path: it begins with no slash'],
  ['PUT', 'faults', 400, 'bad-data', 'the fault script has no steps'],
  ['POST', 'tenants/a%2Fb/reset', 400, 'bad-data', "tenant ID 'a/b' contains unsupported character '/'"],
  [
    'GET',
    'journal',
    400,
    'bad-data',
    'the journal is off: PUT /pocket/v1/journal?requests=100, or start with -pocket.journal-requests=100',
  ],
  ['PUT', 'journal?requests=many', 400, 'bad-data', 'requests is a whole number, not "many"'],
])('$0 $1 says what is wrong', async ([method, path, status, code, error]) => {
  const answer = await app.send(method, `/pocket/v1/${path}`, undefined, { 'x-scope-orgid': '' });
  expect([answer.status, answer.json]).toEqual([status, { status: 'error', code, error }]);
});
