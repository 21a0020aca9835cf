import { decodeUtf8, encodeUtf8 } from '../../model/utf8.ts';
import { compareValues, equalValues } from './comparison.ts';
import { escapeHtml, escapeJavaScript, escapeQuery } from './escapes.ts';
import { FunctionError } from './execution-error.ts';
import { formatValue, PLAIN } from './format-value.ts';
import type { BuiltinName } from './function-names.ts';
import type { GoFunction } from './functions.ts';
import { print, printFormatted, printLine } from './printf.ts';
import {
  boolValue,
  byteLength,
  type GoValue,
  indirect,
  intValue,
  isTrue,
  NIL_INTERFACE,
  NOTHING,
  type StringValue,
  stringValue,
  typeName,
  unwrap,
} from './values.ts';

/** Go's own functions, but for `and` and `or`, which do not evaluate all of their arguments. */
export const builtins = {
  call: {
    parameters: ['reflect.Value', 'reflect.Value'],
    isVariadic: true,
    call([callee = NOTHING]) {
      const inner = unwrap(callee);
      if (inner.kind === 'nothing') throw new FunctionError('call of nil');
      throw new FunctionError(`non-function ${NAME_OF_CALLEE} of type ${typeName(inner)}`);
    },
  },
  eq: {
    parameters: ['reflect.Value', 'reflect.Value'],
    isVariadic: true,
    call([first, ...others]) {
      return boolValue(equalValues(first!, others));
    },
  },
  ne: comparison((a, b) => !equalValues(a, [b])),
  lt: comparison((a, b) => compareValues(a, b) < 0),
  le: comparison((a, b) => compareValues(a, b) < 0 || equalValues(a, [b])),
  gt: comparison((a, b) => !(compareValues(a, b) < 0 || equalValues(a, [b]))),
  ge: comparison((a, b) => !(compareValues(a, b) < 0)),
  not: {
    parameters: ['reflect.Value'],
    call([value]) {
      return boolValue(!isTrue(value!));
    },
  },
  len: {
    parameters: ['reflect.Value'],
    call([value]) {
      const item = indirect(value!);
      if (item === undefined) throw new FunctionError('len of nil pointer');
      switch (item.kind) {
        case 'string':
          return intValue(byteLength(item.value));
        case 'map':
          return intValue(item.entries.size);
        case 'slice':
          return intValue(item.items.length);
        case 'nothing':
          throw new FunctionError('reflect: call of reflect.Value.Type on zero Value');
        default:
          throw new FunctionError(`len of type ${typeName(item)}`);
      }
    },
  },
  index: {
    parameters: ['reflect.Value', 'reflect.Value'],
    isVariadic: true,
    call([value, ...indexes]) {
      if (unwrap(value!).kind === 'nothing') throw new FunctionError('index of untyped nil');
      return indexes.reduce(indexed, value!);
    },
  },
  slice: {
    parameters: ['reflect.Value', 'reflect.Value'],
    isVariadic: true,
    call([value, ...indexes]) {
      return sliced(value!, indexes);
    },
  },
  print: {
    parameters: ['interface {}'],
    isVariadic: true,
    call: (args) => stringValue(print(args)),
  },
  println: {
    parameters: ['interface {}'],
    isVariadic: true,
    call: (args) => stringValue(printLine(args)),
  },
  printf: {
    parameters: ['string', 'interface {}'],
    isVariadic: true,
    call: ([format, ...args]) => stringValue(printFormatted((format as StringValue).value, args)),
  },
  html: escaping(escapeHtml),
  js: escaping(escapeJavaScript),
  urlquery: escaping(escapeQuery),
} as const satisfies Record<Exclude<BuiltinName, 'and' | 'or'>, GoFunction>;

/** Stands in an error text of `call` where the caller puts what was called. */
export const NAME_OF_CALLEE = '\u0000';

