import { compareText } from '../../model/labels.ts';
import { FunctionError } from './execution-error.ts';
import { formatValue, PLAIN } from './format-value.ts';
import { type GoValue, typeName, unwrap } from './values.ts';

type Basic = Extract<GoValue, { kind: 'bool' | 'int' | 'float' | 'complex' | 'string' }>;

function isBasic(value: GoValue): value is Basic {
  return ['bool', 'int', 'float', 'complex', 'string'].includes(value.kind);
}

/**
 * Whether a value equals one of `others`, as Go's `eq` sees it: an integer is never a float.
 * @throws {FunctionError} for values that cannot be compared
 */
export function equalValues(first: GoValue, others: readonly GoValue[]): boolean {
  if (others.length === 0) throw new FunctionError('missing argument for comparison');
  return others.some((other) => areEqual(unwrap(first), unwrap(other)));
}

function areEqual(a: GoValue, b: GoValue): boolean {
  if (isBasic(a) || isBasic(b)) {
    if (a.kind === 'nothing' || b.kind === 'nothing') return false;
    if (a.kind !== b.kind) throw incompatible(a, b);
    if (a.kind === 'complex' && b.kind === 'complex') return a.real === b.real && a.imaginary === b.imaginary;
    return (a as { value: unknown }).value === (b as { value: unknown }).value;
  }
  if (a.kind === 'nothing' || b.kind === 'nothing') return isNil(a) && isNil(b);
  if (a.kind !== b.kind) {
    const ofB = `${typeName(b)}: ${formatValue(b, PLAIN)}`;
    throw new FunctionError(`non-comparable types ${textOf(a)}: ${typeName(a)}, ${ofB}`);
  }
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  if (a.kind === 'time' && b.kind === 'time') return a.nanoseconds === b.nanoseconds;
  // Pointers are equal when they point to the same; the others cannot be compared at all.
  if (a.kind === 'pointer' && b.kind === 'pointer') return a.to === b.to;
  throw new FunctionError(`non-comparable type ${textOf(b)}: ${typeName(b)}`);
}

function isNil(value: GoValue): boolean {
  return value.kind === 'nothing' || (value.kind === 'pointer' && value.to === undefined);
}

/** As `%s` writes it, which is how Go's messages have it. */
function textOf(value: GoValue): string {
  return formatValue(value, { ...PLAIN, verb: 's' });
}

/**
 * Negative when `a` is less than `b`.
 * @throws {FunctionError} for values that have no order
 */
export function compareValues(first: GoValue, second: GoValue): number {
  const a = unwrap(first);
  const b = unwrap(second);
  if (!isBasic(a) || !isBasic(b)) throw new FunctionError('invalid type for comparison');
  if (a.kind !== b.kind) throw incompatible(a, b);
  if (a.kind === 'string' && b.kind === 'string') return compareText(a.value, b.value);
  if ((a.kind === 'int' && b.kind === 'int') || (a.kind === 'float' && b.kind === 'float')) {
    // Also false for NaN.
    return a.value < b.value ? -1 : 0;
  }
  throw new FunctionError('invalid type for comparison');
}

function incompatible(a: GoValue, b: GoValue): FunctionError {
  return new FunctionError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}
