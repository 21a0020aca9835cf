import { ABSENT, createStepColumn, SampleColumns, type StepColumn } from '../../../src/model/columns.ts';
import type { RangeWindows } from '../../../src/promql/kernels/range-windows.ts';

/** The windows of a query over `steps`, each `rangeMs` long and open on the left, as an engine makes them. */
export function windowsOver(
  samples: SampleColumns,
  steps: { readonly endsMs: readonly number[]; readonly rangeMs: number },
): RangeWindows {
  const { timestampsMs, count } = samples;
  const from: number[] = [];
  const to: number[] = [];
  for (const endMs of steps.endsMs) {
    const times = Array.from(timestampsMs.subarray(0, count));
    from.push(times.filter((timeMs) => timeMs <= endMs - steps.rangeMs).length);
    to.push(times.filter((timeMs) => timeMs <= endMs).length);
  }
  return {
    samples,
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    windowEndMs: Float64Array.from(steps.endsMs),
    rangeMs: steps.rangeMs,
  };
}

/** Samples a second apart, the first at one second. */
export function samplesOf(values: readonly number[]): SampleColumns {
  const samples = new SampleColumns(values.length);
  values.forEach((value, i) => {
    samples.push((i + 1) * 1000, value);
  });
  return samples;
}

/** The values that `apply` writes, undefined where it marks a step absent. */
export function valuesOf(stepCount: number, apply: (out: StepColumn) => void): (number | undefined)[] {
  const out = createStepColumn(stepCount);
  out.values.fill(-12345);
  out.present.fill(1);
  apply(out);
  return Array.from(out.values, (value, step) => (out.present[step] === ABSENT ? undefined : value));
}
