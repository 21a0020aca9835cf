import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkAnswers, type Verdict } from '../../bench/queries/check.ts';
import { QueryClient } from '../../bench/query-client.ts';
import type { Target } from '../../bench/targets/target.ts';

type Series = readonly [metric: Record<string, string>, value: string];

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that gives one answer to everything: series, or an error's text. */
async function clientOf(name: string, answer: readonly Series[] | string): Promise<QueryClient> {
  const result = typeof answer === 'string' ? [] : answer.map(([metric, value]) => ({ metric, value: [5, value] }));
  const server = createServer((_request, response) => {
    response.statusCode = typeof answer === 'string' ? 422 : 200;
    response.end(typeof answer === 'string' ? answer : JSON.stringify({ data: { resultType: 'vector', result } }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const target = { name, queryUrl: `http://127.0.0.1:${port}`, headers: {}, uncached: {} };
  return new QueryClient(target as unknown as Target);
}

const expected: readonly Series[] = [[{ __name__: 'a', x: '1' }, '1']];
const right: Verdict = { isTimed: true, isWrong: false };

interface Case {
  readonly name: string;
  readonly peer: string;
  readonly query?: string;
  readonly answer: readonly Series[] | string;
  readonly compares?: 'values' | 'existence';
  readonly verdict: Verdict;
}

const cases: readonly Case[] = [
  { name: 'the same answer is timed', peer: 'prometheus', answer: expected, verdict: right },
  {
    name: 'another answer is not',
    peer: 'prometheus',
    answer: [[{ __name__: 'a', x: '1' }, '2']],
    verdict: {
      ...{ isTimed: false, isWrong: true },
      note: 'answers differ: 2 instead of 1 at 5 in [["__name__","a"],["x","1"]]',
    },
  },
  {
    name: 'where any series will do, another one is timed',
    peer: 'prometheus',
    answer: [[{ __name__: 'a', x: '2' }, '2']],
    compares: 'existence',
    verdict: right,
  },
  {
    name: 'where any series will do, none will not',
    peer: 'prometheus',
    answer: [],
    compares: 'existence',
    verdict: { isTimed: false, isWrong: true, note: 'answers differ: 0 series instead of 1' },
  },
  {
    name: 'where only values count, they may be those of another series',
    peer: 'prometheus',
    answer: [[{ __name__: 'a', x: '2' }, '1']],
    compares: 'values',
    verdict: right,
  },
  {
    name: 'where only values count, they have to be the same',
    peer: 'prometheus',
    answer: [[{ __name__: 'a', x: '1' }, '2']],
    compares: 'values',
    verdict: { isTimed: false, isWrong: true, note: 'answers differ: 2 instead of 1 at 5' },
  },
  {
    name: 'an answer that is known to differ is timed, and says so',
    peer: 'victoria-metrics',
    query: 'rate(a[5m])',
    answer: [[{ __name__: 'a', x: '1' }, '2']],
    verdict: { ...right, note: 'answers differ: does not extrapolate, and counts from the sample before the window' },
  },
  {
    name: 'a name more is no other answer there',
    peer: 'victoria-metrics',
    answer: [[{ x: '1' }, '1']],
    verdict: { ...right, note: 'keeps the names of metrics' },
  },
  {
    name: 'one that differs for no known reason is wrong',
    peer: 'victoria-metrics',
    answer: [[{ x: '1' }, '3']],
    verdict: {
      ...{ isTimed: true, isWrong: true },
      note: 'answers differ, nobody knows why: 3 instead of 1 at 5 in [["x","1"]]',
    },
  },
  {
    name: 'a function that a peer does not have is not held against it',
    peer: 'victoria-metrics',
    answer: 'unsupported function "info"',
    verdict: { isTimed: false, isWrong: false, note: 'does not know the function' },
  },
];

test.for(cases)('$name', async ({ peer, query = 'a', answer, compares, verdict }) => {
  const clients = [await clientOf('ours', expected), await clientOf(peer, answer)];
  const bench = compares === undefined ? {} : { compares };
  expect(await checkAnswers({ query, endMs: 5000 }, bench, clients)).toEqual([right, verdict]);
  for (const client of clients) client.close();
});

test('nothing is compared with an empty answer, unless it has to be empty', async () => {
  const clients = [await clientOf('ours', []), await clientOf('prometheus', [])];
  await expect(checkAnswers({ query: 'a', endMs: 5000 }, {}, clients)).rejects.toThrow('ours has no answer');
  expect(await checkAnswers({ query: 'a', endMs: 5000 }, { isEmpty: true }, clients)).toEqual([right, right]);
  for (const client of clients) client.close();
});
