import { decodeUtf8, encodeUtf8, isValidUtf8 } from '../../model/utf8.ts';
import type { BatchColumns } from './batch-columns.ts';
import { parseDecimal } from './decimal.ts';
import { FamilyComments } from './family-comments.ts';
import { LineFault } from './text-error.ts';

const [TAB, SPACE, QUOTE, HASH, COMMA, EQUALS, OPEN, CLOSE, BACKSLASH] = [
  0x09, 0x20, 0x22, 0x23, 0x2c, 0x3d, 0x7b, 0x7d, 0x5c,
];
const [LOWER_N, NEWLINE] = [0x6e, 0x0a];
const NAME_LABEL = encodeUtf8('__name__');

/** Which bytes a name may hold: 1 behind its first, 2 anywhere, 4 is the colon of metric names. */
const NAME_BYTES = new Uint8Array(256);
for (let byte = 0; byte < 128; byte++) {
  const character = String.fromCharCode(byte);
  if (/[a-zA-Z_]/.test(character)) NAME_BYTES[byte] = 2;
  else if (/\d/.test(character)) NAME_BYTES[byte] = 1;
  else if (character === ':') NAME_BYTES[byte] = 4;
}

export interface ExpositionOptions {
  /** OpenMetrics counts seconds, with fractions, and ends in `# EOF`; Prometheus's text format counts milliseconds. */
  readonly dialect: 'openmetrics' | 'prometheus';
  /** The time of samples that have none. */
  readonly defaultTimestampMs: number;
}

/**
 * Reads OpenMetrics text and Prometheus's text format, a line at a time:
 *
 *     # TYPE http_requests counter
 *     http_requests_total{code="200"} 1027 1700000000.5 # {trace_id="abc"} 1 1700000000.1
 *
 * It is kinder than both formats where nothing is lost by it: empty lines, comments and any blanks pass, families may be in
 * pieces, and values need not suit their type. Labels are taken as they are: `le="1"` is not made `le="1.0"`.
 */
export class ExpositionParser {
  readonly #columns: BatchColumns;
  readonly #isOpenMetrics: boolean;
  readonly #defaultTimestampMs: number;
  readonly #comments: FamilyComments;
  #hasEnded = false;
  /** The text that named the series of the last line: most often the next line has the same. */
  #series = new Uint8Array(256);
  #seriesBytes = 0;

  constructor(columns: BatchColumns, { dialect, defaultTimestampMs }: ExpositionOptions) {
    this.#columns = columns;
    this.#isOpenMetrics = dialect === 'openmetrics';
    this.#defaultTimestampMs = defaultTimestampMs;
    this.#comments = new FamilyComments((metadata) => columns.addMetadata(metadata));
  }

