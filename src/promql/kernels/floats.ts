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
