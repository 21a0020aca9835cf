import { quoteGo } from '../../model/go-quote.ts';
import { encodeUtf8 } from '../../model/utf8.ts';
import { formatSignedFloat } from './format-number.ts';
import { floorDivide } from './go-time.ts';
import { textOfValue } from './stringers.ts';
import { type GoValue, type IntValue, intValue, type TimeValue, typeName, unwrap } from './values.ts';

/** One directive of a format: `%+08.3f`. */
export interface Directive {
  readonly verb: string;
  readonly hasPlus: boolean;
  readonly hasMinus: boolean;
  readonly hasSharp: boolean;
  readonly hasSpace: boolean;
  readonly hasZero: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  /** Of `%v` and `%+v` and `%#v`; undefined of other verbs. */
  readonly style?: 'plain' | 'named' | 'go-syntax';
}

/** `%v` without anything. */
export const PLAIN: Directive = {
  verb: 'v',
  hasPlus: false,
  hasMinus: false,
  hasSharp: false,
  hasSpace: false,
  hasZero: false,
  width: undefined,
  precision: undefined,
};

/** A value as Go's `Printf` writes it. */
export function formatValue(value: GoValue, directive: Directive): string {
  const { verb, hasPlus, hasSharp } = directive;
  if (verb !== 'v') return formatInside(value, directive, 0);
  // With this verb the two signs say how structs are written, and nothing about the numbers in them.
  const style = hasSharp ? 'go-syntax' : hasPlus ? 'named' : 'plain';
  return formatInside(value, { ...directive, hasPlus: false, hasSharp: false, style }, 0);
}

/** `depth` is how deep inside of other values the value is. */
function formatInside(value: GoValue, directive: Directive, depth: number): string {
  const inner = unwrap(value);
  const { verb, style } = directive;
  if (verb === 'T') return formatString(typeName(inner), { ...directive, verb: 's' });
  if (inner.kind === 'nothing') return verb === 'v' ? pad('<nil>', directive) : badVerb(inner, directive);
  const isGoSyntax = style === 'go-syntax';
  const text = /^[vsxXq]$/.test(verb) && !isGoSyntax ? textOfValue(inner) : undefined;
  if (text !== undefined) return formatString(text, directive);
  switch (inner.kind) {
    case 'bool':
      return /^[tv]$/.test(verb) ? pad(String(inner.value), directive) : badVerb(inner, directive);
    case 'int':
      return formatInteger(inner, directive);
    case 'float':
      return formatFloat(inner.value, directive) ?? badVerb(inner, directive);
    case 'complex': {
      const real = formatFloat(inner.real, directive);
      const imaginary = formatFloat(inner.imaginary, { ...directive, hasPlus: true });
      return real === undefined ? badVerb(inner, directive) : `(${real}${imaginary}i)`;
    }
    case 'string':
      if (isGoSyntax) return formatString(inner.value, { ...directive, verb: 'q', hasSharp: false });
      return /^[vsxXq]$/.test(verb) ? formatString(inner.value, directive) : badVerb(inner, directive);
    case 'map': {
      const items = [...inner.entries].map(([key, item]) => {
        const name = formatInside({ kind: 'string', type: 'string', value: key }, directive, depth + 1);
        return `${name}:${formatInside(item, directive, depth + 1)}`;
      });
      return isGoSyntax ? `${inner.type}{${items.join(', ')}}` : `map[${items.join(' ')}]`;
    }
    case 'slice': {
      const items = inner.items.map((item) => formatInside(item, directive, depth + 1));
      return isGoSyntax ? `${inner.type}{${items.join(', ')}}` : `[${items.join(' ')}]`;
    }
    case 'struct': {
      const isNamed = style !== undefined && style !== 'plain';
      const items = [...inner.fields].map(([name, item]) => {
        const text = formatInside(item, directive, depth + 1);
        return isNamed ? `${name}:${text}` : text;
      });
      return isGoSyntax ? `${inner.type}{${items.join(', ')}}` : `{${items.join(' ')}}`;
    }
    case 'time':
      return formatInside(insideOfTime(inner), directive, depth);
    case 'pointer': {
      if (inner.to === undefined) {
        if (isGoSyntax) return `(${inner.type})(nil)`;
        if (/^[bodxX]$/.test(verb)) return formatInside(intValue(0), directive, depth);
        return verb === 'v' ? pad('<nil>', directive) : badVerb(inner, directive);
      }
      const isShown = depth === 0 && verb !== 'p' && ['struct', 'map', 'slice', 'time'].includes(unwrap(inner.to).kind);
      if (isShown) return `&${formatInside(inner.to, directive, depth + 1)}`;
      if (!/^[vpbodxX]$/.test(verb)) return badVerb(inner, directive);
      return isGoSyntax ? `(${inner.type})(${ADDRESS})` : pad(ADDRESS, directive);
    }
    default:
      return badVerb(inner, directive);
  }
}

/** What a `time.Time` consists of in Go: all but its own text shows that. Seconds count from the year 1. */
function insideOfTime({ nanoseconds }: TimeValue): GoValue {
  const seconds = floorDivide(nanoseconds, 1_000_000_000n);
  return {
    kind: 'struct',
    type: 'time.Time',
    fields: new Map<string, GoValue>([
      ['wall', intValue(nanoseconds - seconds * 1_000_000_000n, 'uint64')],
      ['ext', intValue(seconds + 62_135_596_800n, 'int64')],
      ['loc', { kind: 'pointer', type: '*time.Location', to: undefined }],
    ]),
  };
}

/** Where a value is in memory says nothing, and is another place each time. */
const ADDRESS = '0xc000000000';