  /** Takes the line in `[start, end)`. False: a line is one sample, there is always room for it. @throws {LineFault} */
  parseLine(bytes: Uint8Array, start: number, end: number): false {
    const at = skipBlanks(bytes, start, end);
    if (at === end) return false;
    if (this.#hasEnded) throw new LineFault(at, 'nothing may follow # EOF');
    if (bytes[at] === HASH) this.#hasEnded = this.#comments.parse(bytes, at, end) && this.#isOpenMetrics;
    else this.#sample(bytes, at, end);
    return false;
  }

  /** The text is at its end. @throws {LineFault} when it breaks off */
  finish(): void {
    this.flush();
    if (this.#isOpenMetrics && !this.#hasEnded) throw new LineFault(0, 'OpenMetrics text has to end with # EOF');
  }

  /** Adds what is known of the last family. */
  flush(): void {
    this.#comments.flush();
  }

  #sample(bytes: Uint8Array, start: number, end: number): void {
    const columns = this.#columns;
    const valueStart = this.#seriesOf(bytes, start, end);
    const valueEnd = tokenEnd(bytes, valueStart, end);
    if (valueStart === valueEnd) throw new LineFault(valueStart, 'a value is missing');
    const value = parseDecimal(bytes, valueStart, valueEnd);
    if (value === undefined) {
      throw new LineFault(valueStart, `${shown(bytes, valueStart, valueEnd)} is no number`);
    }
    let at = skipBlanks(bytes, valueEnd, end);
    let timestampMs = this.#defaultTimestampMs;
    if (at < end && bytes[at] !== HASH) {
      const timestampEnd = tokenEnd(bytes, at, end);
      timestampMs = this.#timestamp(bytes, at, timestampEnd);
      at = skipBlanks(bytes, timestampEnd, end);
    }
    if (at < end && bytes[at] !== HASH) throw new LineFault(at, `unexpected ${shown(bytes, at, end)}`);
    columns.addSample(timestampMs, value);
    if (at < end) this.#exemplar(bytes, at, end, timestampMs);
  }

  /** Begins the series that the line names, unless it is that of the last line. Returns where the value starts. */
  #seriesOf(bytes: Uint8Array, start: number, end: number): number {
    const length = this.#seriesBytes;
    const series = this.#series;
    if (length > 0 && start + length < end && this.#columns.hasSeries) {
      let same = 0;
      while (same < length && bytes[start + same] === series[same]) same += 1;
      if (same === length && isBlank(bytes[start + length]!)) {
        const at = skipBlanks(bytes, start + length, end);
        // A name may stand apart from its labels.
        if (bytes[at] !== OPEN) return at;
      }
    }
    this.#columns.beginSeries();
    const seriesEnd = this.#labels(bytes, start, end);
    this.#seriesBytes = seriesEnd - start;
    if (this.#seriesBytes > series.length) this.#series = new Uint8Array(this.#seriesBytes * 2);
    this.#series.set(bytes.subarray(start, seriesEnd));
    return skipBlanks(bytes, seriesEnd, end);
  }

  /** Writes the labels of a series. Returns where it ends. */
  #labels(bytes: Uint8Array, start: number, end: number): number {
    const { labels } = this.#columns;
    labels.source = bytes;
    const nameEnd = nameEndOf(bytes, start, end, METRIC);
    let hasName = nameEnd > start;
    if (hasName) labels.writeNamed(NAME_LABEL, start, nameEnd);
    const open = skipBlanks(bytes, nameEnd, end);
    if (bytes[open] !== OPEN || open === end) {
      if (!hasName) throw new LineFault(start, `a metric name is expected, not ${shown(bytes, start, end)}`);
      return nameEnd;
    }
    let seriesEnd = open;
    const add = (name: Range, value: Range | undefined): void => {
      if (value === undefined) {
        if (hasName) throw new LineFault(name.start, 'the metric has a name already');
        hasName = true;
        writeRange(NAME_LABEL, undefined, name, bytes, this.#columns);
      } else if (value.start < value.end) {
        // An empty value is no label.
        writeRange(undefined, name, value, bytes, this.#columns);
      }
    };
    seriesEnd = readPairs(bytes, open, end, add);
    if (!hasName && !this.#hasNameLabel(bytes, open, seriesEnd)) throw new LineFault(start, 'a metric name is missing');
    return seriesEnd;
  }

  #hasNameLabel(bytes: Uint8Array, start: number, end: number): boolean {
    let found = false;
    readPairs(bytes, start, end, (name) => {
      found ||= decodeUtf8(bytes, name.start, name.end) === '__name__';
    });
    return found;
  }

  #timestamp(bytes: Uint8Array, start: number, end: number): number {
    const number = parseDecimal(bytes, start, end);
    // Rounded: 1.001 seconds are 1000.9999999999999 milliseconds.
    const timestampMs = number === undefined ? NaN : this.#isOpenMetrics ? Math.round(number * 1000) : number;
    if (Number.isSafeInteger(timestampMs)) return timestampMs;
    const unit = this.#isOpenMetrics ? 'seconds' : 'milliseconds';
    throw new LineFault(start, `${shown(bytes, start, end)} is no time in ${unit}`);
  }

  #exemplar(bytes: Uint8Array, start: number, end: number, sampleMs: number): void {
    const open = skipBlanks(bytes, start + 1, end);
    if (open === end || bytes[open] !== OPEN) throw new LineFault(open, 'an exemplar begins with its labels in braces');
    const labels: [string, string][] = [];
    const labelsEnd = readPairs(bytes, open, end, (name, value) => {
      if (value === undefined) throw new LineFault(name.start, 'a label of an exemplar needs a value');
      labels.push([textOf(bytes, name), textOf(bytes, value)]);
    });
    const valueStart = skipBlanks(bytes, labelsEnd, end);
    const valueEnd = tokenEnd(bytes, valueStart, end);
    const value = parseDecimal(bytes, valueStart, valueEnd);
    if (value === undefined) throw new LineFault(valueStart, "an exemplar's value is missing or no number");
    const timeStart = skipBlanks(bytes, valueEnd, end);
    const timeEnd = tokenEnd(bytes, timeStart, end);
    const timestampMs = timeStart === timeEnd ? sampleMs : this.#timestamp(bytes, timeStart, timeEnd);
    const rest = skipBlanks(bytes, timeEnd, end);
    if (rest < end) throw new LineFault(rest, `unexpected ${shown(bytes, rest, end)}`);
    this.#columns.addExemplar({ labels, value, timestampMs });
  }
}

const METRIC = 2 | 4;
const LABEL = 2;

