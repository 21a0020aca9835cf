/** How a float is to be written: a verb of Go's `Printf` in small letters, and the digits. */
export interface FloatFormat {
  readonly verb: 'e' | 'f' | 'g' | 'x';
  /** Digits behind the point, or with `g` in all; undefined for as few as read back the same. */
  readonly precision: number | undefined;
  /** With `g`: keeps the zeros at the end. */
  readonly keepsZeros?: boolean;
}

/** Digits `0.d1d2d3… × 10^exponent` of a number; of zero none. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

/** A float with its sign always in front: `+1.5e+06`, `-0`, `+Inf`, `+NaN`. */
export function formatSignedFloat(value: number, { verb, precision, keepsZeros = false }: FloatFormat): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '+';
  if (Number.isNaN(value)) return '+NaN';
  if (!Number.isFinite(value)) return `${sign}Inf`;
  const magnitude = Math.abs(value);
  switch (verb) {
    case 'e': {
      const decimal = precision === undefined ? shortest(magnitude) : roundTo(magnitude, precision + 1);
      return sign + withExponent(decimal, precision ?? Math.max(decimal.digits.length - 1, 0));
    }
    case 'f': {
      const decimal = precision === undefined ? shortest(magnitude) : roundBehindPoint(magnitude, precision);
      return sign + plain(decimal, precision ?? Math.max(decimal.digits.length - decimal.exponent, 0));
    }
    case 'g':
      return sign + general(magnitude, precision, keepsZeros);
    case 'x':
      return sign + hexadecimal(magnitude, precision);
  }
}

/** `%g`: with an exponent when it is small or as large as the number of digits. */
function general(magnitude: number, precision: number | undefined, keepsZeros: boolean): string {
  const wanted = precision === 0 ? 1 : precision;
  const decimal = wanted === undefined ? shortest(magnitude) : roundTo(magnitude, wanted);
  const digitCount = keepsZeros ? (wanted ?? 6) : decimal.digits.length;
  let limit = wanted ?? 6;
  if (wanted !== undefined && limit > decimal.digits.length && decimal.digits.length >= decimal.exponent) {
    limit = keepsZeros ? limit : decimal.digits.length;
  }
  const exponent = decimal.exponent - 1;
  if (exponent < -4 || exponent >= limit) return withExponent(decimal, Math.max(digitCount - 1, 0));
  return plain(decimal, Math.max(digitCount - decimal.exponent, 0));
}

/** `%x`: `0x1.cp+01` */
function hexadecimal(magnitude: number, precision: number | undefined): string {
  let { mantissa, power } = binary(magnitude);
  if (mantissa === 0n) return `0x0${precision ? `.${'0'.repeat(precision)}` : ''}p+00`;
  while (mantissa < 1n << 60n) {
    mantissa <<= 1n;
    power -= 1;
  }
  if (precision !== undefined && precision < 15) {
    const dropped = 1n << BigInt(60 - 4 * precision);
    const rest = mantissa % dropped;
    mantissa -= rest;
    const isOdd = (mantissa / dropped) % 2n === 1n;
    if (rest * 2n > dropped || (rest * 2n === dropped && isOdd)) mantissa += dropped;
    if (mantissa >= 1n << 61n) {
      mantissa >>= 1n;
      power += 1;
    }
  }
  const fraction = (mantissa - (1n << 60n)).toString(16).padStart(15, '0');
  const shown =
    precision === undefined ? fraction.replace(/0+$/, '') : fraction.padEnd(precision, '0').slice(0, precision);
  const exponent = power + 60;
  const digits = String(Math.abs(exponent)).padStart(2, '0');
  return `0x1${shown === '' ? '' : `.${shown}`}p${exponent < 0 ? '-' : '+'}${digits}`;
}

function withExponent({ digits, exponent }: Decimal, fractionDigits: number): string {
  const all = digits.padEnd(fractionDigits + 1, '0');
  const shown = digits === '' ? 0 : exponent - 1;
  const fraction = fractionDigits > 0 ? `.${all.slice(1, fractionDigits + 1)}` : '';
  return `${all[0]}${fraction}e${shown < 0 ? '-' : '+'}${String(Math.abs(shown)).padStart(2, '0')}`;
}

function plain({ digits, exponent }: Decimal, fractionDigits: number): string {
  const whole = exponent > 0 ? digits.slice(0, exponent).padEnd(exponent, '0') : '0';
  if (fractionDigits === 0) return whole;
  const fraction = exponent > 0 ? digits.slice(exponent) : '0'.repeat(digits === '' ? 0 : -exponent) + digits;
  return `${whole}.${fraction.padEnd(fractionDigits, '0').slice(0, fractionDigits)}`;
}

/** The fewest digits that read back the same, which are JavaScript's. */
function shortest(magnitude: number): Decimal {
  if (magnitude === 0) return { digits: '', exponent: 0 };
  const [mantissa, exponent] = magnitude.toExponential().split('e') as [string, string];
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) + 1 };
}

function roundBehindPoint(magnitude: number, fractionDigits: number): Decimal {
  const decimal = exact(magnitude);
  return round(decimal, decimal.exponent + fractionDigits);
}

function roundTo(magnitude: number, digitCount: number): Decimal {
  return round(exact(magnitude), digitCount);
}

/** Rounds half to even, and drops zeros at the end. */
function round({ digits, exponent }: Decimal, digitCount: number): Decimal {
  if (digitCount < 0) return { digits: '', exponent: 0 };
  if (digitCount >= digits.length) return trimmed(digits, exponent);
  const kept = digits.slice(0, digitCount);
  const rest = digits.slice(digitCount);
  const isHalf = /^50*$/.test(rest);
  const isOdd = /[13579]$/.test(kept);
  if (isHalf ? !isOdd : rest < '5') return trimmed(kept, exponent);
  const raised = String(BigInt(kept === '' ? 0 : kept) + 1n).padStart(digitCount, '0');
  return trimmed(raised, exponent + raised.length - digitCount);
}

function trimmed(digits: string, exponent: number): Decimal {
  const kept = digits.replace(/0+$/, '');
  return { digits: kept, exponent: kept === '' ? 0 : exponent };
}

const parts = new DataView(new ArrayBuffer(8));

/** All digits that the double has: JavaScript's own rounding goes another way than Go's when it stands in the middle. */
function exact(magnitude: number): Decimal {
  if (magnitude === 0) return { digits: '', exponent: 0 };
  const { mantissa, power } = binary(magnitude);
  // m / 2^n is m × 5^n / 10^n.
  const digits = String(power >= 0 ? mantissa << BigInt(power) : mantissa * 5n ** BigInt(-power));
  return { digits, exponent: digits.length + Math.min(power, 0) };
}

/** A double as `mantissa × 2^power`. */
function binary(magnitude: number): { mantissa: bigint; power: number } {
  parts.setFloat64(0, magnitude);
  const bits = parts.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  return { mantissa: biased === 0 ? fraction : fraction | (1n << 52n), power: Math.max(biased, 1) - 1075 };
}
