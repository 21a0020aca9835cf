import { gunzipSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, START_MS, type TestApp } from '../support/test-app.ts';

const T = START_MS / 1000;
let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  await app.push({
    series: [
      {
        labels: [
          ['__name__', 'temperature'],
          ['room', 'kitchen'],
        ],
        samples: [
          [START_MS - 60_000, 22],
          [START_MS, 21.5],
        ],
      },
      {
        labels: [
          ['__name__', 'temperature'],
          ['room', 'cellar'],
        ],
        samples: [
          [START_MS - 60_000, 9.5],
          [START_MS, 9],
        ],
      },
    ],
  });
});
afterAll(() => app.close());

function scalar(time: number, value: string): object {
  return { status: 'success', data: { resultType: 'scalar', result: [time, value] } };
}

function failure(errorType: string, error: string): object {
  return { status: 'error', errorType, error };
}

describe('an instant query', () => {
  test('gives a vector', async () => {
    expect((await app.get('query', { query: 'temperature{room="cellar"}', time: T })).json).toEqual({
      status: 'success',
      data: {
        resultType: 'vector',
        result: [{ metric: { __name__: 'temperature', room: 'cellar' }, value: [T, '9'] }],
      },
    });
  });

  test('reads a form before the URL, and only a form', async () => {
    const form = await app.postForm('query?query=1&time=10', { query: '2', time: '20' });
    expect(form.json).toEqual(scalar(20, '2'));
    const text = await app.send('POST', 'query?time=10', 'query=1', { 'content-type': 'text/plain' });
    expect(text.json).toEqual(failure('bad_data', 'unknown position: parse error: no expression found in input'));
  });

  test('takes the time of the server in whole seconds when it names none', async () => {
    await app.clock.advance(700);
    expect((await app.get('query', { query: '42' })).json).toEqual(scalar(T, '42'));
    expect((await app.get('query', { query: '42', time: '' })).json).toEqual(scalar(T, '42'));
  });

  const ignored = [{ timeout: 'nonsense' }, { limit: 'x' }, { lookback_delta: 'nonsense' }, { foo: 'bar' }];
  test.for(ignored)('does not look at %j', async (parameter) => {
    expect((await app.get('query', { query: '1', time: T, ...parameter })).json).toEqual(scalar(T, '1'));
  });

  test('reports a bad query before a bad time', async () => {
    const { status, json } = await app.get('query', { query: 'up(', time: 'x' });
    expect({ status, json }).toEqual({
      status: 400,
      json: failure('bad_data', '1:4: parse error: unclosed left parenthesis'),
    });
  });

  test('has an error of the server for a bad time, as Cortex does', async () => {
    const { status, json } = await app.get('query', { query: '1', time: 'yesterday' });
    const error = `invalid parameter "time"; Invalid time value for 'time': rpc error: code = Code(400) desc = cannot parse "yesterday" to a valid timestamp`;
    expect({ status, json }).toEqual({ status: 500, json: failure('server_error', error) });
  });

  test('before 1970 works as long as it selects nothing', async () => {
    expect((await app.get('query', { query: '1', time: -5 })).json).toEqual(scalar(-5, '1'));
    const { status, json } = await app.get('query', { query: 'sum(rate(m[5m]))', time: -1 });
    expect({ status, json }).toEqual({
      status: 500,
      json: failure('server_error', 'expanding series: invalid blocks time range'),
    });
  });

  test('shows statistics for any value of stats', async () => {
    const { json } = await app.get('query', { query: 'temperature', time: T, stats: 'yes' });
    expect((json as { data: { stats: object } }).data.stats).toEqual({
      samples: { totalQueryableSamples: 2, totalQueryableSamplesPerStep: [], peakSamples: 2 },
    });
  });
});

describe('a range query', () => {
  test('gives a matrix', async () => {
    const query = { query: 'temperature{room="kitchen"}', start: T - 60, end: T, step: 60 };
    const matrix = {
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { __name__: 'temperature', room: 'kitchen' },
            values: [
              [T - 60, '22'],
              [T, '21.5'],
            ],
          },
        ],
      },
    };
    expect((await app.get('query_range', query)).json).toEqual(matrix);
    expect((await app.postForm('query_range', query)).json).toEqual(matrix);
  });

  const fine = { query: '1', start: T - 60, end: T, step: '30' };
  const cases: readonly (readonly [changes: Readonly<Record<string, string | number>>, error: string])[] = [
    [{ query: 'up(', start: 'x', end: 'y', step: 'z' }, '1:4: parse error: unclosed left parenthesis'],
    [{ start: 'x', end: 'y', step: 'z' }, 'invalid parameter "start"; cannot parse "x" to a valid timestamp'],
    [{ start: '' }, 'invalid parameter "start"; cannot parse "" to a valid timestamp'],
    [{ end: 'y', step: 'z' }, 'invalid parameter "end"; cannot parse "y" to a valid timestamp'],
    [{ end: T - 61, step: 'z' }, 'end timestamp must not be before start time'],
    [{ step: 'z' }, 'invalid parameter "step"; cannot parse "z" to a valid duration'],
    [{ step: '1e100' }, 'invalid parameter "step"; cannot parse "1e100" to a valid duration. It overflows int64'],
    [{ step: '0' }, 'zero or negative query resolution step widths are not accepted. Try a positive integer'],
    [{ step: '-1' }, 'zero or negative query resolution step widths are not accepted. Try a positive integer'],
    [
      { start: 0, end: 11_001, step: '1' },
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    ],
    [
      { query: '"text"' },
      'invalid parameter "query"; invalid expression type "string" for range query, must be Scalar or instant Vector',
    ],
    [
      { query: 'up[5m]' },
      'invalid parameter "query"; invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    ],
  ];
  test.for(cases)('refuses %j', async ([changes, error]) => {
    const { status, json } = await app.get('query_range', { ...fine, ...changes });
    expect({ status, json }).toEqual({ status: 400, json: failure('bad_data', error) });
  });

  test('has room for 11,000 steps', async () => {
    const { status } = await app.get('query_range', { query: 'nothing', start: 0, end: 11_000, step: 1 });
    expect(status).toBe(200);
  });

  test('streams what is long, whole and valid', async () => {
    const query = { query: 'vector(1) or label_replace(vector(2), "a", "b", "", "")', start: 0, end: 10_999, step: 1 };
    const { status, json } = await app.get('query_range', query);
    const { result } = (json as { data: { result: { values: unknown[] }[] } }).data;
    expect({ status, lengths: result.map(({ values }) => values.length) }).toEqual({
      status: 200,
      lengths: [11_000, 11_000],
    });
  });
});

