import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/test-app.ts';

let app: TestApp;
let document: {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

beforeAll(async () => {
  app = await createTestApp();
  document = (await app.send('GET', '/pocket/v1/openapi.json')).json as typeof document;
});
afterAll(() => app.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

test('the document has every route under the prefix, and no other', () => {
  const described = operations().map(
    ({ path, method }) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
  );
  expect(described.sort()).toEqual(routesUnder('/pocket/v1'));
  expect(described.length).toBeGreaterThan(4);
});

test('every operation has an id of its own, and declares the parameters of its path', () => {
  const ids = operations().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, operation } of operations()) {
    const inPath = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name);
    expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    expect(operation.summary).toMatch(/^[A-Z].*\.$/);
  }
});

/** As the server itself lists its routes. */
function routesUnder(prefix: string): string[] {
  return app.http.routes
    .list()
    .filter((route) => route.split(' ')[1]!.startsWith(prefix))
    .sort();
}
