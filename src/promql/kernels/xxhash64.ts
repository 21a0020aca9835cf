/** An unsigned number of 64 bits in two halves: arithmetic that wraps, without the allocations of BigInt. */
class Word {
  high: number;
  low: number;

  constructor(high = 0, low = 0) {
    this.high = high >>> 0;
    this.low = low >>> 0;
  }

  copy(): Word {
    return new Word(this.high, this.low);
  }

  add({ high, low }: Word): this {
    const sum = this.low + low;
    this.low = sum >>> 0;
    this.high = (this.high + high + (sum > 0xffffffff ? 1 : 0)) >>> 0;
    return this;
  }

  xor({ high, low }: Word): this {
    this.high = (this.high ^ high) >>> 0;
    this.low = (this.low ^ low) >>> 0;
    return this;
  }

  multiply({ high, low }: Word): this {
    const ownLow = this.low;
    // The product of the low halves has 64 bits itself; by halves of halves none leaves the whole numbers of a double.
    const right = (ownLow & 0xffff) * low;
    const left = (ownLow >>> 16) * low + Math.floor(right / 0x10000);
    this.high = (Math.floor(left / 0x10000) + Math.imul(this.high, low) + Math.imul(ownLow, high)) >>> 0;
    this.low = Math.imul(ownLow, low) >>> 0;
    return this;
  }

  rotateLeft(bits: number): this {
    const { high, low } = this;
    this.high = ((high << bits) | (low >>> (32 - bits))) >>> 0;
    this.low = ((low << bits) | (high >>> (32 - bits))) >>> 0;
    return this;
  }

  /** `x ^= x >> bits` */
  foldRight(bits: number): this {
    const isLong = bits >= 32;
    const low = isLong ? this.high >>> (bits - 32) : (this.low >>> bits) | (this.high << (32 - bits));
    return this.xor(new Word(isLong ? 0 : this.high >>> bits, low));
  }
}

const P1 = new Word(0x9e3779b1, 0x85ebca87);
const P2 = new Word(0xc2b2ae3d, 0x27d4eb4f);
const P3 = new Word(0x165667b1, 0x9e3779f9);
const P4 = new Word(0x85ebca77, 0xc2b2ae63);
const P5 = new Word(0x27d4eb2f, 0x165667c5);

/** xxHash of 64 bits, seed 0, by its public specification; as the nearest double below 2^64. */
export function xxHash64(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wordAt = (at: number): Word => new Word(view.getUint32(at + 4, true), view.getUint32(at, true));
  const { length } = bytes;
  let at = 0;
  let hash = P5.copy();
  if (length >= 32) {
    const lanes = [P1.copy().add(P2), P2.copy(), new Word(), new Word(~P1.high, ~P1.low).add(new Word(0, 1))];
    for (; at + 32 <= length; at += 32) lanes.forEach((lane, i) => void round(lane, wordAt(at + i * 8)));
    const turned = lanes.map((lane, i) => lane.copy().rotateLeft([1, 7, 12, 18][i]!));
    hash = turned.reduce((sum, lane) => sum.add(lane), new Word());
    for (const lane of lanes) hash.xor(round(new Word(), lane)).multiply(P1).add(P4);
  }
  hash.add(new Word(0, length));
  for (; at + 8 <= length; at += 8)
    hash
      .xor(round(new Word(), wordAt(at)))
      .rotateLeft(27)
      .multiply(P1)
      .add(P4);
  if (at + 4 <= length) {
    hash
      .xor(new Word(0, view.getUint32(at, true)).multiply(P1))
      .rotateLeft(23)
      .multiply(P2)
      .add(P3);
    at += 4;
  }
  for (; at < length; at++) hash.xor(new Word(0, bytes[at]!).multiply(P5)).rotateLeft(11).multiply(P1);
  hash.foldRight(33).multiply(P2).foldRight(29).multiply(P3).foldRight(32);
  return hash.high * 2 ** 32 + hash.low;
}

function round(lane: Word, input: Word): Word {
  return lane.add(input.copy().multiply(P2)).rotateLeft(31).multiply(P1);
}
