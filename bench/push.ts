import { Agent, request } from 'node:http';
import { encodeRemoteWrite } from '../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../src/wire/snappy.ts';
import { encodeRemoteWriteV2 } from '../test/support/remote-write-v2.ts';
import type { BenchSeries } from './corpus.ts';
import type { Target } from './targets.ts';

/** What Prometheus sends in one request by default. */
export const SAMPLES_PER_REQUEST = 2000;

/** The messages of remote write. */
export type WriteVersion = 1 | 2;

const contentTypes: Readonly<Record<WriteVersion, string>> = {
  1: 'application/x-protobuf',
  2: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
};

/** The sample that stands in a request until its own does; its time takes as many bytes as those of our days. */
const PLACEHOLDER = [2 ** 40, 1] as const;
/** Its field: tag, length, tag and 8 bytes of value, tag and 6 bytes of time. */
const placeholderBytes = Buffer.from('121009000000000000f03f10808080808020', 'hex');

/**
 * Remote-write requests for one shard of series, compressed, a sample of each series at a time: what a Prometheus sends
 * that scrapes them; in version 2 with metadata.
 */
export class ShardEncoder {
  readonly #series: readonly BenchSeries[];
  readonly #body: Buffer;
  readonly #view: DataView;
  /** Per series, where its sample stands in the body. */
  readonly #sampleStarts: number[] = [];

  constructor(series: readonly BenchSeries[], version: WriteVersion = 1) {
    this.#series = series;
    this.#body = Buffer.from(version === 1 ? bodyV1(series) : bodyV2(series));
    this.#view = new DataView(this.#body.buffer, this.#body.byteOffset, this.#body.byteLength);
    let from = 0;
    for (let at = this.#body.indexOf(placeholderBytes); at >= 0; at = this.#body.indexOf(placeholderBytes, from)) {
      this.#sampleStarts.push(at);
      from = at + placeholderBytes.length;
    }
    if (this.#sampleStarts.length !== series.length) throw new Error('not every series has its sample in the request');
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

function bodyV1(series: readonly BenchSeries[]): Uint8Array {
  return encodeRemoteWrite({ series: series.map(({ labels }) => ({ labels, samples: [PLACEHOLDER] })) });
}

function bodyV2(series: readonly BenchSeries[]): Uint8Array {
  const metadata = { type: 'counter', help: 'What the bench counts, told in a sentence as long as they are.' } as const;
  return encodeRemoteWriteV2({ series: series.map(({ labels }) => ({ labels, samples: [PLACEHOLDER], metadata })) });
}

/** Cuts series into shards of a request each; a shard stays on one connection, so that its samples arrive in order. */
export function shardsOf(series: readonly BenchSeries[], version: WriteVersion = 1): ShardEncoder[] {
  const shards: ShardEncoder[] = [];
  for (let from = 0; from < series.length; from += SAMPLES_PER_REQUEST) {
    shards.push(new ShardEncoder(series.slice(from, from + SAMPLES_PER_REQUEST), version));
  }
  return shards;
}

/**
 * Posts `bodies` one after the other over one connection that stays open.
 * @throws when one of them is not accepted
 */
export async function pushInOrder(
  target: Target,
  bodies: Iterable<Uint8Array>,
  version: WriteVersion = 1,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (const body of bodies) await post(target, body, { agent, version });
  } finally {
    agent.destroy();
  }
}

function post(
  target: Target,
  body: Uint8Array,
  { agent, version }: { readonly agent: Agent; readonly version: WriteVersion },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      target.pushUrl,
      {
        method: 'POST',
        agent,
        headers: {
          ...target.headers,
          'content-type': contentTypes[version],
          'content-encoding': 'snappy',
          'content-length': body.length,
          'x-prometheus-remote-write-version': version === 1 ? '0.1.0' : '2.0.0',
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
