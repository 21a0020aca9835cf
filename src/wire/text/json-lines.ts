import { isStaleMarker, writeStaleMarker } from '../../model/columns.ts';
import { decodeUtf8 } from '../../model/utf8.ts';
import type { BatchColumns } from './batch-columns.ts';
import { parseDecimal } from './decimal.ts';
import { exemplarsOf, histogramsOf, metadataOf, type TimelessHistogram } from './json-records.ts';
import { LineFault } from './text-error.ts';

const [TAB, SPACE, RETURN, QUOTE, COMMA, COLON, BACKSLASH] = [0x09, 0x20, 0x0d, 0x22, 0x2c, 0x3a, 0x5c];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE, LOWER_N] = [0x5b, 0x5d, 0x7b, 0x7d, 0x6e];
/** Room that a long line took is given back. */
const KEPT_VALUES = 1 << 16;

/** What a line says besides the labels, whose place is kept to write them once more in a second batch. */
interface Line {
  metricAt: number;
  valueCount: number;
  timestampCount: number;
  hasValues: boolean;
  histograms: readonly TimelessHistogram[];
}

/**
 * Reads JSON lines as VictoriaMetrics's `/api/v1/export` writes them, a series a line, as often as one likes:
 *
 *     {"metric":{"__name__":"up","job":"api"},"values":[1,null,"NaN","Infinity"],"timestamps":[1700000000000,…]}
 *
 * `null` is a staleness marker. Native histograms, exemplars and metadata have lines of their own (`json-records.ts`).
 */
export class JsonLinesParser {
  readonly #columns: BatchColumns;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #values = new Float64Array(1024);
  #bits = new Uint32Array(this.#values.buffer);
  #timestampsMs = new Float64Array(1024);
  #line: Line = { metricAt: -1, valueCount: 0, timestampCount: 0, hasValues: false, histograms: [] };
  /** How many samples, or histograms, of the line stand in batches. */
  #added = 0;

  constructor(columns: BatchColumns) {
    this.#columns = columns;
  }

