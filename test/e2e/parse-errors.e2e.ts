import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCaseFiles } from '../grammar/case-file.ts';
import { findProgram } from '../support/child-process.ts';
import { type Peer, startPrometheus } from '../support/peers.ts';
import { push } from '../support/push.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { readScriptQueries } from '../support/test-script-queries.ts';
import { executionDifferences, failingQueries, parseDifferences, type VersionDifference } from './parse-errors.ts';

const program = findProgram('prometheus');
const because = program ? '' : ' (skipped: prometheus not on PATH)';
const tenant = 'parse-errors';
const nowMs = Math.floor(Date.now() / 1000) * 1000;

const caseFiles = readCaseFiles().filter(({ hasAllFeatures }) => !hasAllFeatures);
const allCases = caseFiles.flatMap(({ cases }) => cases);
const brokenQueries = allCases.filter(({ expected }) => expected.startsWith('error')).map(({ query }) => query);
const validQueries = [
  ...allCases.filter(({ expected }) => !expected.startsWith('error')).map(({ query }) => query),
  ...readScriptQueries(new URL('../promql/', import.meta.url)),
];

interface Answer {
  readonly status: 'success' | 'error';
  readonly data?: unknown;
  readonly errorType?: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

describe.skipIf(!program)(`errors and trees beside a real Prometheus${because}`, { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-errors-'));
  let server: ServerProcess;
  let prometheus: Peer;

  beforeAll(async () => {
    server = await startServerProcess({ dataPath: join(folder, 'pocket-cortex.db') });
    prometheus = await startPrometheus({
      program: program!,
      folder: join(folder, 'prometheus'),
      config: 'global: {}\n',
      arguments: ['--web.enable-remote-write-receiver'],
    });
    const request = { series: series() };
    expect(await push({ baseUrl: server.baseUrl, tenant }, request)).toMatchObject({ status: 200 });
    expect(await push({ baseUrl: prometheus.baseUrl, tenant, path: '/api/v1/write' }, request)).toMatchObject({
      status: 204,
    });
  });

  afterAll(async () => {
    await Promise.all([server?.stop(), prometheus?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** What both answer to each query; theirs first. */
  async function askBoth(path: string, queries: readonly string[]): Promise<[query: string, Answer, Answer][]> {
    const answers: [string, Answer, Answer][] = [];
    for (const query of queries) {
      const [theirs, ours] = await Promise.all([
        ask(`${prometheus.baseUrl}/api/v1/${path}`, query),
        ask(`${server.baseUrl}/prometheus/api/v1/${path}`, query),
      ]);
      answers.push([query, theirs, ours]);
    }
    return answers;
  }

  test(`${brokenQueries.length} broken queries get the position and the text of Prometheus`, async () => {
    const table = new DifferenceTable(parseDifferences);
    let samePosition = 0;
    for (const [query, theirs, ours] of await askBoth('query', brokenQueries)) {
      if (positionOf(textOf(theirs)) === positionOf(textOf(ours))) samePosition += 1;
      table.compare(query, textOf(theirs), textOf(ours));
    }
    console.log(`${samePosition} of ${brokenQueries.length} positions are the same; ${table.summary()}`);
    expect(table.unexplained).toEqual([]);
    expect(samePosition / brokenQueries.length).toBeGreaterThan(0.98);
    expect(table.sameCount / brokenQueries.length).toBeGreaterThan(0.95);
  });

  test(`${failingQueries.length} queries fail or warn while they run in the words of Prometheus`, async () => {
    const table = new DifferenceTable(executionDifferences);
    for (const [query, theirs, ours] of await askBoth('query', failingQueries)) {
      table.compare(query, notesOf(theirs), notesOf(ours));
    }
    console.log(table.summary());
    expect(table.unexplained).toEqual([]);
  });

  test.for(['format_query', 'parse_query'])(
    `%s shows ${validQueries.length} queries as Prometheus does`,
    async (path) => {
      const table = new DifferenceTable([
        ...parseDifferences,
        {
          reason:
            'labels in joins that need quotes get them (as in 3.14), so that the result is a query again; 3.9 leaves them out',
          queries: /\bon \("label name"/,
        },
      ]);
      for (const [query, theirs, ours] of await askBoth(path, validQueries)) {
        table.compare(query, shownOf(theirs), shownOf(ours));
      }
      console.log(`${path}: ${table.summary()}`);
      expect(table.unexplained).toEqual([]);
    },
  );
});

/** Collects which texts differ, and why. */
class DifferenceTable {
  readonly #known: readonly VersionDifference[];
  readonly #lines: string[] = [];
  readonly unexplained: string[] = [];
  sameCount = 0;

  constructor(known: readonly VersionDifference[]) {
    this.#known = known;
  }

  compare(query: string, theirs: string, ours: string): void {
    if (theirs === ours) {
      this.sameCount += 1;
      return;
    }
    const reason = this.#known.find(
      ({ rewrite, queries }) => queries?.test(query) || (rewrite && theirs.replace(...rewrite) === ours),
    )?.reason;
    const line = `${JSON.stringify(query)}\n  Prometheus     ${theirs}\n  pocket-cortex  ${ours}`;
    this.#lines.push(`${line}\n  ${reason ?? 'NOT KNOWN'}`);
    if (reason === undefined) this.unexplained.push(line);
  }

  summary(): string {
    return `${this.sameCount} texts are the same, ${this.#lines.length} are not:\n${this.#lines.join('\n')}`;
  }
}

async function ask(url: string, query: string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'X-Scope-OrgID': tenant },
    body: new URLSearchParams({ query, time: `${nowMs / 1000}` }),
  });
  return (await response.json()) as Answer;
}

/** Prometheus says in front which parameter is meant, Cortex does not. */
function textOf({ status, error }: Answer): string {
  return status === 'success' ? 'success' : (error ?? '').replace('invalid parameter "query": ', '');
}

function positionOf(text: string): string {
  return /^(?:\d+:\d+|\w+ position)(?=: parse error)/.exec(text)?.[0] ?? text;
}

function notesOf(answer: Answer): string {
  const { errorType = '', warnings = [], infos = [] } = answer;
  return [errorType, textOf(answer), ...[...warnings].sort(), ...[...infos].sort()].join(' | ');
}

function shownOf(answer: Answer): string {
  return answer.status === 'success' ? JSON.stringify(sorted(answer.data)) : textOf(answer);
}

/** With the keys in order, and without what 3.5 does not have. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'anchored' && key !== 'smoothed');
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}

/** Two metrics with the same labels, one with fewer, and buckets of which one is none. */
function series() {
  const places = [
    { inst: '1', job: 'x' },
    { inst: '2', job: 'x' },
    { inst: '1', job: 'y' },
  ];
  const labels: Record<string, string>[] = [
    ...places.map((place) => ({ __name__: 'a', ...place })),
    ...places.map((place) => ({ __name__: 'b', ...place })),
    { __name__: 'one', job: 'x' },
    { __name__: 'one', job: 'y' },
    ...['+Inf', '1', 'x'].map((le) => ({ __name__: 'h_bucket', le })),
  ];
  return labels.map((record) => ({
    labels: Object.entries(record),
    samples: [1, 2, 3].map((value): [number, number] => [nowMs - (3 - value) * 60_000, value]),
  }));
}
