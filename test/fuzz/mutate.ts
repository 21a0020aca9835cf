/** Numbers of a sequence that a seed decides. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number in `[0, limit)`. */
  below(limit: number): number {
    // Xorshift: it only has to be quick and the same everywhere.
    let x = this.#state || 1;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % limit;
  }
}

/** Bytes that mean something to decoders: ends of varints, the largest lengths, tags, what JSON and snappy begin things with. */
const telling = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x7b, 0x5b, 0x22, 0x2c, 0x30, 0x3e, 0x65];
const largeVarint = [0xff, 0xff, 0xff, 0xff, 0x07];
const overlongVarint = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];

/** One of `payloads` with one to six things wrong: bytes changed, cut out, doubled, put in, or taken from another payload. */
export function mutate(payloads: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = Array.from(payloads[random.below(payloads.length)]!);
  for (let count = 1 + random.below(1 + random.below(6)); count > 0; count--) {
    const at = random.below(bytes.length + 1);
    const length = random.below(Math.min(32, bytes.length - at + 1));
    switch (random.below(8)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
        break;
      case 1:
        if (at < bytes.length) bytes[at] = telling[random.below(telling.length)]!;
        break;
      case 2:
        bytes.splice(at, length);
        break;
      case 3:
        bytes.splice(at, 0, ...bytes.slice(at, at + length));
        break;
      case 4:
        bytes.splice(at, 0, ...Array.from({ length: 1 + random.below(4) }, () => random.below(256)));
        break;
      case 5:
        bytes.splice(at, random.below(3), ...(random.below(2) === 0 ? largeVarint : overlongVarint));
        break;
      case 6: {
        const other = payloads[random.below(payloads.length)]!;
        const from = random.below(other.length + 1);
        bytes.splice(at, length, ...other.subarray(from, from + random.below(64)));
        break;
      }
      default:
        if (random.below(4) === 0) bytes = bytes.slice(0, at);
    }
  }
  return Uint8Array.from(bytes);
}