  /**
   * Takes the line in `[start, end)`. Whether there is more in it than the batch has room for: then `resume` follows,
   * with the same bytes, once the batch was taken.
   * @throws {LineFault}
   */
  parseLine(bytes: Uint8Array, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#line = { metricAt: -1, valueCount: 0, timestampCount: 0, hasValues: false, histograms: [] };
    this.#added = 0;
    this.#blanks();
    if (this.#at === end) return false;
    this.#fields();
    this.#blanks();
    if (this.#at < end) throw new LineFault(this.#at, 'one object a line is expected');
    const { metricAt, valueCount, timestampCount, hasValues, histograms } = this.#line;
    const count = hasValues ? valueCount : histograms.length;
    if (count === 0 && timestampCount === 0) return false;
    if (metricAt < 0) throw new LineFault(start, '"metric" is missing');
    if (hasValues && histograms.length > 0) throw new LineFault(start, '"values" and "histograms" take a line each');
    if (count !== timestampCount) {
      throw new LineFault(start, `${count} values have ${timestampCount} timestamps`);
    }
    return this.resume();
  }

  /** Goes on with the last line. @throws as `parseLine`, and returns what it does */
  resume(): boolean {
    const columns = this.#columns;
    const { hasValues, valueCount, histograms, metricAt } = this.#line;
    columns.beginSeries();
    this.#at = metricAt;
    this.#labels();
    if (!hasValues) {
      while (this.#added < histograms.length && !columns.isFull) {
        columns.addHistogram({ ...histograms[this.#added]!, timestampMs: this.#timestampsMs[this.#added]! });
        this.#added += 1;
      }
      return this.#added < histograms.length;
    }
    const to = Math.min(valueCount, this.#added + columns.room);
    for (let i = this.#added; i < to; i++) {
      // A NaN that passes through a number may lose its bits.
      if (isStaleMarker(this.#bits, i)) columns.addStaleMarker(this.#timestampsMs[i]!);
      else columns.addSample(this.#timestampsMs[i]!, this.#values[i]!);
    }
    this.#added = to;
    if (to < valueCount) return true;
    if (this.#values.length > KEPT_VALUES) this.#resize(1024);
    return false;
  }

  finish(): void {}

  flush(): void {}

  #fields(): void {
    this.#expect(OPEN_BRACE, 'an object is expected');
    if (this.#takes(CLOSE_BRACE)) return;
    do {
      this.#blanks();
      const at = this.#at;
      const name = this.#text();
      this.#colon();
      switch (name) {
        case 'metric':
          this.#line.metricAt = this.#at;
          this.#skip();
          break;
        case 'values':
          this.#line.hasValues = true;
          this.#line.valueCount = this.#array((index) => this.#value(index));
          break;
        case 'timestamps':
          this.#line.timestampCount = this.#array((index) => this.#timestamp(index));
          break;
        case 'histograms':
          this.#line.histograms = histogramsOf(this.#json(), at);
          break;
        case 'exemplars': {
          if (this.#line.metricAt < 0) throw new LineFault(at, '"metric" comes before "exemplars"');
          const exemplars = exemplarsOf(this.#json(), at);
          const after = this.#at;
          this.#columns.beginSeries();
          this.#at = this.#line.metricAt;
          this.#labels();
          this.#at = after;
          for (const exemplar of exemplars) this.#columns.addExemplar(exemplar);
          break;
        }
        case 'metadata':
          this.#columns.addMetadata(metadataOf(this.#json(), at));
          break;
        default:
          this.#skip();
      }
    } while (this.#takes(COMMA));
    this.#expect(CLOSE_BRACE, 'a comma or a closing brace is expected');
  }

  /** The labels that begin here go to the series that was begun. */
  #labels(): void {
    const { labels } = this.#columns;
    labels.source = this.#bytes;
    this.#expect(OPEN_BRACE, '"metric" is an object');
    if (this.#takes(CLOSE_BRACE)) throw new LineFault(this.#at, 'a series without labels');
    do {
      this.#blanks();
      const nameAt = this.#at;
      const hasEscapes = this.#quoted();
      const nameEnd = this.#at;
      this.#colon();
      this.#blanks();
      const valueAt = this.#at;
      const areEscaped = this.#quoted() || hasEscapes;
      if (this.#at === valueAt + 2) continue;
      if (areEscaped) labels.writeText(this.#unquote(nameAt, nameEnd), this.#unquote(valueAt, this.#at));
      else labels.writeRanges(nameAt + 1, nameEnd - 1, valueAt + 1, this.#at - 1);
    } while (this.#takes(COMMA));
    this.#expect(CLOSE_BRACE, 'a comma or a closing brace is expected');
  }

  #array(element: (index: number) => void): number {
    this.#expect(OPEN_BRACKET, 'a list is expected');
    if (this.#takes(CLOSE_BRACKET)) return 0;
    let count = 0;
    do {
      if (count === this.#values.length) this.#resize(count * 2);
      this.#blanks();
      element(count);
      count += 1;
    } while (this.#takes(COMMA));
    this.#expect(CLOSE_BRACKET, 'a comma or a closing bracket is expected');
    return count;
  }

  #value(index: number): void {
    const at = this.#at;
    const first = this.#bytes[at];
    if (at < this.#end && first === LOWER_N) {
      const end = this.#token();
      if (decodeUtf8(this.#bytes, at, end) !== 'null') throw new LineFault(at, 'a value is a number, a text or null');
      writeStaleMarker(this.#bits, index);
      return;
    }
    let value: number | undefined;
    if (first === QUOTE) {
      this.#quoted();
      value = parseDecimal(this.#bytes, at + 1, this.#at - 1);
    } else {
      value = parseDecimal(this.#bytes, at, this.#token());
    }
    if (value === undefined) throw new LineFault(at, 'a value is a number, "NaN", "Infinity", "-Infinity" or null');
    this.#values[index] = value;
  }

  #timestamp(index: number): void {
    const at = this.#at;
    const timestampMs = parseDecimal(this.#bytes, at, this.#token());
    if (timestampMs === undefined || !Number.isSafeInteger(timestampMs)) {
      throw new LineFault(at, 'a timestamp is a whole number of milliseconds');
    }
    this.#timestampsMs[index] = timestampMs;
  }

  /** The value that stands here, whatever it is. */
  #json(): unknown {
    this.#blanks();
    const at = this.#at;
    this.#skip();
    return parseJson(this.#bytes, at, this.#at);
  }

  /** Steps over a value, without looking at more of it than where it ends. */
  #skip(): void {
    this.#blanks();
    const start = this.#at;
    let depth = 0;
    do {
      if (this.#at >= this.#end) throw new LineFault(start, 'the line breaks off here');
      const byte = this.#bytes[this.#at];
      if (byte === QUOTE) {
        this.#quoted();
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth += 1;
        this.#at += 1;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (depth === 0) throw new LineFault(this.#at, 'a value is expected');
        depth -= 1;
        this.#at += 1;
      } else if (depth > 0) {
        this.#at += 1;
      } else {
        const end = this.#token();
        if (end === start) throw new LineFault(start, 'a value is expected');
      }
    } while (depth > 0);
  }

  /** To the end of a number or a word. */
  #token(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    for (; at < this.#end; at++) {
      const byte = bytes[at]!;
      if (byte === COMMA || byte === CLOSE_BRACKET || byte === CLOSE_BRACE || isBlank(byte)) break;
    }
    this.#at = at;
    return at;
  }

  #text(): string {
    const at = this.#at;
    this.#quoted();
    return this.#unquote(at, this.#at);
  }

  /** Over a text in quotes. Whether something is escaped in it. */
  #quoted(): boolean {
    const start = this.#at;
    if (start >= this.#end || this.#bytes[start] !== QUOTE) throw new LineFault(start, 'a text in quotes is expected');
    let hasEscapes = false;
    for (let at = start + 1; at < this.#end; at++) {
      const byte = this.#bytes[at]!;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return hasEscapes;
      }
      if (byte < SPACE) throw new LineFault(at, 'a control character in a text');
      if (byte !== BACKSLASH) continue;
      hasEscapes = true;
      at += 1;
    }
    throw new LineFault(start, 'the quote is not closed');
  }

  #unquote(start: number, end: number): string {
    const text = parseJson(this.#bytes, start, end) as string;
    if (!text.isWellFormed()) throw new LineFault(start, 'no valid UTF-8');
    return text;
  }

  #colon(): void {
    this.#expect(COLON, 'a colon is expected');
    this.#blanks();
  }

  #expect(byte: number, reason: string): void {
    if (!this.#takes(byte)) throw new LineFault(this.#at, reason);
  }

  #takes(byte: number): boolean {
    this.#blanks();
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }

  #blanks(): void {
    while (this.#at < this.#end && isBlank(this.#bytes[this.#at]!)) this.#at += 1;
  }

  #resize(capacity: number): void {
    const values = new Float64Array(capacity);
    const timestampsMs = new Float64Array(capacity);
    if (capacity > this.#values.length) {
      values.set(this.#values);
      timestampsMs.set(this.#timestampsMs);
    }
    this.#values = values;
    this.#bits = new Uint32Array(values.buffer);
    this.#timestampsMs = timestampsMs;
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN;
}

function parseJson(bytes: Uint8Array, start: number, end: number): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes, start, end));
  } catch {
    throw new LineFault(start, 'no JSON');
  }
}