/** What stands between quotes, or a name without. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly hasEscapes: boolean;
}

/** Reads `{name="value","name"="value","metric name"}`; a name in quotes without a value is the metric's. Returns its end. */
function readPairs(
  bytes: Uint8Array,
  open: number,
  end: number,
  add: (name: Range, value: Range | undefined) => void,
): number {
  let at = skipBlanks(bytes, open + 1, end);
  for (;;) {
    if (at >= end) throw new LineFault(at, 'a closing brace is missing');
    if (bytes[at] === CLOSE) return at + 1;
    const isQuoted = bytes[at] === QUOTE;
    const name = isQuoted ? readQuoted(bytes, at, end) : nameRange(bytes, at, end);
    at = skipBlanks(bytes, isQuoted ? name.end + 1 : name.end, end);
    if (at < end && bytes[at] === EQUALS) {
      if (name.start === name.end) throw new LineFault(name.start, 'a label without a name');
      at = skipBlanks(bytes, at + 1, end);
      if (bytes[at] !== QUOTE || at >= end) throw new LineFault(at, "a label's value stands in quotes");
      const value = readQuoted(bytes, at, end);
      add(name, value);
      at = skipBlanks(bytes, value.end + 1, end);
    } else if (isQuoted) {
      add(name, undefined);
    } else {
      throw new LineFault(at, '= is expected behind the name of a label');
    }
    if (at < end && bytes[at] === COMMA) at = skipBlanks(bytes, at + 1, end);
    else if (at < end && bytes[at] !== CLOSE) throw new LineFault(at, 'a comma or a closing brace is expected');
  }
}

function nameRange(bytes: Uint8Array, start: number, end: number): Range {
  const nameEnd = nameEndOf(bytes, start, end, LABEL);
  if (nameEnd === start) throw new LineFault(start, `${shown(bytes, start, end)} is no name of a label`);
  return { start, end: nameEnd, hasEscapes: false };
}

/** `start` is where the quote stands. */
function readQuoted(bytes: Uint8Array, start: number, end: number): Range {
  let at = start + 1;
  let hasEscapes = false;
  let seen = 0;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) break;
    seen |= byte;
    if (byte !== BACKSLASH) continue;
    hasEscapes = true;
    at += 1;
  }
  if (at >= end) throw new LineFault(start, 'the quote is not closed');
  if (seen >= 0x80 && !isValidUtf8(decodeUtf8(bytes, start + 1, at))) throw new LineFault(start, 'no valid UTF-8');
  return { start: start + 1, end: at, hasEscapes };
}

/** Writes a label; the name is given by its bytes or by a range. */
function writeRange(
  nameBytes: Uint8Array | undefined,
  name: Range | undefined,
  value: Range,
  bytes: Uint8Array,
  { labels }: BatchColumns,
): void {
  if (!value.hasEscapes && nameBytes !== undefined) labels.writeNamed(nameBytes, value.start, value.end);
  else if (!value.hasEscapes && !name!.hasEscapes) labels.writeRanges(name!.start, name!.end, value.start, value.end);
  else labels.writeBytes(nameBytes ?? unescaped(bytes, name!), unescaped(bytes, value));
}

function textOf(bytes: Uint8Array, range: Range): string {
  const plain = unescaped(bytes, range);
  return decodeUtf8(plain, 0, plain.length);
}

/** `\\`, `\"` and `\n`; a backslash before anything else is one. */
function unescaped(bytes: Uint8Array, { start, end, hasEscapes }: Range): Uint8Array {
  if (!hasEscapes) return bytes.subarray(start, end);
  const plain = new Uint8Array(end - start);
  let length = 0;
  for (let at = start; at < end; at++) {
    const next = bytes[at] === BACKSLASH && at + 1 < end ? bytes[at + 1] : undefined;
    if (next === BACKSLASH || next === QUOTE || next === LOWER_N) at += 1;
    plain[length++] = next === LOWER_N ? NEWLINE : bytes[at]!;
  }
  return plain.subarray(0, length);
}

function nameEndOf(bytes: Uint8Array, start: number, end: number, kinds: number): number {
  if (start >= end || (NAME_BYTES[bytes[start]!]! & kinds) === 0) return start;
  let at = start + 1;
  while (at < end && (NAME_BYTES[bytes[at]!]! & (kinds | 1)) !== 0) at += 1;
  return at;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at]!)) at += 1;
  return at;
}

function tokenEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && !isBlank(bytes[at]!)) at += 1;
  return at;
}

const SHOWN_BYTES = 40;

/** How a part of a line begins, for an error. */
function shown(bytes: Uint8Array, start: number, end: number): string {
  if (start >= end) return 'the end of the line';
  const text = decodeUtf8(bytes, start, Math.min(end, start + SHOWN_BYTES)).toWellFormed();
  return JSON.stringify(end - start > SHOWN_BYTES ? `${text}…` : text);
}
