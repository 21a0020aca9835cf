import { parseDuration } from '../src/model/duration.ts';
import { parseGoFloat } from '../src/model/go-float.ts';
import { quoteGo } from '../src/model/go-quote.ts';
import { decodeUtf8, encodeUtf8 } from '../src/model/utf8.ts';
import { ParseFailure } from './position.ts';

/**
 * The value of a number as written. Whole numbers are read as Go reads them: `0x1f`, `017` and `0o17` (octal), `1_000`.
 * @throws {ParseFailure} at `offset`
 */
export function parseNumber(image: string, offset: number): number {
  if (/^(?:0|[1-9]\d{0,14})$/.test(image)) return Number(image);
  const plain = withoutUnderscores(image);
  const value = plain === undefined ? undefined : (parseWhole(plain) ?? parseGoFloat(plain));
  if (value !== undefined && (Number.isFinite(value) || !/\d/.test(image))) return value;
  // Digits that are a number to JavaScript, if an infinite one, are too many for Go.
  const problem = Number(plain) === Infinity ? 'value out of range' : 'invalid syntax';
  throw new ParseFailure(offset, `error parsing number: strconv.ParseFloat: parsing ${quoteGo(image)}: ${problem}`);
}

const LARGEST_INT64 = 2n ** 63n - 1n;

/** As a 64-bit integer in any of Go's notations; undefined when it is none or too large for one. */
function parseWhole(plain: string): number | undefined {
  const octal = /^0([0-7]+)$/.exec(plain);
  if (!octal && !/^(?:0x[0-9a-f]+|0o[0-7]+|0b[01]+|0|[1-9]\d*)$/i.test(plain)) return undefined;
  const value = BigInt(octal ? `0o${octal[1]}` : plain);
  return value <= LARGEST_INT64 ? Number(value) : undefined;
}

/** Underscores may stand between digits, and between a base prefix and a digit; undefined when one stands elsewhere. */
function withoutUnderscores(image: string): string | undefined {
  if (!image.includes('_')) return image;
  const digits = image.replace(/^0x/i, '0');
  return /^_|_$|__|_[^0-9a-f]|[^0-9a-f]_/i.test(digits) ? undefined : image.replaceAll('_', '');
}

/**
 * The seconds in a duration as written: `1h30m`.
 * @throws {ParseFailure} at `offset`
 */
export function parseSeconds(image: string, offset: number): number {
  const result = parseDuration(image);
  if (!result.ok) throw new ParseFailure(offset, result.reason);
  return result.ms / 1000;
}

const namedEscapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The value of a string literal that the lexer has let through, quotes included. */
export function unquote(literal: string): string {
  const inner = literal.slice(1, -1);
  if (literal[0] === '`' || !inner.includes('\\')) return inner;
  let hasBytes = false;
  const text = inner.replaceAll(/\\(?:x(..)|([0-7]{3})|u(.{4})|U(.{8})|(.))/g, (_, byte, octal, short, long, named) => {
    if (short ?? long) return String.fromCodePoint(Number.parseInt(short ?? long, 16));
    if (named) return namedEscapes[named] ?? named;
    const value = byte ? Number.parseInt(byte, 16) : Number.parseInt(octal, 8);
    if (value < 0x80) return String.fromCharCode(value);
    hasBytes = true;
    return String.fromCharCode(0xdc00 + value);
  });
  // Bytes that are UTF-8 together become the character; others stay as bytes.
  return hasBytes ? decodeUtf8(encodeUtf8(text)) : text;
}