/** A value as an action prints it: what a pointer points to, and `<no value>` for nothing. */
export function printedValue(value: GoValue): string {
  const shown = value.kind === 'pointer' ? (indirect(value) ?? value) : value;
  return shown.kind === 'nothing' ? '<no value>' : formatValue(shown, PLAIN);
}

function comparison(holds: (a: GoValue, b: GoValue) => boolean): GoFunction {
  return { parameters: ['reflect.Value', 'reflect.Value'], call: ([a, b]) => boolValue(holds(a!, b!)) };
}

function escaping(escapeText: (text: string) => string): GoFunction {
  return {
    parameters: ['interface {}'],
    isVariadic: true,
    call(args) {
      const shown = args.map((value) => {
        const inner = unwrap(value);
        if (inner.kind === 'nothing') return stringValue('<no value>');
        return inner.kind === 'pointer' ? (indirect(inner) ?? inner) : inner;
      });
      return stringValue(escapeText(print(shown)));
    },
  };
}

function indexed(value: GoValue, index: GoValue): GoValue {
  const item = indirect(value);
  const key = unwrap(index);
  if (item === undefined) throw new FunctionError('index of nil pointer');
  switch (item.kind) {
    case 'string': {
      const bytes = encodeUtf8(item.value);
      const at = indexOf(key, bytes.length);
      if (at === bytes.length) throw new FunctionError('reflect: string index out of range');
      return intValue(bytes[at]!, 'uint8');
    }
    case 'slice': {
      const at = indexOf(key, item.items.length);
      if (at === item.items.length) throw new FunctionError('reflect: slice index out of range');
      return item.items[at]!;
    }
    case 'map':
      if (key.kind === 'nothing') throw new FunctionError('value is nil; should be of type string');
      if (key.kind !== 'string' || key.type !== 'string') {
        throw new FunctionError(`value has type ${typeName(key)}; should be string`);
      }
      return item.entries.get(key.value) ?? zeroElement(item);
    default:
      throw new FunctionError(`can't index item of type ${typeName(item)}`);
  }
}

/** What a map gives for a key that it does not have. */
export function zeroElement(map: Extract<GoValue, { kind: 'map' }>): GoValue {
  return map.type === 'map[string]string' ? stringValue('') : NIL_INTERFACE;
}

function sliced(value: GoValue, indexes: readonly GoValue[]): GoValue {
  if (unwrap(value).kind === 'nothing') throw new FunctionError('slice of untyped nil');
  const item = indirect(value);
  if (item === undefined) throw new FunctionError('slice of nil pointer');
  if (indexes.length > 3) throw new FunctionError(`too many slice indexes: ${indexes.length}`);
  if (item.kind !== 'string' && item.kind !== 'slice') {
    throw new FunctionError(`can't slice item of type ${typeName(item)}`);
  }
  if (item.kind === 'string' && indexes.length === 3) throw new FunctionError('cannot 3-index slice a string');
  const bytes = item.kind === 'string' ? encodeUtf8(item.value) : undefined;
  const length = bytes?.length ?? (item.kind === 'slice' ? item.items.length : 0);
  const [from = 0, to = length, capacity = length] = indexes.map((index) => indexOf(unwrap(index), length));
  if (from > to) throw new FunctionError(`invalid slice index: ${from} > ${to}`);
  if (to > capacity) throw new FunctionError(`invalid slice index: ${to} > ${capacity}`);
  if (item.kind === 'slice') return { ...item, items: item.items.slice(from, to) };
  return { ...item, value: decodeUtf8(bytes!, from, to) };
}

/** `[0, limit]` */
function indexOf(index: GoValue, limit: number): number {
  if (index.kind === 'nothing') throw new FunctionError('cannot index slice/array with nil');
  if (index.kind !== 'int') throw new FunctionError(`cannot index slice/array with type ${typeName(index)}`);
  if (index.value < 0n || index.value > BigInt(limit)) throw new FunctionError(`index out of range: ${index.value}`);
  return Number(index.value);
}