describe('a request that is no form', () => {
  const cases = [
    ['query?query=%zz', 'invalid URL escape "%zz"'],
    ['labels?start=%', 'invalid URL escape "%"'],
    ['query?query=1;time=5', 'invalid semicolon separator in query'],
  ] as const;
  test.for(cases)('is a 400 in Go’s words: %s', async ([path, reason]) => {
    const { status, text } = await app.get(path);
    expect({ status, text }).toEqual({ status: 400, text: `${reason}\n` });
  });

  test('is a 413 when it is too large', async () => {
    const small = await createTestApp({ server: { maxQueryBodySizeBytes: 100 } });
    const { status, text } = await small.postForm('labels', { pad: 'x'.repeat(100) });
    expect({ status, text }).toEqual({ status: 413, text: 'http: request body too large\n' });
    await small.close();
  });
});

describe('a page of another origin', () => {
  const origin = 'https://dash.example';
  const cors = {
    'access-control-allow-headers': 'Accept, Authorization, Content-Type, Origin',
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-expose-headers': 'Date',
    'access-control-allow-origin': origin,
    vary: 'Origin',
  };
  test.for([
    'query?query=1',
    'query?query=(',
    'query_range',
    'labels',
    'series',
    'metadata',
    'query_exemplars?query=m',
  ])('may read %s', async (path) => {
    expect((await app.get(path, {}, { origin })).headers).toMatchObject(cors);
  });

  test('must match the pattern when there is one', async () => {
    const strict = await createTestApp({ server: { corsOrigin: 'https?://(a|b)\\.example' } });
    const allowed = async (from: string) =>
      (await strict.get('query?query=1', {}, { origin: from })).headers['access-control-allow-origin'];
    expect(await allowed('https://a.example')).toBe('https://a.example');
    expect(await allowed('https://c.example')).toBeUndefined();
    expect(await allowed('https://a.example.evil')).toBeUndefined();
    await strict.close();
  });
});

describe('compression', () => {
  const raw = async (target: TestApp, path: string, encoding: string) => {
    const response = await target.http.inject({
      method: 'GET',
      url: path.startsWith('/') ? path : `/prometheus/api/v1/${path}`,
      headers: { 'x-scope-orgid': 'test', 'accept-encoding': encoding },
    });
    return {
      encoding: response.headers['content-encoding'],
      vary: response.headers['vary'],
      bytes: response.rawPayload,
    };
  };

  test.for(['labels', 'label/room/values', 'series?match[]=temperature', 'format_query?query=1'])(
    'is there for those who take it: %s',
    async (path) => {
      const plain = (await app.get(path)).text;
      const gzip = await raw(app, path, 'gzip');
      const deflate = await raw(app, path, 'deflate, gzip;q=1.0');
      expect(gzip.encoding).toBe('gzip');
      expect(gunzipSync(gzip.bytes).toString()).toBe(plain);
      expect(deflate.encoding).toBe('deflate');
      expect(inflateSync(deflate.bytes).toString()).toBe(plain);
      expect((await raw(app, path, 'br')).encoding).toBeUndefined();
    },
  );

  test.for(['query?query=temperature', 'metadata'])('is not there by default: %s', async (path) => {
    expect((await raw(app, path, 'gzip')).encoding).toBeUndefined();
  });

  test('can be had for large answers of every kind', async () => {
    const generous = await createTestApp({ server: { responseCompressionEnabled: true } });
    const long = `query_range?query=vector(1)&start=0&end=500&step=1`;
    const answer = await raw(generous, long, 'gzip');
    expect({ encoding: answer.encoding, vary: answer.vary }).toEqual({
      encoding: 'gzip',
      vary: 'Accept-Encoding, Origin',
    });
    expect(gunzipSync(answer.bytes).toString()).toBe((await generous.get(long)).text);
    expect((await raw(generous, 'query?query=1', 'gzip')).encoding).toBeUndefined();
    expect((await raw(generous, long, 'gzip;q=0')).encoding).toBeUndefined();
    const streamed = await raw(generous, 'query_range?query=vector(1)&start=0&end=10999&step=1', 'gzip');
    expect(JSON.parse(gunzipSync(streamed.bytes).toString()).data.result[0].values).toHaveLength(11_000);
    await generous.close();
  });
});
