import { Agent } from 'node:http';
import { encodeRemoteWrite } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';
import type { Target } from '../targets/target.ts';
import type { BenchSeries } from './corpus.ts';
import { push } from './push.ts';

/** Series that are scraped together. */
export interface SeriesSet {
  readonly series: readonly BenchSeries[];
  /** When scrape 0 was. */
  readonly firstMs: number;
  readonly intervalMs: number;
}

/** Requests that may go out at once. Those of a later round hold later samples: some servers take no others. */
export interface Round {
  readonly startMs: number;
  readonly bodies: readonly Uint8Array[];
}

const SAMPLES_PER_SERIES = 20;
const SERIES_PER_REQUEST = 500;
const CONNECTION_COUNT = 4;

/**
 * All samples of `sets` in as few requests as one may send, in the order of time: for loading what is then queried, not
 * for measuring how fast that goes.
 */
export function bulkRounds(sets: readonly SeriesSet[]): Round[] {
  return sets.flatMap(roundsOf).sort((a, b) => a.startMs - b.startMs);
}

/** Sends `rounds` one after the other. @throws when a request is not accepted */
export async function pushRounds(target: Target, rounds: Iterable<Round>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTION_COUNT });
  try {
    for (const { bodies } of rounds) await Promise.all(bodies.map((body) => push(target, body, { agent })));
  } finally {
    agent.destroy();
  }
}

function roundsOf({ series, firstMs, intervalMs }: SeriesSet): Round[] {
  const heads = series.map(({ labels }) => encodeRemoteWrite({ series: [{ labels }] }));
  const scrapeCount = Math.max(...series.map((one) => (one.firstScrape ?? 0) + one.values.length));
  const rounds: Round[] = [];
  for (let from = 0; from < scrapeCount; from += SAMPLES_PER_SERIES) {
    const bodies: Uint8Array[] = [];
    let parts: Uint8Array[] = [];
    const send = (): void => {
      if (parts.length > 0) bodies.push(compressSnappy(Buffer.concat(parts)));
      parts = [];
    };
    for (const [i, { values, firstScrape = 0 }] of series.entries()) {
      const start = Math.max(from, firstScrape);
      const end = Math.min(from + SAMPLES_PER_SERIES, firstScrape + values.length);
      if (start >= end) continue;
      const samples = encodeSamples(values, { start, end, firstScrape, firstMs, intervalMs });
      parts.push(seriesMessage(heads[i]!, samples));
      if (parts.length === SERIES_PER_REQUEST) send();
    }
    send();
    if (bodies.length > 0) rounds.push({ startMs: firstMs + from * intervalMs, bodies });
  }
  return rounds;
}

interface Stretch {
  /** Scrapes `[start, end)`. */
  readonly start: number;
  readonly end: number;
  readonly firstScrape: number;
  readonly firstMs: number;
  readonly intervalMs: number;
}

/** Tag, length, tag and 8 bytes of value, tag and 6 bytes of time. */
const SAMPLE_BYTES = 18;

function encodeSamples(values: Float64Array, { start, end, firstScrape, firstMs, intervalMs }: Stretch): Uint8Array {
  const bytes = new Uint8Array((end - start) * SAMPLE_BYTES);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (let scrape = start; scrape < end; scrape++) {
    bytes[at] = 0x12;
    bytes[at + 1] = SAMPLE_BYTES - 2;
    bytes[at + 2] = 0x09;
    view.setFloat64(at + 3, values[scrape - firstScrape]!, true);
    bytes[at + 11] = 0x10;
    let rest = firstMs + scrape * intervalMs;
    for (let byte = 0; byte < 6; byte++) {
      bytes[at + 12 + byte] = (rest % 128) + (byte < 5 ? 128 : 0);
      rest = Math.floor(rest / 128);
    }
    at += SAMPLE_BYTES;
  }
  return bytes;
}

/** `head` is a request with one series that has labels only: its samples are put behind them, and its length anew. */
function seriesMessage(head: Uint8Array, samples: Uint8Array): Uint8Array {
  let labelsStart = 1;
  while (head[labelsStart]! >= 0x80) labelsStart++;
  const labels = head.subarray(labelsStart + 1);
  const prefix = [0x0a];
  let rest = labels.length + samples.length;
  while (rest >= 0x80) {
    prefix.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  prefix.push(rest);
  return Buffer.concat([Uint8Array.from(prefix), labels, samples]);
}
