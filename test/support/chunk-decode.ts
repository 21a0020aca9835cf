import protobuf from 'protobufjs';

/** The messages as Prometheus publishes them. */
const { root } = protobuf.parse(`syntax = "proto3";
  message ChunkedReadResponse { repeated ChunkedSeries chunked_series = 1; int64 query_index = 2; }
  message ChunkedSeries { repeated Label labels = 1; repeated Chunk chunks = 2; }
  message Label { string name = 1; string value = 2; }
  message Chunk { int64 min_time_ms = 1; int64 max_time_ms = 2; int32 type = 3; bytes data = 4; }`);
const ChunkedReadResponse = root.lookupType('ChunkedReadResponse');

/** A sample as a chunk has it: floats are their bits. */
export type DecodedSample =
  | { readonly timestampMs: bigint; readonly bits: bigint }
  | { readonly timestampMs: bigint; readonly histogram: DecodedHistogram };

export interface DecodedHistogram {
  readonly count: number;
  readonly zeroCount: number;
  readonly sumBits: bigint;
  readonly schema: number;
  readonly zeroThreshold: number;
  /** Offset and length of each span. */
  readonly positiveSpans: readonly (readonly [number, number])[];
  readonly negativeSpans: readonly (readonly [number, number])[];
  /** Absolute. */
  readonly positiveCounts: readonly number[];
  readonly negativeCounts: readonly number[];
  readonly bounds: readonly number[];
}

export interface DecodedChunk {
  readonly minMs: number;
  readonly maxMs: number;
  readonly kind: 'xor' | 'histogram' | 'float-histogram';
  /** The two bits that say whether the counter was reset before a chunk of histograms. */
  readonly reset: number;
  readonly samples: readonly DecodedSample[];
}

export interface DecodedFrame {
  readonly queryIndex: number;
  readonly sizeBytes: number;
  readonly checksum: number;
  readonly message: Uint8Array;
  readonly labels: string;
  readonly chunks: readonly DecodedChunk[];
}

/** The frames of a streamed answer, read the slow and simple way, one bit after the other. */
export function decodeFrames(body: Uint8Array): DecodedFrame[] {
  const bytes = Buffer.from(body);
  const frames: DecodedFrame[] = [];
  for (let at = 0; at < bytes.length; ) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    const message = bytes.subarray(at + 4, at + 4 + length);
    const decoded = ChunkedReadResponse.toObject(ChunkedReadResponse.decode(message), {
      longs: Number,
      defaults: true,
    }) as {
      queryIndex: number;
      chunkedSeries: {
        labels: { name: string; value: string }[];
        chunks: { minTimeMs: number; maxTimeMs: number; type: number; data: Uint8Array }[];
      }[];
    };
    const [series, ...others] = decoded.chunkedSeries;
    if (!series || others.length > 0) throw new Error(`a frame of ${decoded.chunkedSeries.length} series`);
    frames.push({
      queryIndex: decoded.queryIndex,
      sizeBytes: length,
      checksum: bytes.readUInt32BE(at),
      message,
      labels: series.labels.map(({ name, value }) => `${name}=${value}`).join(','),
      chunks: series.chunks.map(({ minTimeMs, maxTimeMs, type, data }) => ({
        minMs: minTimeMs,
        maxMs: maxTimeMs,
        ...decodeChunk(type, data),
      })),
    });
    at += 4 + length;
  }
  return frames;
}

function decodeChunk(type: number, data: Uint8Array): Pick<DecodedChunk, 'kind' | 'reset' | 'samples'> {
  const bits = new BitReader(data);
  const count = Number(bits.read(16));
  if (type === 1) return { kind: 'xor', reset: 0, samples: decodeXor(bits, count) };
  if (type !== 2 && type !== 3) throw new Error(`a chunk of type ${type}`);
  const kind = type === 2 ? 'histogram' : 'float-histogram';
  return { kind, reset: Number(bits.read(8)) >> 6, samples: decodeHistograms(bits, count, type === 2) };
}

function decodeXor(bits: BitReader, count: number): DecodedSample[] {
  const samples: DecodedSample[] = [];
  const value = new XorValue();
  let timestampMs = 0n;
  let stepMs = 0n;
  for (let i = 0; i < count; i++) {
    if (i === 0) {
      const zigzag = bits.uvarint();
      timestampMs = (zigzag >> 1n) ^ -(zigzag & 1n);
    } else {
      stepMs = i === 1 ? bits.uvarint() : stepMs + bits.prefixed([0, 14, 17, 20, 64]);
      timestampMs += stepMs;
    }
    samples.push({ timestampMs, bits: value.next(bits, i === 0) });
  }
  return samples;
}

