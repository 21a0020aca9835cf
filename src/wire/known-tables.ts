/** What known tables may take together; the table of a request of 2,000 series is some 50 kB, with its columns twice that. */
const LIMIT_BYTES = 4 << 20;
/** Signatures of tables that came once. */
const SEEN_ONCE = 256;
/** Bytes that make up a signature. */
const SIGNATURE_SAMPLES = 64;
/** The first byte of each field of a table. */
const SYMBOL_TAG = 0x22;

/** Where the texts of a table stand: as far as `count`. */
interface SymbolColumns {
  readonly count: number;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly longestBytes: number;
}

/** A table of symbols that stands at the begin of requests, and what was found about it. Frozen. */
export interface KnownTable extends SymbolColumns {
  /** Unlike that of any other table, for as long as this process runs. */
  readonly number: number;
  /** The fields of all symbols. */
  readonly bytes: Uint8Array;
  /** Per symbol: the number of its text. */
  readonly numbers: Int32Array;
}

/** Numbers are given out for the process as a whole: series are remembered by them. */
let lastNumber = 0;

/**
 * Tables of symbols that came in requests before. A sender that sends the same series again sends the same table, to the byte; then
 * the table need not be read, and what refers to it in the same bytes means the same. So does a Prometheus whose scrapes fit into a
 * request each; the requests of a larger one begin with another series each time. A table is kept when it comes for the second time:
 * of those that never come again only a few numbers are.
 */
export class KnownTables {
  /** The one that was found last first. */
  readonly #tables: KnownTable[] = [];
  readonly #seenOnce = new Int32Array(SEEN_ONCE);
  #usedBytes = 0;

  /** The table that `body` begins with. */
  match(body: Uint8Array): KnownTable | undefined {
    const tables = this.#tables;
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
    for (let i = 0; i < tables.length; i++) {
      const table = tables[i]!;
      const end = table.bytes.length;
      if (end >= bytes.length || bytes[end] === SYMBOL_TAG || bytes.compare(table.bytes, 0, end, 0, end) !== 0)
        continue;
      tables.splice(i, 1);
      tables.unshift(table);
      return table;
    }
    return undefined;
  }

  /**
   * `body` was found to have these symbols, and begins with no table that is known. They make one when they stand at its begin, one
   * behind the other. All is borrowed.
   */
  note(body: Uint8Array, symbols: SymbolColumns, numbers: Int32Array): void {
    const { count, starts, ends, longestBytes } = symbols;
    const end = endOfTable(symbols);
    if (end === 0) return;
    const signature = signatureOf(body, end);
    const slot = signature & (SEEN_ONCE - 1);
    if (this.#seenOnce[slot] !== signature) {
      this.#seenOnce[slot] = signature;
      return;
    }
    if (sizeBytes(end, count) > LIMIT_BYTES / 4) return;
    lastNumber += 1;
    this.#tables.unshift({
      number: lastNumber,
      // A copy also of a Buffer, whose `slice` is none.
      bytes: new Uint8Array(body.subarray(0, end)),
      count,
      starts: starts.slice(0, count),
      ends: ends.slice(0, count),
      longestBytes,
      numbers: numbers.slice(0, count),
    });
    this.#usedBytes += sizeBytes(end, count);
    while (this.#usedBytes > LIMIT_BYTES) {
      const dropped = this.#tables.pop()!;
      this.#usedBytes -= sizeBytes(dropped.bytes.length, dropped.count);
    }
  }
}

/** 0 when there is no table at the begin, or there are symbols elsewhere. */
function endOfTable({ count, starts, ends }: SymbolColumns): number {
  let end = 0;
  for (let i = 0; i < count; i++) {
    // A tag, and a length of one byte for each seven bits.
    const length = ends[i]! - starts[i]!;
    if (starts[i]! - end !== 1 + Math.max(1, Math.ceil((32 - Math.clz32(length)) / 7))) return 0;
    end = ends[i]!;
  }
  return end;
}

function sizeBytes(tableBytes: number, count: number): number {
  return tableBytes + count * 12;
}

/** Of tables that differ mostly another one, never 0. */
function signatureOf(body: Uint8Array, end: number): number {
  let hash = end;
  const step = Math.max(1, Math.floor(end / SIGNATURE_SAMPLES));
  for (let at = 0; at < end; at += step) hash = Math.imul(hash ^ body[at]!, 0x01000193);
  hash ^= hash >>> 15;
  return hash === 0 ? 1 : hash;
}
