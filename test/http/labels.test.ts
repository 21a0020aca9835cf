import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ limits: { maxExemplars: 10 } });
  const samples = [[START_MS, 1]] as const;
  await app.push({
    series: [
      {
        labels: [
          ['__name__', 'm'],
          ['a', '1'],
          ['env', 'dev'],
        ],
        samples,
        exemplars: [{ labels: [['t', 'x']], value: 0.5, timestampMs: START_MS }],
      },
      {
        labels: [
          ['__name__', 'm'],
          ['a', '2'],
          ['env', 'prod'],
        ],
        samples,
      },
      {
        labels: [
          ['__name__', 'n'],
          ['a', '1'],
          ['zone', 'x'],
        ],
        samples,
      },
    ],
    metadata: [
      { metric: 'a_total', type: 'counter', help: 'A.', unit: '' },
      { metric: 'm', type: 'gauge', help: 'line1\nline2 "q" \\ <b>', unit: '%' },
      { metric: 'm', type: 'counter', help: 'other', unit: '' },
    ],
  });
});
afterAll(() => app.close());

const first = { __name__: 'm', a: '1', env: 'dev' };
const second = { __name__: 'm', a: '2', env: 'prod' };
const third = { __name__: 'n', a: '1', zone: 'x' };
const cut = { warnings: ['results truncated due to limit'] };

describe('answers', () => {
  const cases: readonly (readonly [path: string, answer: object])[] = [
    ['series?match[]=m', { data: [first, second] }],
    ['series?match[]=m{env="dev"}&match[]=n', { data: [first, third] }],
    ['series?match[]=m&match[]={env="dev"}', { data: [first, second] }],
    ['series?match[]=nothing', { data: [] }],
    ['series?match[]=m&start=1000&end=2000', { data: [first, second] }],
    ['series?match[]=m&start=0&end=9999999999', { data: [first, second] }],
    ['labels?match[]=n&start=0&end=9999999999', { data: ['__name__', 'a', 'zone'] }],
    ['series?match[]=m&limit=1', { data: [first], ...cut }],
    ['series?match[]=m&limit=2', { data: [first, second] }],
    ['series?match[]=m&limit=0', { data: [first, second] }],
    ['labels', { data: ['__name__', 'a', 'env', 'zone'] }],
    ['labels?match[]=m', { data: ['__name__', 'a', 'env'] }],
    ['labels?limit=2', { data: ['__name__', 'a'], ...cut }],
    [
      'labels?start=-292273086-05-16T16:47:06Z&end=%2B292277025-08-18T07:12:54.999999999Z&limit=4',
      { data: ['__name__', 'a', 'env', 'zone'] },
    ],
    ['label/a/values', { data: ['1', '2'] }],
    ['label/__name__/values', { data: ['m', 'n'] }],
    ['label/a/values?match[]=m{env="prod"}', { data: ['2'] }],
    ['label/a/values?limit=1', { data: ['1'], ...cut }],
    ['label/0bad-name/values', { data: [] }],
    ['metadata?metric=a_total', { data: { a_total: [{ type: 'counter', help: 'A.', unit: '' }] } }],
    ['metadata?metric=nope', { data: {} }],
    ['metadata?limit=0', { data: {} }],
    ['metadata?limit=1', { data: { a_total: [{ type: 'counter', help: 'A.', unit: '' }] } }],
    ['metadata?metric=m&limit_per_metric=1&limit=-1', { data: { m: [expect.anything()] } }],
    ['metadata?metric=m&limit_per_metric=0', { data: { m: [expect.anything(), expect.anything()] } }],
    [
      'query_exemplars?query=rate(m[5m])',
      {
        data: [{ seriesLabels: first, exemplars: [{ labels: { t: 'x' }, value: '0.5', timestamp: START_MS / 1000 }] }],
      },
    ],
    [`query_exemplars?query=m&start=${START_MS / 1000 + 1}`, { data: [] }],
    ['format_query?query=sum(rate(x[5m]))by(job)', { data: 'sum by (job) (rate(x[5m]))' }],
    ['parse_query?query=1.5', { data: { type: 'numberLiteral', val: '1.5' } }],
  ];
  test.for(cases)('%s', async ([path, answer]) => {
    const { status, json } = await app.get(path);
    expect({ status, json }).toEqual({ status: 200, json: { status: 'success', ...answer } });
  });

  test('a form like a URL', async () => {
    const ask = (path: string) => app.postForm(path, { 'match[]': ['m{env="dev"}', 'n'] });
    expect((await ask('series')).json).toEqual({ status: 'success', data: [first, third] });
    expect((await ask('labels')).json).toEqual({ status: 'success', data: ['__name__', 'a', 'env', 'zone'] });
  });

  test('an expression without a selector with no exemplars at all', async () => {
    const { status, text } = await app.get('query_exemplars?query=1');
    expect({ status, text }).toEqual({ status: 204, text: '' });
  });
});

