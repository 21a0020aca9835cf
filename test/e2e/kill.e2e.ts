import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import type { SeriesMessage } from '../../src/wire/remote-write-encode.ts';
import { freePort } from '../support/free-port.ts';
import { push } from '../support/push.ts';
import { type ApiSeries, instantQuery, type QueryApi } from '../support/query-api.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const tenant = 'killed';
const roundCount = 20;
const seriesPerWriter = 25;
const stepMs = 100;
const startMs = Math.floor(Date.now() / 1000) * 1000 - 30 * 60_000;

/**
 * One client on one connection. Its request number n holds sample n of each of its series, and the only sample of a
 * series of its own, so that every request also creates one. Values are numbers of requests.
 */
class Writer {
  readonly name: string;
  acknowledgedCount = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Sends until the server is gone. */
  async run(server: ServerProcess): Promise<void> {
    try {
      for (;;) {
        const { status, text } = await push({ baseUrl: server.baseUrl, tenant }, { series: this.#nextRequest() });
        if (status !== 200) throw new WriteRefused(`${status}: ${text}`);
        this.acknowledgedCount += 1;
      }
    } catch (error) {
      if (error instanceof WriteRefused) throw error;
    }
  }

  #nextRequest(): SeriesMessage[] {
    const number = this.acknowledgedCount;
    const sample = [startMs + number * stepMs, number] as const;
    const series: SeriesMessage[] = [];
    for (let index = 0; index < seriesPerWriter; index++) {
      series.push({ labels: labels('kept', { series: `${index}`, writer: this.name }), samples: [sample] });
    }
    series.push({ labels: labels('once', { number: `${number}`, writer: this.name }), samples: [sample] });
    return series;
  }
}

class WriteRefused extends Error {}

function labels(name: string, others: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries({ __name__: name, ...others });
}

describe.for([
  { checkpoints: 'few checkpoints', checkpointInterval: '1m' },
  { checkpoints: 'a checkpoint all the time', checkpointInterval: '20ms' },
])('kill -9 in the middle of ingest, $checkpoints', ({ checkpointInterval }) => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-kill-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test(`keeps what it acknowledged, once, ${roundCount} times over`, { timeout: 240_000 }, async () => {
    const dataPath = join(folder, 'pocket-cortex.db');
    const port = await freePort();
    const serverArguments = [`-pocket.checkpoint-interval=${checkpointInterval}`];
    const writers = ['a', 'b', 'c', 'd'].map((name) => new Writer(name));
    let survivorCount = 0;
    for (let round = 0; round < roundCount; round++) {
      const server = await startServerProcess({ dataPath, port, arguments: serverArguments });
      // What was in flight when the last server died may have been kept or not; the clients go on behind what is there.
      survivorCount += await adopt(writers, server);
      const running = Promise.all(writers.map((writer) => writer.run(server)));
      await new Promise((resolve) => setTimeout(resolve, 40 + ((round * 67) % 300)));
      await server.stop('SIGKILL');
      await running;
      expect(integrityOfCopy(dataPath, folder)).toEqual('ok');
    }
    const server = await startServerProcess({ dataPath, port, arguments: serverArguments });
    survivorCount += await adopt(writers, server);
    await server.stop();
    const requestCount = writers.reduce((sum, { acknowledgedCount }) => sum + acknowledgedCount, 0);
    console.log(
      `${requestCount} requests of ${seriesPerWriter + 1} samples are there; ${survivorCount} of them not acknowledged`,
    );
    expect(requestCount).toBeGreaterThan(roundCount * writers.length);
  });
});

/**
 * Checks that what the server has of each writer is a whole number of requests from the first on, every acknowledged one
 * among them, at most one more. Returns how many more, and makes the writers go on behind them.
 */
async function adopt(writers: readonly Writer[], server: ServerProcess): Promise<number> {
  const api = { baseUrl: `${server.baseUrl}/prometheus`, tenant };
  let survivorCount = 0;
  for (const writer of writers) {
    const kept = await samplesOf(api, `kept{writer="${writer.name}"}[1h]`);
    const once = await samplesOf(api, `once{writer="${writer.name}"}[1h]`);
    const count = kept[0]?.values?.length ?? 0;
    expect([writer.acknowledgedCount, writer.acknowledgedCount + 1]).toContain(count);
    const numbers = Array.from({ length: count }, (_, number) => number);
    const samples = numbers.map((number) => [(startMs + number * stepMs) / 1000, String(number)]);
    expect(kept.map(({ metric }) => Number(metric['series'])).sort((a, b) => a - b)).toEqual(
      count === 0 ? [] : Array.from({ length: seriesPerWriter }, (_, index) => index),
    );
    for (const series of kept) expect(series.values).toEqual(samples);
    expect(
      once
        .toSorted((a, b) => Number(a.metric['number']) - Number(b.metric['number']))
        .map(({ metric, values }) => [metric['number'], values]),
    ).toEqual(numbers.map((number) => [String(number), [samples[number]]]));
    survivorCount += count - writer.acknowledgedCount;
    writer.acknowledgedCount = count;
  }
  return survivorCount;
}

async function samplesOf(api: QueryApi, selector: string): Promise<readonly ApiSeries[]> {
  return (await instantQuery(api, selector, startMs + 59 * 60_000)).result as readonly ApiSeries[];
}

/** Looks at a copy, so that the next server finds the files as the last one left them. */
function integrityOfCopy(dataPath: string, folder: string): unknown {
  const copyPath = join(folder, 'copy.db');
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(copyPath + suffix, { force: true });
    if (suffix !== '-shm' && existsSync(dataPath + suffix)) copyFileSync(dataPath + suffix, copyPath + suffix);
  }
  const database = new Database(copyPath);
  try {
    return database.pragma('integrity_check', { simple: true });
  } finally {
    database.close();
  }
}
