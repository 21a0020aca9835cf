import { decodeUtf8 } from '../../model/utf8.ts';
import { malformed } from '../proto-reader.ts';

/**
 * Reads JSON value by value, and says what is wrong with it in the words of the library that Cortex reads OTLP with
 * (json-iterator): what it expected, and where in the text that was.
 *
 *     for (const field of reader.fields()) if (field === 'name') name = reader.text(); else reader.skip();
 *
 * All methods: @throws {PocketCortexError} `malformed-body`.
 */
export class JsonReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #depth = 0;

  /** `bytes` is borrowed. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The names of an object's fields; the value of each is to be read before the next name. `null` has none. */
  *fields(): Generator<string> {
    const first = this.#token();
    if (first === NULL) return this.#literal('null');
    if (first !== OPEN_BRACE) throw this.#error('ReadObject', `expect { or , or } or n, but found ${shown(first)}`);
    this.#descend('ReadObject');
    let next = this.#token();
    if (next === CLOSE_BRACE) return this.#ascend();
    if (next !== QUOTE) throw this.#error('ReadObject', `expect " after {, but found ${shown(next)}`);
    for (;;) {
      this.#at -= 1;
      const name = this.text();
      const colon = this.#token();
      if (colon !== COLON) {
        throw this.#error('ReadObject', `expect : after object field, but found ${shown(colon)}`);
      }
      yield name;
      next = this.#token();
      if (next === CLOSE_BRACE) return this.#ascend();
      if (next !== COMMA) throw this.#error('ReadObject', `expect { or , or } or n, but found ${shown(next)}`);
      next = this.#token();
      if (next !== QUOTE) throw this.#error('ReadString', `expects " or n, but found ${shown(next)}`);
    }
  }

  /** Once for each element of an array, which is to be read before the next. `null` has none. */
  *elements(): Generator<void> {
    const first = this.#token();
    if (first === NULL) return this.#literal('null');
    if (first !== OPEN_BRACKET) throw this.#error('ReadArray', `expect [ or , or ] or n, but found ${shown(first)}`);
    this.#descend('ReadArray');
    if (this.#token() === CLOSE_BRACKET) return this.#ascend();
    this.#at -= 1;
    for (;;) {
      yield;
      const next = this.#token();
      if (next === CLOSE_BRACKET) return this.#ascend();
      if (next !== COMMA) throw this.#error('ReadArray', `expect [ or , or ] or n, but found ${shown(next)}`);
    }
  }

  text(): string {
    const first = this.#token();
    if (first === NULL) {
      this.#literal('null');
      return '';
    }
    if (first !== QUOTE) throw this.#error('ReadString', `expects " or n, but found ${shown(first)}`);
    const start = this.#at;
    let isPlain = true;
    for (;;) {
      if (this.#at >= this.#bytes.length) throw this.#error('ReadString', 'unexpected end of input');
      const byte = this.#bytes[this.#at++]!;
      if (byte === QUOTE) break;
      if (byte < 0x20) throw this.#error('ReadString', `invalid control character found: ${byte}`);
      if (byte === BACKSLASH) {
        isPlain = false;
        this.#at += 1;
      }
    }
    const raw = decodeUtf8(this.#bytes, start, this.#at - 1);
    return isPlain ? raw : this.#unescaped(raw);
  }

  /** Digits of a whole number, which may stand in quotes as protobuf's JSON has them. */
  integer(operation: 'readUint64' | 'ReadInt64'): bigint {
    const first = this.#peek();
    const digits = first === QUOTE ? this.text() : this.#numberText(operation);
    if (!/^-?\d+$/.test(digits)) throw this.#error(operation, `unexpected character: ${shown(first)}`);
    return BigInt(digits);
  }

  /** A number, in quotes or not; also NaN and the infinities. */
  number(): number {
    if (this.#peek() !== QUOTE) return Number(this.#numberText('readFloat64'));
    const text = this.text();
    const named: Readonly<Record<string, number>> = { NaN, Infinity: Infinity, '-Infinity': -Infinity };
    if (text in named) return named[text]!;
    const number = text === '' ? NaN : Number(text);
    if (Number.isNaN(number)) throw this.#error('readFloat64', `invalid number ${text}`);
    return number;
  }

  /** A whole number, or the name of one. */
  enumeration(names: Readonly<Record<string, number>>): number {
    if (this.#peek() !== QUOTE) return Number(this.integer('ReadInt64'));
    const name = this.text();
    return Object.hasOwn(names, name) ? names[name]! : 0;
  }

  boolean(): boolean {
    const first = this.#token();
    if (first === 0x74) {
      this.#literal('true');
      return true;
    }
    if (first !== 0x66) throw this.#error('ReadBool', `expect t or f, but found ${shown(first)}`);
    this.#literal('false');
    return false;
  }

  /** Steps over a value of any kind. */
  skip(): void {
    const first = this.#peek();
    if (first === OPEN_BRACE) for (const _ of this.fields()) this.skip();
    else if (first === OPEN_BRACKET) for (const _ of this.elements()) this.skip();
    else if (first === QUOTE || first === NULL) this.text();
    else if (first === 0x74 || first === 0x66) this.boolean();
    else if (first === MINUS || isDigit(first)) this.#numberText('skipNumber');
    else throw this.#error('Skip', `do not know how to skip: ${first}`);
  }

  /** The next byte that is no white space, passed over; 0 at the end. */
  #token(): number {
    const byte = this.#peek();
    if (this.#at < this.#bytes.length) this.#at += 1;
    return byte;
  }

  #peek(): number {
    const bytes = this.#bytes;
    for (; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x09 && byte !== 0x0d) return byte;
    }
    return 0;
  }

  /** What follows the first letter, which was read. */
  #literal(word: string): void {
    for (let i = 1; i < word.length; i++) {
      if (this.#bytes[this.#at] !== word.charCodeAt(i)) throw this.#error('skipBytes', `expect ${word}`);
      this.#at += 1;
    }
  }

  #numberText(operation: string): string {
    this.#peek();
    const start = this.#at;
    while (this.#at < this.#bytes.length && isNumberByte(this.#bytes[this.#at]!)) this.#at += 1;
    const text = decodeUtf8(this.#bytes, start, this.#at);
    if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) {
      throw this.#error(operation, text === '' ? 'empty number' : `invalid number ${text}`);
    }
    return text;
  }

  #unescaped(raw: string): string {
    try {
      return JSON.parse(`"${raw}"`) as string;
    } catch {
      throw this.#error('readEscapedChar', 'invalid escape char after \\');
    }
  }

  #descend(operation: string): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_LIMIT) throw this.#error(operation, 'exceeded max depth');
  }

  #ascend(): void {
    this.#depth -= 1;
  }

  #error(operation: string, text: string) {
    const at = this.#at;
    const peekStart = Math.max(0, at - 10);
    const peek = this.#around(peekStart, at + 10);
    const context = this.#around(Math.max(0, at - 50), at + 50);
    const place = `error found in #${at - peekStart} byte of ...|${peek}|..., bigger context ...|${context}|...`;
    return malformed(`${operation}: ${text}, ${place}`);
  }

  #around(start: number, end: number): string {
    return decodeUtf8(this.#bytes, start, Math.min(end, this.#bytes.length));
  }
}

/** Deeper than this nobody means it; each level costs stack. */
const DEPTH_LIMIT = 200;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
/** The first letter of `null`. */
const NULL = 0x6e;

function shown(byte: number): string {
  return String.fromCharCode(byte);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isNumberByte(byte: number): boolean {
  return isDigit(byte) || byte === MINUS || byte === 0x2b || byte === 0x2e || byte === 0x65 || byte === 0x45;
}
