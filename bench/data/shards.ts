import { encodeRemoteWrite } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';
import { encodeRemoteWriteV2 } from '../../test/support/remote-write-v2.ts';
import type { BenchSeries } from './corpus.ts';
import { SAMPLES_PER_REQUEST, type WriteVersion } from './push.ts';

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