describe('refuses', () => {
  const badTime = (name: string) =>
    `invalid parameter "${name}": invalid time value for '${name}': cannot parse "x" to a valid timestamp`;
  const cases: readonly (readonly [path: string, status: number, errorType: string | undefined, error: string])[] = [
    ['series', 400, 'bad_data', 'no match[] parameter provided'],
    ['series?match=m', 400, 'bad_data', 'no match[] parameter provided'],
    [
      'series?match[]=',
      400,
      'bad_data',
      'invalid parameter "match[]": unknown position: parse error: unexpected end of input',
    ],
    [
      'series?match[]={a=~".*"}',
      400,
      'bad_data',
      'invalid parameter "match[]": match[] must contain at least one non-empty matcher',
    ],
    [
      'series?match[]=m{',
      400,
      'bad_data',
      'invalid parameter "match[]": 1:3: parse error: unexpected end of input inside braces',
    ],
    ['series?match[]=m&start=x', 400, 'bad_data', badTime('start')],
    [
      'series?match[]=m&limit=x',
      400,
      'bad_data',
      'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax',
    ],
    ['series?match[]=m&limit=-1', 400, 'bad_data', 'invalid parameter "limit": limit must be non-negative'],
    ['series?match[]=m&start=60&end=0', 500, 'internal', 'invalid blocks time range'],
    ['labels?start=60&end=0', 422, 'execution', 'invalid blocks time range'],
    ['labels?end=x', 400, 'bad_data', badTime('end')],
    ['labels?match[]=}', 400, 'bad_data', "1:1: parse error: unexpected character: '}'"],
    ['label/a/values?match[]=m{', 400, 'bad_data', '1:3: parse error: unexpected end of input inside braces'],
    ['label/a/values?start=60&end=0', 422, 'execution', 'invalid blocks time range'],
    ['metadata?limit=x', 400, undefined, 'limit must be a number'],
    ['metadata?limit_per_metric=1.5', 400, undefined, 'limit_per_metric must be a number'],
    ['query_exemplars?query=m&start=60&end=0', 400, 'bad_data', 'end timestamp must not be before start timestamp'],
    ['query_exemplars?query=m{', 400, 'bad_data', '1:3: parse error: unexpected end of input inside braces'],
    [
      'format_query?query=',
      400,
      'bad_data',
      'invalid parameter "query": unknown position: parse error: no expression found in input',
    ],
    [
      'parse_query',
      400,
      'bad_data',
      'invalid parameter "query": unknown position: parse error: no expression found in input',
    ],
  ];
  test.for(cases)('%s', async ([path, status, errorType, error]) => {
    const answer = await app.get(path);
    const json = errorType === undefined ? { status: 'error', error } : { status: 'error', errorType, error };
    expect({ status: answer.status, json: answer.json }).toEqual({ status, json });
  });

  test('to delete series', async () => {
    const { status, json } = await app.send('DELETE', 'series?match[]=m');
    expect({ status, json }).toEqual({
      status: 500,
      json: { status: 'error', errorType: 'internal', error: 'not implemented' },
    });
    expect((await app.get('series?match[]=m')).json).toEqual({ status: 'success', data: [first, second] });
  });
});

test('metadata keeps every character', async () => {
  const { json } = await app.get('metadata?metric=m');
  expect(json).toEqual({
    status: 'success',
    data: {
      m: expect.arrayContaining([{ type: 'gauge', help: 'line1\nline2 "q" \\ <b>', unit: '%' }]),
    },
  });
});