/** `%!d(string=hi)`, with the width and all else that was asked for. */
function badVerb(value: GoValue, directive: Directive): string {
  const { verb } = directive;
  if (value.kind === 'nothing') return `%!${verb}(<nil>)`;
  return `%!${verb}(${typeName(value)}=${formatInside(value, { ...directive, verb: 'v', style: 'plain' }, 0)})`;
}

export function pad(text: string, { width = 0, hasMinus, hasZero }: Directive): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (hasMinus) return text + ' '.repeat(missing);
  return (hasZero ? '0' : ' ').repeat(missing) + text;
}

function formatString(text: string, directive: Directive): string {
  const { verb, precision, hasSharp, hasSpace, hasPlus } = directive;
  if (verb === 'x' || verb === 'X') {
    const bytes = encodeUtf8(text).subarray(0, precision);
    const prefix = hasSharp && bytes.length > 0 ? `0${verb}` : '';
    const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
    const digits = pairs.join(hasSpace ? ` ${hasSharp ? '0x' : ''}` : '');
    return pad(prefix + (verb === 'X' ? digits.toUpperCase() : digits), directive);
  }
  const shown = precision === undefined ? text : [...text].slice(0, precision).join('');
  if (verb !== 'q') return pad(shown, directive);
  if (hasSharp && !/[`\p{Cc}\ufeff\udc80-\udcff]/u.test(shown.replaceAll('\t', '')))
    return pad(`\`${shown}\``, directive);
  return pad(hasPlus ? asciiOnly(quoteGo(shown)) : quoteGo(shown), directive);
}

function asciiOnly(quoted: string): string {
  return quoted.replace(/[^ -~]/gu, (character) => {
    const code = character.codePointAt(0)!;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

function formatFloat(value: number, directive: Directive): string | undefined {
  const { verb, hasPlus, hasSpace, hasZero, hasMinus, hasSharp, width } = directive;
  const format = floatFormatOf(directive);
  if (!format) return undefined;
  let text = formatSignedFloat(value, format);
  if (/[EGX]/.test(verb) && Number.isFinite(value)) text = text.toUpperCase();
  if (hasSharp && !text.includes('.') && Number.isFinite(value)) text = text.replace(/(?=[eE]|$)/, '.');
  if (hasSpace && text.startsWith('+') && !hasPlus) text = ` ${text.slice(1)}`;
  if (!Number.isFinite(value)) {
    // These do not look like numbers, so no zeros go before them.
    const isUnsigned = Number.isNaN(value) && !hasSpace && !hasPlus;
    return pad(isUnsigned ? text.slice(1) : text, { ...directive, hasZero: false });
  }
  const sign = hasPlus || !text.startsWith('+') ? text[0]! : '';
  const digits = text.slice(1);
  if (!hasZero || hasMinus || width === undefined) return pad(sign + digits, directive);
  return sign + digits.padStart(width - sign.length, '0');
}

function floatFormatOf({ verb, precision, hasSharp }: Directive): Parameters<typeof formatSignedFloat>[1] | undefined {
  switch (verb) {
    case 'v':
    case 'g':
    case 'G':
      return { verb: 'g', precision, keepsZeros: hasSharp };
    case 'e':
    case 'E':
      return { verb: 'e', precision: precision ?? 6 };
    case 'f':
    case 'F':
      return { verb: 'f', precision: precision ?? 6 };
    case 'x':
    case 'X':
      return { verb: 'x', precision };
    default:
      return undefined;
  }
}

const bases: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };
const prefixes: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' };

function formatInteger(integer: IntValue, directive: Directive): string {
  const { verb, hasSharp, hasPlus, hasSpace, hasZero, hasMinus, width, precision } = directive;
  const { value } = integer;
  const base = bases[verb];
  if (base === undefined) return formatAsCharacter(integer, directive);
  if (precision === 0 && value === 0n) return pad('', { ...directive, hasZero: false });
  const magnitude = value < 0n ? -value : value;
  const sign = value < 0n ? '-' : hasPlus ? '+' : hasSpace ? ' ' : '';
  const prefix = verb === 'O' ? '0o' : hasSharp ? (prefixes[verb] ?? '') : '';
  let digits = magnitude.toString(base);
  if (verb === 'X') digits = digits.toUpperCase();
  if (precision !== undefined) digits = digits.padStart(precision, '0');
  else if (hasZero && !hasMinus && width !== undefined) digits = digits.padStart(width - sign.length, '0');
  const isPrefixed = prefix !== '' && !(prefix === '0' && digits.startsWith('0'));
  return pad(sign + (isPrefixed ? prefix : '') + digits, { ...directive, hasZero: false });
}

function formatAsCharacter(integer: IntValue, directive: Directive): string {
  const { verb } = directive;
  const isCharacter = integer.value >= 0n && integer.value <= 0x10ffffn;
  const code = isCharacter ? Number(integer.value) : 0xfffd;
  const character = code >= 0xd800 && code <= 0xdfff ? '\ufffd' : String.fromCodePoint(code);
  if (verb === 'c') return pad(character, directive);
  if (verb === 'q')
    return pad(`'${quoteGo(character).slice(1, -1).replace('\\"', '"').replace(/^'$/, "\\'")}'`, directive);
  if (verb === 'U') {
    const name = `U+${BigInt.asUintN(64, integer.value).toString(16).toUpperCase().padStart(4, '0')}`;
    return pad(directive.hasSharp ? `${name} '${character}'` : name, { ...directive, hasZero: false });
  }
  return badVerb(integer, directive);
}
