import { expect, test } from 'vitest';
import { Routes, RouteTable } from '../../src/http/routes.ts';

const table = new RouteTable();
const routes = new Routes(table);
const handler = () => undefined;
routes.get('/plain', handler);
routes.get('/rules/:namespace', handler);
routes.get('/rules/fixed', handler);
routes.post('/rules/:namespace', handler);
routes.get('/rules/:namespace/:group', handler);
routes.route({ method: ['GET', 'POST'], url: '/label/:name/values', handler });
routes.all('/any*', handler);

const found = [
  ['GET', '/plain', '/plain', {}],
  ['GET', '/plain?a=/b', '/plain', {}],
  ['GET', '/plain#a', '/plain', {}],
  ['GET', '/pl%61in', '/plain', {}],
  // A proxy is asked for a whole address.
  ['GET', 'http://localhost:9009/plain?a', '/plain', {}],
  ['GET', '/rules/a', '/rules/:namespace', { namespace: 'a' }],
  ['GET', '/rules/fixed', '/rules/fixed', {}],
  ['POST', '/rules/fixed', '/rules/:namespace', { namespace: 'fixed' }],
  ['GET', '/rules/a%2Fb/c%20d', '/rules/:namespace/:group', { namespace: 'a/b', group: 'c d' }],
  ['POST', '/label/x/values', '/label/:name/values', { name: 'x' }],
  ['PATCH', '/any/thing/below', '/any*', { '*': '/thing/below' }],
  ['GET', '/any', '/any*', { '*': '' }],
] as const;
test.for(found)('%s %s is answered by %s', ([method, url, by, params]) => {
  const match = table.find(method, url);
  expect({ by: match?.route.url, params: match?.params }).toEqual({ by, params });
});

const missing = [
  ['POST', '/plain', true],
  ['DELETE', '/rules/a', true],
  ['GET', '/plain/', false],
  ['GET', '/Plain', false],
  ['GET', '/rules/', false],
  ['GET', '/rules//a', false],
  ['GET', '/rules%2Fa', false],
  ['GET', '/rules/a/b/c', false],
  ['GET', '/rules/%zz', false],
  ['GET', '*', false],
  ['GET', '', false],
] as const;
test.for(missing)('%s %s is answered by nobody; that its path is known is %s', ([method, url, isKnown]) => {
  expect({ match: table.find(method, url), isKnown: table.knows(url) }).toEqual({ match: undefined, isKnown });
});

test('of routes within each other all hooks run, the outer ones first, and errors go to the innermost', () => {
  const [outer, inner, own] = [async () => 'outer', async () => 'inner', async () => 'own'];
  const [outerError, innerError] = [() => undefined, () => undefined];
  routes
    .within({ before: outer, onError: outerError }, '/a')
    .within({ before: [inner], onError: innerError }, '/b')
    .get('/c', { before: own }, handler);
  const { route } = table.find('GET', '/a/b/c')!;
  expect(route).toEqual({
    url: '/a/b/c',
    handler,
    before: [outer, inner, own],
    onSend: undefined,
    onError: innerError,
  });
});

test('a path has one route for a method', () => {
  expect(() => routes.get('/plain', handler)).toThrow("'GET' already declared for route '/plain'");
});
