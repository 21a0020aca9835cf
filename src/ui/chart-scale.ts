/** One line of a chart: times in milliseconds, one value for each, ascending. */
export interface Line {
  readonly name: string;
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
}

/** A linear map of `[from, to]` to pixels. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly at: (value: number) => number;
}

export function linearScale(from: number, to: number, startPixel: number, endPixel: number): Scale {
  const width = to - from || 1;
  return { from, to, at: (value) => startPixel + ((value - from) / width) * (endPixel - startPixel) };
}

/** The smallest range over all finite values, with some air where they are all alike; `[0, 1]` when there is none. */
export function valueRange(lines: readonly Line[]): readonly [from: number, to: number] {
  let from = Infinity;
  let to = -Infinity;
  for (const { values } of lines) {
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      if (value < from) from = value;
      if (value > to) to = value;
    }
  }
  if (from > to) return [0, 1];
  if (from === to) return from === 0 ? [-1, 1] : [from - Math.abs(from) / 2, from + Math.abs(from) / 2];
  return [from, to];
}

/** Round numbers inside `[from, to]`, about `count` of them: steps are 1, 2 or 5 times a power of ten. */
export function niceTicks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const ticks: number[] = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

const TIME_STEPS_MS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
  1_209_600, 2_592_000,
].map((seconds) => seconds * 1000);

/** Times of day that people expect on an axis, at most `count` of them. */
export function timeTicks(fromMs: number, toMs: number, count: number): number[] {
  const longestMs = TIME_STEPS_MS.at(-1)!;
  const stepMs = TIME_STEPS_MS.find((size) => (toMs - fromMs) / size <= count) ?? longestMs;
  const ticks: number[] = [];
  for (let timeMs = Math.ceil(fromMs / stepMs) * stepMs; timeMs <= toMs; timeMs += stepMs) ticks.push(timeMs);
  return ticks;
}

/** The SVG path of a line: it breaks where a step is missing or a value is not finite. */
export function pathOf({ timestampsMs, values }: Line, x: Scale, y: Scale, stepMs: number): string {
  let path = '';
  let lastMs = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const timeMs = timestampsMs[i]!;
    if (!Number.isFinite(value)) continue;
    const isBroken = timeMs - lastMs > stepMs * 1.5;
    path += `${isBroken ? 'M' : 'L'}${x.at(timeMs).toFixed(1)} ${y.at(value).toFixed(1)}`;
    // A point alone would be invisible: a line without length and round ends is a dot.
    if (isBroken) path += 'h0';
    lastMs = timeMs;
  }
  return path;
}

/** A short text for a value on an axis: `1.5k`, `20M`, `0.004`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential(2);
  for (const [unit, suffix] of [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (size >= unit) return `${Number((value / unit).toPrecision(4))}${suffix}`;
  }
  return `${Number(value.toPrecision(4))}`;
}
