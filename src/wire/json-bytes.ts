import type { Labels } from '../model/labels.ts';
import { roomFor, writeFloat } from './float-digits.ts';
import { quoteJson, quoteJsonForHtml } from './json-text.ts';

/** A chunk of an answer has about this many bytes: large enough for a socket, small enough to pause behind. */
export const CHUNK_BYTES = 1 << 18;

/** What a chunk takes beyond its size: mostly the labels of a series. */
const SLACK_BYTES = 1 << 14;
/** Below this a loop is quicker than a call out of JavaScript. */
const SHORT_TEXT = 48;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/**
 * JSON as bytes, collected until somebody takes them. One of it serves all answers: whoever pauses takes what he wrote
 * before, so that nobody finds a half of another's answer in it.
 */
class JsonBytes {
  #bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES + SLACK_BYTES);
  #view = viewOf(this.#bytes);
  #length = 0;

  /** Whether there is enough of it for a chunk. */
  get isFull(): boolean {
    return this.#length >= CHUNK_BYTES;
  }

  /** What was written since the last time; the caller's. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    // A text of megabytes comes once.
    if (this.#bytes.length > 4 * CHUNK_BYTES) this.#use(Buffer.allocUnsafeSlow(CHUNK_BYTES + SLACK_BYTES));
    return taken;
  }

  /** Forgets what an answer that came to no end has left. */
  clear(): void {
    this.#length = 0;
  }

  addText(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += text.length < SHORT_TEXT ? this.#addShort(text) : this.#bytes.write(text, this.#length);
  }

  /** A text in quotes as `quoteJson` writes it. */
  addQuoted(text: string): void {
    if (!this.#addPlain(text)) this.addText(quoteJson(text));
  }

  /** As `quoteJsonForHtml` writes it. */
  addQuotedForHtml(text: string): void {
    if (isPlainInHtml(text)) this.addQuoted(text);
    else this.addText(quoteJsonForHtml(text));
  }

  /** `{"__name__":"up","job":"api"}` */
  addLabels(labels: Labels): void {
    this.#addByte(OPENING_BRACE);
    for (let i = 0; i < labels.size; i++) {
      if (i > 0) this.#addByte(COMMA);
      this.addQuoted(labels.nameAt(i));
      this.#addByte(COLON);
      this.addQuoted(labels.valueAt(i));
    }
    this.#addByte(CLOSING_BRACE);
  }

  /** A sample's value, without quotes. */
  addFloat(value: number): void {
    this.#reserve(roomFor(value));
    this.#length = writeFloat(this.#bytes, this.#length, value);
  }

  /**
   * `[1700000000.123,"1.5"],[…` for the steps from `first` on where `present` says `kind`, as many as fit into a chunk.
   * Returns the step to go on from.
   */
  addSteps(
    { values, present, kind }: { readonly values: Float64Array; readonly present: Uint8Array; readonly kind: number },
    heads: StepHeads,
    first: number,
  ): number {
    const { offsets, texts } = heads;
    const bytes = this.#bytes;
    const view = this.#view;
    const stepCount = present.length;
    let step = first;
    let at = this.#length;
    let previous = NaN;
    let previousStart = 0;
    let previousEnd = 0;
    for (; step < stepCount; step++) {
      if (present[step] !== kind) continue;
      // A step takes less than the slack that is left then.
      if (at >= CHUNK_BYTES) break;
      const value = values[step]!;
      const from = offsets[step]!;
      const to = offsets[step + 1]!;
      copyBytes(texts, from, to, view, at);
      const start = at + to - from;
      if (value === previous) {
        // Steps are often closer together than samples.
        copyBytes(view, previousStart, previousEnd, view, start);
        at = start + previousEnd - previousStart;
      } else {
        at = writeFloat(bytes, start, value);
        previous = value;
      }
      previousStart = start;
      previousEnd = at;
      bytes[at] = QUOTE;
      bytes[at + 1] = CLOSING_BRACKET;
      bytes[at + 2] = COMMA;
      at += 3;
    }
    this.#length = at;
    return step;
  }

  /** Behind `addSteps`: a bracket for its last comma. */
  endList(): void {
    this.#bytes[this.#length - 1] = CLOSING_BRACKET;
  }

  /** A time in seconds, with decimals where there are any. */
  addTime(timestampMs: number): void {
    const seconds = timestampMs / 1000;
    if (timestampMs > 0 && seconds < 1e15) this.addFloat(seconds);
    else this.addText(`${seconds}`);
  }

  #addByte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  /** In quotes, when nothing in it has to be escaped and all of it is ASCII. Most texts are short. */
  #addPlain(text: string): boolean {
    this.#reserve(text.length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) return false;
      bytes[at++] = unit;
    }
    bytes[at] = QUOTE;
    this.#length = at + 1;
    return true;
  }

  #addShort(text: string): number {
    const bytes = this.#bytes;
    const at = this.#length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7e) return bytes.write(text, at);
      bytes[at + i] = unit;
    }
    return text.length;
  }

  #reserve(room: number): void {
    if (this.#length + room <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + room));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#use(grown);
  }

  #use(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

/** Empty at every pause of an answer: they are made in turns. */
export const answerBytes = new JsonBytes();

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Copies `[from, to)` four bytes at a time, and so up to three more: both sides have room for them. */
function copyBytes(source: DataView, from: number, to: number, target: DataView, at: number): void {
  let position = at;
  for (let i = from; i < to; i += 4, position += 4) target.setInt32(position, source.getInt32(i));
}

/** The texts before the values of all steps, one behind the other: those of step `k` from `offsets[k]` on. */
export interface StepHeads {
  readonly texts: DataView;
  readonly offsets: Int32Array;
}

/** `textOf` of every step, short ones in ASCII. */
export function stepHeads(stepCount: number, textOf: (step: number) => string): StepHeads {
  const offsets = new Int32Array(stepCount + 1);
  let all = '';
  for (let step = 0; step < stepCount; step++) {
    all += textOf(step);
    offsets[step + 1] = all.length;
  }
  return { texts: viewOf(Buffer.from(`${all}    `, 'latin1')), offsets };
}

function isPlainInHtml(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x3c || unit === 0x3e || unit === 0x26 || unit > 0x7e) return false;
  }
  return true;
}
