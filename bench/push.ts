import { Agent, request } from 'node:http';
import { encodeRemoteWrite } from '../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../src/wire/snappy.ts';
import type { BenchSeries } from './corpus.ts';
import type { Target } from './targets.ts';

/** What Prometheus sends in one request by default. */
export const SAMPLES_PER_REQUEST = 2000;

/** A sample's field in a series: tag, length, 9 bytes of value, 7 bytes of a time of our days. */
const SAMPLE_BYTES = 18;

/**
 * Remote-write requests for one shard of series, compressed, a sample of each series at a time: what a Prometheus sends
 * that scrapes them.
 */
export class ShardEncoder {
  readonly #series: readonly BenchSeries[];
  readonly #body: Uint8Array;
  readonly #view: DataView;
  /** Per series, where its sample stands in the body. */
  readonly #sampleStarts: number[] = [];

  constructor(series: readonly BenchSeries[]) {
    this.#series = series;
    const parts = series.map(({ labels }) => encodeRemoteWrite({ series: [{ labels, samples: [[2 ** 40, 1]] }] }));
    this.#body = Buffer.concat(parts);
    this.#view = new DataView(this.#body.buffer, this.#body.byteOffset, this.#body.byteLength);
    let end = 0;
    for (const part of parts) {
      end += part.length;
      this.#sampleStarts.push(end - SAMPLE_BYTES);
    }
  }

  get seriesCount(): number {
    return this.#series.length;
  }

  /** The request with value `sampleIndex` of every series. */
  encode(sampleIndex: number, timestampMs: number): Uint8Array {
    for (let i = 0; i < this.#series.length; i++) {
      const start = this.#sampleStarts[i]!;
      this.#view.setFloat64(start + 3, this.#series[i]!.values[sampleIndex]!, true);
      let rest = timestampMs;
      for (let byte = 0; byte < 6; byte++) {
        this.#body[start + 12 + byte] = (rest % 128) + (byte < 5 ? 128 : 0);
        rest = Math.floor(rest / 128);
      }
    }
    return compressSnappy(this.#body);
  }
}

/** Cuts series into shards of a request each; a shard stays on one connection, so that its samples arrive in order. */
export function shardsOf(series: readonly BenchSeries[]): ShardEncoder[] {
  const shards: ShardEncoder[] = [];
  for (let from = 0; from < series.length; from += SAMPLES_PER_REQUEST) {
    shards.push(new ShardEncoder(series.slice(from, from + SAMPLES_PER_REQUEST)));
  }
  return shards;
}

/**
 * Posts `bodies` one after the other over one connection that stays open.
 * @throws when one of them is not accepted
 */
export async function pushInOrder(target: Target, bodies: Iterable<Uint8Array>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (const body of bodies) await post(target, body, agent);
  } finally {
    agent.destroy();
  }
}

function post(target: Target, body: Uint8Array, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      target.pushUrl,
      {
        method: 'POST',
        agent,
        headers: {
          ...target.headers,
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          'content-length': body.length,
          'x-prometheus-remote-write-version': '0.1.0',
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve();
          else reject(new Error(`${target.name} answered a push with ${status}: ${text}`));
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
