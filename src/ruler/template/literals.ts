import { parseGoFloat } from '../../model/go-float.ts';
import { quoteGo } from '../../model/go-quote.ts';
import { decodeUtf8 } from '../../model/utf8.ts';

/** A number as it stands in a template: under each type of Go that can hold it. */
export interface NumberLiteral {
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
  readonly complex: { readonly real: number; readonly imaginary: number } | undefined;
}

/** Something that looks like a literal and is none; the message is Go's. */
export class LiteralError extends Error {}

/**
 * Reads `12`, `0x1f`, `1_000`, `1.5e3`, `3i`.
 * @throws {LiteralError}
 */
export function readNumber(text: string): NumberLiteral {
  if (text.endsWith('i')) {
    const imaginary = readFloat(text.slice(0, -1));
    if (imaginary !== undefined) return complexNumber(0, imaginary);
  }
  const int = readInteger(text, true);
  const uint = readInteger(text, false) ?? (int === 0n ? 0n : undefined);
  if (int !== undefined || uint !== undefined) {
    return { int, uint, float: Number(int ?? uint), complex: undefined };
  }
  const float = readFloat(text);
  if (float === undefined) throw new LiteralError(`illegal number syntax: ${quoteGo(text)}`);
  if (!/[.eEpP]/.test(text)) throw new LiteralError(`integer overflow: ${quoteGo(text)}`);
  return { ...integersOf(float), float, complex: undefined };
}

/**
 * Reads `1+2i`.
 * @throws {LiteralError}
 */
export function readComplex(text: string): NumberLiteral {
  const split = /^(.+?)([+-][^+-]+|[+-][^+-]*[eEpP][+-][^+-]+)i$/.exec(text);
  const real = split && readFloat(split[1]!);
  const imaginary = split && readFloat(split[2]!);
  if (real === null || real === undefined || imaginary === null || imaginary === undefined) {
    throw new LiteralError('syntax error scanning complex number');
  }
  return complexNumber(real, imaginary);
}

function complexNumber(real: number, imaginary: number): NumberLiteral {
  const complex = { real, imaginary };
  if (imaginary !== 0) return { int: undefined, uint: undefined, float: undefined, complex };
  return { ...integersOf(real), float: real, complex };
}

/**
 * Reads `'a'`, `'\n'`.
 * @throws {LiteralError}
 */
export function readRune(text: string): NumberLiteral {
  const first = readCharacter(text.slice(1, -1), "'");
  if (first === undefined) throw new LiteralError('invalid syntax');
  if (first.length !== text.length - 2) throw new LiteralError(`malformed character constant: ${text}`);
  const rune = BigInt(first.code);
  return { int: rune, uint: rune, float: first.code, complex: undefined };
}

/**
 * The value of a string in double quotes or backquotes.
 * @throws {LiteralError}
 */
export function readString(literal: string): string {
  const inner = literal.slice(1, -1);
  // A carriage return in a raw string is dropped, as in Go's source text.
  if (literal.startsWith('`')) return inner.replaceAll('\r', '');
  if (!inner.includes('\\')) return inner;
  const parts: Uint8Array[] = [];
  for (let rest = inner; rest !== ''; ) {
    const character = readCharacter(rest, '"');
    if (character === undefined) throw new LiteralError('invalid syntax');
    const { code, isByte, length } = character;
    parts.push(isByte ? Uint8Array.of(code) : Buffer.from(String.fromCodePoint(code)));
    rest = rest.slice(length);
  }
  return decodeUtf8(Buffer.concat(parts));
}

const named: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 };
const ESCAPE = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/su;

/** The character at the beginning of `text`; one that is escaped in hexadecimal or octal digits is a byte. */
function readCharacter(
  text: string,
  quote: string,
): { readonly code: number; readonly isByte: boolean; readonly length: number } | undefined {
  if (!text.startsWith('\\')) {
    const code = text.codePointAt(0);
    if (code === undefined || text.startsWith(quote)) return undefined;
    return { code, isByte: false, length: code > 0xffff ? 2 : 1 };
  }
  const matched = ESCAPE.exec(text);
  if (!matched) return undefined;
  const [{ length }, hex, short, long, octal, letter = ''] = matched;
  const code = hex ?? short ?? long;
  if (code !== undefined) {
    const value = Number.parseInt(code, 16);
    const isScalar = value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff);
    return hex !== undefined || isScalar ? { code: value, isByte: hex !== undefined, length } : undefined;
  }
  if (octal !== undefined) {
    const value = Number.parseInt(octal, 8);
    return value <= 255 ? { code: value, isByte: true, length } : undefined;
  }
  const value = letter === quote ? quote.charCodeAt(0) : named[letter];
  return value === undefined ? undefined : { code: value, isByte: false, length };
}

const INTEGER = /^([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/;

/** In any of Go's notations; undefined when it is none, or has more than 64 bits. */
function readInteger(text: string, isSigned: boolean): bigint | undefined {
  const match = INTEGER.exec(text);
  if (!match || (!isSigned && match[1] !== '')) return undefined;
  const digits = match[2]!.replaceAll('_', '').toLowerCase();
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = match[1] === '-' ? -magnitude : magnitude;
  if (!isSigned) return value < 2n ** 64n ? value : undefined;
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** Underscores may stand in hexadecimal floats only: Go knows them where the base is told by a prefix. */
function readFloat(text: string): number | undefined {
  if (!text.includes('_')) return parseGoFloat(text);
  return /^[+-]?0x/i.test(text) && !/__|_$|_[.pP+-]|[.pP+-]_/.test(text)
    ? parseGoFloat(text.replaceAll('_', ''))
    : undefined;
}

function integersOf(float: number): Pick<NumberLiteral, 'int' | 'uint'> {
  if (!Number.isInteger(float)) return { int: undefined, uint: undefined };
  const whole = BigInt(float);
  return {
    int: BigInt.asIntN(64, whole) === whole ? whole : undefined,
    uint: BigInt.asUintN(64, whole) === whole ? whole : undefined,
  };
}
