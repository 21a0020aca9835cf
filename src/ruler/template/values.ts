import { compareText } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { encodeUtf8 } from '../../model/utf8.ts';

/**
 * A value with its type in Go: which functions take it, how it prints and what errors say about it all depend on that.
 * Immutable.
 */
export type GoValue =
  | Nothing
  | InterfaceValue
  | BoolValue
  | IntValue
  | FloatValue
  | ComplexValue
  | StringValue
  | MapValue
  | SliceValue
  | StructValue
  | TimeValue
  | HistogramValue
  | PointerValue;

/** What an absent map key or an untyped nil is: it prints as `<no value>`. */
export interface Nothing {
  readonly kind: 'nothing';
}

/** What stands where Go's type says that anything may stand. */
export interface InterfaceValue {
  readonly kind: 'interface';
  /** No interface again. */
  readonly value: GoValue;
}

export interface BoolValue {
  readonly kind: 'bool';
  readonly value: boolean;
}

export interface IntValue {
  readonly kind: 'int';
  readonly type: IntType;
  readonly value: bigint;
}

export type IntType =
  | 'int'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint32'
  | 'uint64'
  | 'histogram.CounterResetHint'
  | 'time.Duration'
  | 'time.Month'
  | 'time.Weekday';

export interface FloatValue {
  readonly kind: 'float';
  readonly value: number;
}

export interface ComplexValue {
  readonly kind: 'complex';
  readonly real: number;
  readonly imaginary: number;
}

export interface StringValue {
  readonly kind: 'string';
  readonly type: 'string' | 'template.HTML';
  /** In our form of UTF-8: a byte that is none is a low surrogate. */
  readonly value: string;
}

export interface MapValue {
  readonly kind: 'map';
  readonly type: 'map[string]string' | 'map[string]interface {}';
  /** Sorted by key. */
  readonly entries: ReadonlyMap<string, GoValue>;
}

export interface SliceValue {
  readonly kind: 'slice';
  readonly type: 'template.queryResult' | '[]float64' | '[]histogram.Span';
  readonly items: readonly GoValue[];
}

export interface StructValue {
  readonly kind: 'struct';
  readonly type: string;
  readonly fields: ReadonlyMap<string, GoValue>;
}

/** A `time.Time`, in UTC. */
export interface TimeValue {
  readonly kind: 'time';
  /** Since 1970. */
  readonly nanoseconds: bigint;
}

/** A `histogram.FloatHistogram`. */
export interface HistogramValue {
  readonly kind: 'histogram';
  readonly histogram: NativeHistogram;
}

export interface PointerValue {
  readonly kind: 'pointer';
  readonly type: string;
  /** Undefined for nil. */
  readonly to: GoValue | undefined;
}

export const NOTHING: Nothing = { kind: 'nothing' };
export const NIL_INTERFACE: InterfaceValue = { kind: 'interface', value: NOTHING };

export function boolValue(value: boolean): BoolValue {
  return { kind: 'bool', value };
}

export function intValue(value: number | bigint, type: IntType = 'int'): IntValue {
  return { kind: 'int', type, value: BigInt(value) };
}

export function floatValue(value: number): FloatValue {
  return { kind: 'float', value };
}

export function stringValue(value: string): StringValue {
  return { kind: 'string', type: 'string', value };
}

export function anyValue(value: GoValue): InterfaceValue {
  return value.kind === 'interface' ? value : { kind: 'interface', value };
}

export function pointerTo(to: GoValue): PointerValue {
  return { kind: 'pointer', type: `*${typeName(to)}`, to };
}

export function stringMap(entries: Iterable<readonly [string, string]>): MapValue {
  const values = [...entries].map(([key, value]) => [key, stringValue(value)] as const);
  return { kind: 'map', type: 'map[string]string', entries: sortedMap(values) };
}

export function sortedMap(entries: Iterable<readonly [string, GoValue]>): ReadonlyMap<string, GoValue> {
  return new Map([...entries].sort(([a], [b]) => compareText(a, b)));
}

/** The type as Go prints it. */
export function typeName(value: GoValue): string {
  switch (value.kind) {
    case 'nothing':
      return '<nil>';
    case 'interface':
      return 'interface {}';
    case 'bool':
      return 'bool';
    case 'float':
      return 'float64';
    case 'complex':
      return 'complex128';
    case 'time':
      return 'time.Time';
    case 'histogram':
      return 'histogram.FloatHistogram';
    default:
      return value.type;
  }
}

/** What is in an interface, or the value itself. */
export function unwrap(value: GoValue): Exclude<GoValue, InterfaceValue> {
  return (value.kind === 'interface' ? value.value : value) as Exclude<GoValue, InterfaceValue>;
}

/** What is behind interfaces and pointers; undefined behind nil. */
export function indirect(value: GoValue): GoValue | undefined {
  const inner = unwrap(value);
  if (inner.kind === 'pointer') return inner.to && indirect(inner.to);
  return value.kind === 'interface' && inner.kind === 'nothing' ? undefined : inner;
}

/** Whether `if` takes it as true: not zero and not empty. A struct is always true. */
export function isTrue(value: GoValue): boolean {
  const inner = unwrap(value);
  switch (inner.kind) {
    case 'nothing':
      return false;
    case 'bool':
      return inner.value;
    case 'int':
      return inner.value !== 0n;
    case 'float':
      return inner.value !== 0;
    case 'complex':
      return inner.real !== 0 || inner.imaginary !== 0;
    case 'string':
      return inner.value !== '';
    case 'map':
      return inner.entries.size > 0;
    case 'slice':
      return inner.items.length > 0;
    case 'pointer':
      return inner.to !== undefined;
    default:
      return true;
  }
}

/** The length of a string in bytes, as Go counts. */
export function byteLength(text: string): number {
  return encodeUtf8(text).length;
}
