import { Labels } from '../model/labels.ts';
import { roomFor, writeFloat } from './float-digits.ts';
import { quoteJson, quoteJsonForHtml } from './json-text.ts';
import { copyBytes, type StepHeads } from './step-heads.ts';

/**
 * A chunk of an answer has about this many bytes: few enough to be in the processor's cache still when the socket takes them, and
 * for the client to begin early; enough for what a write to a socket costs beside its bytes.
 */
export const CHUNK_BYTES = 1 << 17;

/** What a chunk takes beyond its size: mostly the labels of a series. */
const SLACK_BYTES = 1 << 14;
/** Of these are some kept for the next answers. */
const BUFFER_BYTES = CHUNK_BYTES + SLACK_BYTES;
const SPARE_COUNT = 4;
/** A series has up to 30, as it is set by default. */
const REMEMBERED_LABELS = 64;
/** Below this a loop is quicker than a call out of JavaScript. */
const SHORT_TEXT = 48;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Where a character of ASCII has to be escaped. */
const NOWHERE = 0;
const IN_HTML = 1;
const EVERYWHERE = 2;
const escapes = new Uint8Array(0x80).fill(EVERYWHERE, 0, 0x20);
for (const character of '<>&') escapes[character.charCodeAt(0)] = IN_HTML;
for (const character of '"\\') escapes[character.charCodeAt(0)] = EVERYWHERE;

const spares: JsonBytes[] = [];

/**
 * An answer: chunks that are the caller's until the next is asked for, and the last one, which stays the caller's. Work is done in
 * between: ask for a chunk only when the one before has gone out.
 */
export type JsonChunks = Generator<Uint8Array, Buffer>;

/** An answer that is written to `json` by `write`, which takes a chunk whenever there is enough for one. */
export function* writeJson(write: (json: JsonBytes) => Iterable<Uint8Array>): JsonChunks {
  const json = spares.pop() ?? new JsonBytes();
  try {
    yield* write(json);
    return Buffer.from(json.take());
  } finally {
    if (json.isSpare && spares.length < SPARE_COUNT) spares.push(json);
  }
}

/** All of an answer at once. */
export function wholeJson(chunks: JsonChunks): Buffer {
  const made: Buffer[] = [];
  let next = chunks.next();
  for (; !next.done; next = chunks.next()) made.push(Buffer.from(next.value));
  return made.length === 0 ? next.value : Buffer.concat([...made, next.value]);
}

/** JSON as bytes, collected until somebody takes them. */
export class JsonBytes {
  #bytes = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #view = viewOf(this.#bytes);
  #length = 0;
  /** The labels that were written last, as far as their bytes are still here, and where each of them lies. */
  #labels = Labels.EMPTY;
  readonly #labelStarts = new Int32Array(REMEMBERED_LABELS);
  readonly #labelEnds = new Int32Array(REMEMBERED_LABELS);

  /** Whether there is enough of it for a chunk. */
  get isFull(): boolean {
    return this.#length >= CHUNK_BYTES;
  }

  /** Whether it may serve another answer: a text of megabytes comes once. What an answer that came to no end has left is forgotten. */
  get isSpare(): boolean {
    this.take();
    return this.#bytes.length === BUFFER_BYTES;
  }

  /** What was written since the last time, borrowed until more is written. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    this.#labels = Labels.EMPTY;
    return taken;
  }

  addText(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += text.length < SHORT_TEXT ? this.#addShort(text) : this.#bytes.write(text, this.#length);
  }

  /** A text in quotes as `quoteJson` writes it. */
  addQuoted(text: string): void {
    if (!this.#addPlain(text, IN_HTML)) this.addText(quoteJson(text));
  }

  /** As `quoteJsonForHtml` writes it. */
  addQuotedForHtml(text: string): void {
    if (!this.#addPlain(text, NOWHERE)) this.addText(quoteJsonForHtml(text));
  }

  /** `{"__name__":"up","job":"api"}`. Series that follow each other have most labels in common: those are copied. */
  addLabels(labels: Labels): void {
    const { size } = labels;
    const before = this.#labels;
    const comparedCount = Math.min(size, before.size, REMEMBERED_LABELS);
    this.#addByte(OPENING_BRACE);
    for (let i = 0; i < size; i++) {
      if (i > 0) this.#addByte(COMMA);
      const start = this.#length;
      const name = labels.nameAt(i);
      const value = labels.valueAt(i);
      if (i < comparedCount && name === before.nameAt(i) && value === before.valueAt(i)) {
        this.#addCopy(this.#labelStarts[i]!, this.#labelEnds[i]!);
      } else {
        this.addQuoted(name);
        this.#addByte(COLON);
        this.addQuoted(value);
      }
      // Of those beyond the last that is remembered nothing is written.
      this.#labelStarts[i] = start;
      this.#labelEnds[i] = this.#length;
    }
    this.#addByte(CLOSING_BRACE);
    this.#labels = labels;
  }

  /** A sample's value, without quotes. */
  addFloat(value: number): void {
    this.#reserve(roomFor(value));
    this.#length = writeFloat(this.#view, this.#length, value);
  }

  /**
   * `1700000000.123,"1.5"],[…` for the steps from `first` on where `present` says `kind`, as many as fit into a chunk, each with the
   * head of its step. Returns the step to go on from.
   */
  addSteps(
    { values, present, kind }: { readonly values: Float64Array; readonly present: Uint8Array; readonly kind: number },
    heads: StepHeads,
    first: number,
  ): number {
    const { offsets, texts } = heads;
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
        at = writeFloat(view, start, value);
        previous = value;
      }
      previousStart = start;
      previousEnd = at;
    }
    this.#length = at;
    return step;
  }

  /** A time in seconds, with decimals where there are any. */
  addTime(timestampMs: number): void {
    const seconds = timestampMs / 1000;
    if (timestampMs > 0 && seconds < 1e15) this.addFloat(seconds);
    else this.addText(`${seconds}`);
  }

  #addCopy(from: number, to: number): void {
    const room = to - from;
    this.#reserve(room + 8);
    copyBytes(this.#view, from, to, this.#view, this.#length);
    this.#length += room;
  }

  #addByte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  /** In quotes, when all of it is ASCII and nothing in it is escaped anywhere beyond `escaped`. Most texts are short. */
  #addPlain(text: string, escaped: number): boolean {
    this.#reserve(text.length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7e || escapes[unit]! > escaped) return false;
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
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
