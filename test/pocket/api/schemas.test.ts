import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PocketCortex, type PocketCortexResponse, startPocketCortex } from '../../../src/index.ts';

/*
 * The OpenAPI document holds what it says: one request and more for each operation, made from its examples, and the answer compared with
 * the schema of its status. A field that the document does not know is a fault as well.
 */

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: string }>> };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

interface Asking {
  /** Of the query, and in place of the braces of the path. */
  readonly with?: Readonly<Record<string, string>>;
  /** The example of the document by default. */
  readonly body?: string;
  /** Becomes `X-Scope-OrgID`. */
  readonly tenant?: string;
  readonly status?: number;
}

/** By the id of the operation, in an order in which each finds what it asks for. An operation without a line here fails. */
const askings: Readonly<Record<string, readonly Asking[]>> = {
  putJournal: [{ with: { requests: '100', bytes: '1000000' } }],
  putFaults: [{ with: { tenant: 'a', path: '/api/v1/push' } }, {}, { body: 'maybe', status: 400 }],
  postImport: [{ tenant: 'a' }, { tenant: 'a', body: 'x 1 2 3 4', status: 400 }],
  getExport: [{ tenant: 'a', with: { 'match[]': '{}' } }],
  getFaults: [{}],
  getFaultsReport: [{ with: { tenant: 'a' } }, {}, { with: { tenant: 'nobody' }, status: 404 }],
  deleteFaults: [{}],
  getJournal: [{}, { with: { 'match[]': 'up', limit: '1' } }],
  getJournalExpect: [{ with: { count: '1' } }, { with: { 'match[]': 'nothing', timeout: '1ms' }, status: 417 }],
  getJournalExpectNoWrites: [
    { with: { for: '1ms' } },
    // All that there is counts from the given number on.
    { with: { for: '1ms', after: '0' }, status: 417 },
  ],
  deleteJournal: [{}],
  getClock: [{}],
  postClockFreeze: [{}],
  postClockAdvance: [{ with: { by: '6h' } }, { with: { by: 'soon' }, status: 400 }, { status: 400 }],
  postClockSet: [{ with: { to: '2026-01-01T00:00:00Z' } }, { with: { to: '1767225600000' } }],
  postClockResume: [{}],
  postTenantsTenantLoad: [{ with: { tenant: 't' } }, { with: { tenant: 't' }, body: 'up{', status: 400 }],
  putTenantsTenantSnapshotsName: [{ with: { tenant: 't', name: 's' } }],
  postTenantsTenantFork: [{ with: { tenant: 't', to: 'u' } }, { with: { tenant: 't', to: 't' }, status: 400 }],
  postTenantsTenantReset: [{ with: { tenant: 't' } }],
  postTenantsTenantSnapshotsNameRestore: [{ with: { tenant: 't', name: 's' } }],
  deleteTenantsTenantSnapshotsName: [{ with: { tenant: 't', name: 's' } }],
  postScenarios: [{ with: { still: 'true' } }, { body: 'nmae: x', status: 400 }],
  postTenantsTenantScenario: [{ with: { tenant: 'played' } }],
  getScenarios: [{}],
  deleteTenantsTenantScenario: [{ with: { tenant: 'played' } }],
  getOpenapiJson: [{}],
};

let cortex: PocketCortex;
let operations: ReadonlyMap<string, { readonly method: string; readonly path: string; readonly operation: Operation }>;
let validator: Ajv2020;

beforeAll(async () => {
  cortex = await startPocketCortex({ nowMs: Date.UTC(2026, 0, 1) });
  const document = JSON.parse((await cortex.request({ path: '/pocket/v1/openapi.json' })).body) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  operations = new Map(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [operation.operationId, { method, path, operation }]),
    ),
  );
  validator = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
  validator.addVocabulary(['paths', 'info', 'openapi', 'components']);
  validator.addSchema(closed(document) as object, 'openapi');
  await cortex.request({ method: 'PUT', path: '/pocket/v1/journal?requests=100' });
  await cortex.tenant('a').push([{ labels: { __name__: 'up' }, samples: [[cortex.nowMs, 1]] }]);
});
afterAll(() => cortex.close());

test('every operation is asked', () => {
  expect([...operations.keys()].sort()).toEqual(Object.keys(askings).sort());
});

test('every answer in JSON has a schema', () => {
  const without = [...operations].filter(([, { operation }]) =>
    Object.values(operation.responses).some((response) => isEmpty(response.content['application/json']?.schema)),
  );
  expect(without.map(([id]) => id)).toEqual([]);
});

describe.for(Object.entries(askings))('%s', ([id, all]) => {
  test.for(all)('answers as the document says to %j', async (asking) => {
    const { status = 200 } = asking;
    const answer = await ask(id, asking);
    expect([answer.status, answer.status === status ? '' : answer.body]).toEqual([status, '']);
    const { responses } = operations.get(id)!.operation;
    const key = `${status}` in responses ? `${status}` : 'default';
    const type = `${answer.headers['content-type']}`.split(';')[0]!;
    expect(Object.keys(responses[key]!.content)).toContain(type);
    if (type !== 'application/json') return;
    const pointer = pointerTo(id, key);
    const validate = validator.getSchema(`openapi#${pointer}`)!;
    validate(JSON.parse(answer.body));
    expect(validate.errors ?? []).toEqual([]);
  });
});

function ask(id: string, { with: parameters = {}, body, tenant }: Asking): Promise<PocketCortexResponse> {
  const { method, path, operation } = operations.get(id)!;
  const known = new Set((operation.parameters ?? []).map(({ name }) => name));
  const query = new URLSearchParams();
  let url = path;
  for (const [name, value] of Object.entries(parameters)) {
    expect([...known]).toContain(name);
    if (url.includes(`{${name}}`)) url = url.replace(`{${name}}`, value);
    else query.append(name, value);
  }
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const sent = body ?? content?.example;
  return cortex.request({
    method: method.toUpperCase() as 'GET',
    path: query.size > 0 ? `${url}?${query}` : url,
    ...(sent !== undefined && { body: sent }),
    ...(tenant !== undefined && { tenant }),
    ...(type !== undefined && { headers: { 'content-type': type } }),
  });
}

function pointerTo(id: string, status: string): string {
  const { method, path } = operations.get(id)!;
  const parts = ['paths', path, method, 'responses', status, 'content', 'application/json', 'schema'];
  return parts.map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');
}

function isEmpty(schema: object | undefined): boolean {
  return schema !== undefined && Object.keys(schema).length === 0;
}

/** Objects that list their properties may have no others here: what the document leaves out is found. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
  return copy['type'] === 'object' && 'properties' in copy ? { ...copy, additionalProperties: false } : copy;
}
