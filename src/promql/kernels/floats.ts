import { ABSENT, FLOAT, type StepColumn } from '../../model/columns.ts';

/** Replaces every float by its image; what is no float goes. */
export function mapFloats({ values, present }: StepColumn, image: (value: number) => number): void {
  for (let step = 0; step < values.length; step++) {
    if (present[step] === FLOAT) values[step] = image(values[step]!);
    else present[step] = ABSENT;
  }
}

/** Keeps floats within the step's bounds; where the bounds are crossed, nothing is left. */
export function clampFloats(
  { values, present }: StepColumn,
  lowest: Float64Array | undefined,
  highest: Float64Array | undefined,
): void {
  for (let step = 0; step < values.length; step++) {
    const low = lowest === undefined ? -Infinity : lowest[step]!;
    const high = highest === undefined ? Infinity : highest[step]!;
    if (present[step] !== FLOAT || high < low) present[step] = ABSENT;
    else values[step] = goMax(low, goMin(high, values[step]!));
  }
}

/** Rounds to the nearest multiple, halves up. Multiplies by the inverse, as Prometheus does, for the same bits. */
export function roundFloats({ values, present }: StepColumn, nearest: Float64Array | undefined): void {
  for (let step = 0; step < values.length; step++) {
    if (present[step] !== FLOAT) {
      present[step] = ABSENT;
      continue;
    }
    const inverse = nearest === undefined ? 1 : 1 / nearest[step]!;
    values[step] = Math.floor(values[step]! * inverse + 0.5) / inverse;
  }
}

/** Go's `math.Max`: +Inf wins even over NaN. */
export function goMax(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
}

/** Go's `math.Min`: -Inf wins even over NaN. */
export function goMin(a: number, b: number): number {
  return a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b);
}

const words = new DataView(new ArrayBuffer(8));

/** Go's `math.Log2`: exact for powers of two, else by the natural logarithm of the mantissa in [0.5, 1). */
export function goLog2(value: number): number {
  if (!(value > 0) || value === Infinity) return Math.log(value);
  // A subnormal number has no mantissa of full length; scaled up it has.
  const scale = value < 2 ** -1022 ? 54 : 0;
  words.setFloat64(0, value * 2 ** scale);
  const high = words.getUint32(0);
  const exponent = ((high >>> 20) & 0x7ff) - 1022 - scale;
  words.setUint32(0, ((high & 0x800fffff) | (1022 << 20)) >>> 0);
  const fraction = words.getFloat64(0);
  return fraction === 0.5 ? exponent - 1 : Math.log(fraction) * Math.LOG2E + exponent;
}

/** ln 2 / ln 10, rounded once. */
const LOG10_OF_2 = 0.301_029_995_663_981_2;

/** Go's `math.Log10`, which goes by the binary logarithm: 14.999999999999998 for 1e15. */
export function goLog10(value: number): number {
  return goLog2(value) * LOG10_OF_2;
}
