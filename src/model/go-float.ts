/**
 * A float as Go's `strconv.FormatFloat(value, 'f', -1, 64)`: the shortest digits that read back the same, never an
 * exponent. Cortex prints sample values this way (`NaN`, `+Inf`, `-Inf`; a negative zero is `-0`).
 */
export function formatFloat(value: number): string {
  // Most values: JavaScript's shortest digits are Go's; only exponents, infinities and -0 differ.
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-6 && magnitude < 1e21) return `${value}`;
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return expandExponent(`${value}`);
}

/** A float as Prometheus prints it in JSON: with an exponent only below 1e-6 and from 1e21 on (`1e-07`). */
export function formatFloatForJson(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-6 && magnitude < 1e21) || !Number.isFinite(value)) return formatFloat(value);
  return formatFloatCompact(value);
}

/** A float as Go prints it with `%g` and `%v`: with an exponent below 1e-4 and from 1e6 on (`1e-05`, `1.5e+06`). */
export function formatFloatCompact(value: number): string {
  const magnitude = Math.abs(value);
  const isPlain = magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e6);
  return isPlain ? formatFloat(value) : formatFloatExponent(value);
}

/** A float as Go's `strconv.FormatFloat(value, 'e', -1, 64)`: always with an exponent (`2e+00`). */
export function formatFloatExponent(value: number): string {
  if (!Number.isFinite(value)) return formatFloat(value);
  const [mantissa, exponentText] = value.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  const sign = Object.is(value, -0) ? '-' : '';
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent).toString().padStart(2, '0')}`;
}

/** A float as Go prints it with `%f`: six digits behind the point, never an exponent (`-0.000000`). */
export function formatFloatFixed(value: number): string {
  if (!Number.isFinite(value)) return formatFloat(value);
  // From 1e21 on toFixed gives an exponent; there all doubles are whole.
  const digits = Math.abs(value) < 1e21 ? Math.abs(value).toFixed(6) : `${BigInt(Math.abs(value))}.000000`;
  return value < 0 || Object.is(value, -0) ? `-${digits}` : digits;
}

function expandExponent(text: string): string {
  const [, sign, whole, fraction = '', exponentText] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)!;
  const exponent = Number(exponentText);
  const digits = whole! + fraction;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return sign + digits.padEnd(exponent + 1, '0');
}

/**
 * Reads what Go's `strconv.ParseFloat` reads in PromQL and in query parameters; undefined when it is no number, or one
 * too large for a double.
 */
export function parseGoFloat(text: string): number | undefined {
  const named = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (named) {
    if (named[2]!.toLowerCase() === 'nan') return named[1] === '' ? NaN : undefined;
    return named[1] === '-' ? -Infinity : Infinity;
  }
  // Each digit can belong to one part only: a choice would take quadratic time on many digits and a letter.
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text)) return finite(Number(text));
  const hex = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?p([+-]?\d+)$/i.exec(text);
  const [, , whole = '', fraction = ''] = hex ?? [];
  if (!hex || whole + fraction === '') return undefined;
  const magnitude = Number.parseInt(whole + fraction, 16) * 2 ** (Number(hex[4]) - 4 * fraction.length);
  return finite(hex[1] === '-' ? -magnitude : magnitude);
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