const varbitSizes = [0, 3, 6, 9, 12, 18, 25, 56, 64];

function decodeHistograms(bits: BitReader, count: number, isInteger: boolean): DecodedSample[] {
  const zeroByte = Number(bits.read(8));
  const zeroThreshold = zeroByte === 0 ? 0 : zeroByte === 255 ? doubleOf(bits.read(64)) : 2 ** (zeroByte - 244);
  const schema = Number(bits.prefixed(varbitSizes));
  const spans = () =>
    Array.from({ length: Number(bits.prefixedUnsigned()) }, () => {
      const length = Number(bits.prefixedUnsigned());
      return [Number(bits.prefixed(varbitSizes)), length] as const;
    });
  const positiveSpans = spans();
  const negativeSpans = spans();
  const bounds = Array.from({ length: schema === -53 ? Number(bits.prefixedUnsigned()) : 0 }, () => {
    const thousandths = bits.prefixedUnsigned();
    return thousandths === 0n ? doubleOf(bits.read(64)) : Number(thousandths - 1n) / 1000;
  });
  const bucketCount = (of: readonly (readonly [number, number])[]) => of.reduce((sum, [, length]) => sum + length, 0);
  const positiveCount = bucketCount(positiveSpans);
  const numberCount = 3 + positiveCount + bucketCount(negativeSpans);
  const floats = Array.from({ length: numberCount }, () => new XorValue());
  const integers = Array.from({ length: numberCount }, () => ({ value: 0n, change: 0n }));
  const samples: DecodedSample[] = [];
  let timestampMs = 0n;
  let stepMs = 0n;
  for (let i = 0; i < count; i++) {
    if (i === 0) timestampMs = bits.prefixed(varbitSizes);
    else {
      stepMs += bits.prefixed(varbitSizes);
      timestampMs += stepMs;
    }
    let sumBits = 0n;
    const numbers: number[] = [];
    for (let at = 0; at < numberCount; at++) {
      if (at === 2 || !isInteger) {
        const value = floats[at]!.next(bits, i === 0);
        if (at === 2) sumBits = value;
        numbers.push(doubleOf(value));
        continue;
      }
      const integer = integers[at]!;
      if (i === 0) integer.value = at < 2 ? bits.prefixedUnsigned() : bits.prefixed(varbitSizes);
      else {
        integer.change += bits.prefixed(varbitSizes);
        integer.value += integer.change;
      }
      numbers.push(Number(integer.value));
    }
    const counts = (from: number, to: number) => {
      const side = numbers.slice(from, to);
      if (isInteger) for (let at = 1; at < side.length; at++) side[at]! += side[at - 1]!;
      return side;
    };
    samples.push({
      timestampMs,
      histogram: {
        ...{ count: numbers[0]!, zeroCount: numbers[1]!, sumBits, schema, zeroThreshold },
        ...{ positiveSpans, negativeSpans, bounds },
        positiveCounts: counts(3, 3 + positiveCount),
        negativeCounts: counts(3 + positiveCount, numberCount),
      },
    });
  }
  return samples;
}

/** A value that is told by what differs from the one before. */
class XorValue {
  #bits = 0n;
  #leading = 0;
  #length = 0;

  next(bits: BitReader, isFirst: boolean): bigint {
    if (isFirst) this.#bits = bits.read(64);
    else if (bits.read(1) === 1n) {
      if (bits.read(1) === 1n) {
        this.#leading = Number(bits.read(5));
        this.#length = Number(bits.read(6)) || 64;
      }
      this.#bits ^= bits.read(this.#length) << BigInt(64 - this.#leading - this.#length);
    }
    return this.#bits;
  }
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(count: number): bigint {
    let value = 0n;
    for (let i = 0; i < count; i++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new Error('the chunk is too short');
      value = (value << 1n) | BigInt((byte >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  uvarint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.read(8);
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  }

  /** A signed number behind as many ones as sizes are too small for it. */
  prefixed(sizes: readonly number[]): bigint {
    const size = this.#size(sizes);
    const value = this.read(size);
    const half = size === 0 ? 0n : 1n << BigInt(size - 1);
    const isNegative = size === 64 ? value >= half : value > half;
    return isNegative ? value - (1n << BigInt(size)) : value;
  }

  prefixedUnsigned(): bigint {
    return this.read(this.#size(varbitSizes));
  }

  #size(sizes: readonly number[]): number {
    let place = 0;
    while (place < sizes.length - 1 && this.read(1) === 1n) place += 1;
    return sizes[place]!;
  }
}

function doubleOf(bits: bigint): number {
  return new Float64Array(BigUint64Array.of(bits).buffer)[0]!;
}
