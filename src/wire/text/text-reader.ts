import { decodeUtf8 } from '../../model/utf8.ts';
import type { WriteBatch } from '../../model/write-batch.ts';
import { BatchColumns } from './batch-columns.ts';
import { ExpositionParser } from './exposition.ts';
import { JsonLinesParser } from './json-lines.ts';
import { LineFault, TextError } from './text-error.ts';

export const textFormats = ['openmetrics', 'prometheus', 'jsonl'] as const;
export type TextFormat = (typeof textFormats)[number];

/** A line of JSON is a series and its samples; a line of the others one sample. */
const LINE_LIMIT_BYTES: Readonly<Record<TextFormat, number>> = {
  openmetrics: 1 << 20,
  prometheus: 1 << 20,
  jsonl: 16 << 20,
};
const [NEWLINE, RETURN] = [0x0a, 0x0d];
const KEPT_BYTES = 64 << 10;

export interface TextReaderOptions {
  readonly format: TextFormat;
  /** The time of samples that have none. */
  readonly defaultTimestampMs: number;
  /** So many lines are passed over: where a reading that broke off goes on. */
  readonly skipLines?: number;
}

interface LineParser {
  /** Whether there is more in the line than the batch has room for. */
  parseLine(bytes: Uint8Array, start: number, end: number): boolean;
  readonly resume?: () => boolean;
  finish(): void;
  flush(): void;
}

/**
 * Turns text into batches as its bytes come, in bounded memory: however long the text, no more is held than the line
 * that has not ended yet and one batch.
 * @example
 * const reader = new TextReader({ format: 'openmetrics', defaultTimestampMs: clock.nowMs() });
 * for await (const chunk of file) for (const batch of reader.feed(chunk)) await write(batch);
 * for (const batch of reader.finish()) await write(batch);
 */
export class TextReader {
  readonly #columns = new BatchColumns();
  readonly #parser: LineParser;
  readonly #lineLimitBytes: number;
  #linesToSkip: number;
  /** The beginning of a line whose end has not come. */
  #rest = new Uint8Array(KEPT_BYTES);
  #restBytes = 0;
  #lineCount = 0;
  #takenLines = 0;
  /** Of the line that was taken last: what is wrong with it, and whether it has more than the batch holds. */
  #fault: LineFault | undefined;
  #hasMore = false;

  constructor({ format, defaultTimestampMs, skipLines = 0 }: TextReaderOptions) {
    this.#parser =
      format === 'jsonl'
        ? new JsonLinesParser(this.#columns)
        : new ExpositionParser(this.#columns, { dialect: format, defaultTimestampMs });
    this.#lineLimitBytes = LINE_LIMIT_BYTES[format];
    this.#linesToSkip = skipLines;
    this.#takenLines = skipLines;
  }

  /** How many lines, those passed over included, stand in batches handed out as a whole: `skipLines` of one that goes on. */
  get takenLines(): number {
    return this.#takenLines;
  }

  /**
   * Takes the next bytes, borrowed until the generator is at its end; batches are borrowed until the next is asked for.
   * @throws {TextError} for a line that makes no sense; all before it was handed out then
   */
  *feed(chunk: Uint8Array): Generator<WriteBatch, void> {
    let at = 0;
    while (at < chunk.length) {
      const lineEnd = chunk.indexOf(NEWLINE, at);
      if (lineEnd < 0) {
        yield* this.#keep(chunk, at, chunk.length);
        return;
      }
      if (this.#restBytes === 0) {
        if (this.#line(chunk, at, lineEnd)) yield* this.#takeAll();
        else if (this.#fault !== undefined) yield* this.#fail(chunk, at);
      } else {
        yield* this.#keep(chunk, at, lineEnd);
        yield* this.#endRest();
      }
      at = lineEnd + 1;
    }
  }

  /** The bytes are at their end. @throws as `feed` */
  *finish(): Generator<WriteBatch, void> {
    if (this.#restBytes > 0) yield* this.#endRest();
    try {
      this.#parser.finish();
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      yield* this.#take();
      throw new TextError({ line: this.#lineCount + 1, column: 1, reason: error.message });
    }
    yield* this.#take();
  }

  /** Takes a line. Whether the batch is full, or the line has more than it holds; a fault is remembered. */
  #line(bytes: Uint8Array, start: number, end: number): boolean {
    this.#lineCount += 1;
    if (this.#linesToSkip > 0) {
      this.#linesToSkip -= 1;
      return false;
    }
    try {
      if (end - start > this.#lineLimitBytes) throw this.#tooLong(start);
      const lineEnd = end > start && bytes[end - 1] === RETURN ? end - 1 : end;
      this.#hasMore = this.#parser.parseLine(bytes, start, lineEnd) === true;
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      this.#fault = error;
      return false;
    }
    return this.#hasMore || this.#columns.isFull;
  }

  /** Hands out what there is, and the rest of a line that did not fit. */
  *#takeAll(): Generator<WriteBatch, void> {
    while (this.#hasMore) {
      yield this.#columns.take();
      this.#hasMore = this.#parser.resume!();
    }
    if (!this.#columns.isFull) return;
    this.#takenLines = this.#lineCount;
    yield this.#columns.take();
  }

  *#take(): Generator<WriteBatch, void> {
    this.#takenLines = Math.max(this.#takenLines, this.#lineCount);
    if (!this.#columns.isEmpty) yield this.#columns.take();
  }

  /** Hands out what came before the line that starts at `start` of `bytes`, and throws what is wrong with it. */
  *#fail(bytes: Uint8Array, start: number): Generator<WriteBatch, void> {
    const { at, message: reason } = this.#fault!;
    const column = decodeUtf8(bytes, start, Math.max(start, at)).length + 1;
    const line = this.#lineCount;
    this.#lineCount -= 1;
    this.#parser.flush();
    yield* this.#take();
    throw new TextError({ line, column, reason });
  }

  *#keep(chunk: Uint8Array, start: number, end: number): Generator<WriteBatch, void> {
    const needed = this.#restBytes + end - start;
    if (needed > this.#lineLimitBytes && this.#linesToSkip === 0) {
      this.#lineCount += 1;
      this.#fault = this.#tooLong(0);
      yield* this.#fail(chunk, 0);
    }
    if (needed > this.#lineLimitBytes) return;
    if (needed > this.#rest.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(this.#rest.length * 2, this.#lineLimitBytes)));
      grown.set(this.#rest.subarray(0, this.#restBytes));
      this.#rest = grown;
    }
    this.#rest.set(chunk.subarray(start, end), this.#restBytes);
    this.#restBytes = needed;
  }

  *#endRest(): Generator<WriteBatch, void> {
    const length = this.#restBytes;
    this.#restBytes = 0;
    if (this.#line(this.#rest, 0, length)) yield* this.#takeAll();
    else if (this.#fault !== undefined) yield* this.#fail(this.#rest, 0);
    if (this.#rest.length > KEPT_BYTES * 16) this.#rest = new Uint8Array(KEPT_BYTES);
  }

  #tooLong(at: number): LineFault {
    return new LineFault(at, `the line is longer than ${this.#lineLimitBytes} bytes`);
  }
}
