/** How far two values of one sample may lie apart, relative to the larger. */
const TOLERANCE = 1e-9;

interface ResultSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Point;
  readonly values?: readonly Point[];
}
type Point = readonly [timestampSeconds: number, value: string];

/**
 * The first difference between two answers of the query API, if any: series are compared as a set, since their order means
 * nothing to a client, values within 1e-9. With `ignoresNames` the names of metrics do not count.
 */
export function firstDifference(actual: string, expected: string, { ignoresNames = false } = {}): string | undefined {
  const ours = seriesByLabels(actual, ignoresNames);
  const theirs = seriesByLabels(expected, ignoresNames);
  if (ours.size !== theirs.size) return `${ours.size} series instead of ${theirs.size}`;
  for (const [labels, expectedPoints] of theirs) {
    const points = ours.get(labels);
    if (!points) return `no series ${labels}`;
    if (points.length !== expectedPoints.length) {
      return `${points.length} samples instead of ${expectedPoints.length} in ${labels}`;
    }
    for (const [i, [timestampSeconds, value]] of expectedPoints.entries()) {
      const [ourSeconds, ourValue] = points[i]!;
      if (ourSeconds !== timestampSeconds)
        return `a sample at ${ourSeconds} instead of ${timestampSeconds} in ${labels}`;
      if (!areClose(ourValue, value)) return `${ourValue} instead of ${value} at ${timestampSeconds} in ${labels}`;
    }
  }
  return undefined;
}

/** As `firstDifference`, whatever series the values belong to: where equal values are chosen from, any of them will do. */
export function firstValueDifference(actual: string, expected: string): string | undefined {
  const ours = valuesByTime(actual);
  const theirs = valuesByTime(expected);
  if (ours.size !== theirs.size) return `samples at ${ours.size} times instead of ${theirs.size}`;
  for (const [timestampSeconds, expectedValues] of theirs) {
    const values = ours.get(timestampSeconds) ?? [];
    const isSame = values.length === expectedValues.length && values.every((v, i) => areClose(v, expectedValues[i]!));
    if (!isSame) return `${values.join(' ')} instead of ${expectedValues.join(' ')} at ${timestampSeconds}`;
  }
  return undefined;
}

/** The values at each time, ascending. */
function valuesByTime(answer: string): Map<number, string[]> {
  const byTime = new Map<number, string[]>();
  for (const points of seriesByLabels(answer).values()) {
    for (const [timestampSeconds, value] of points) {
      const known = byTime.get(timestampSeconds);
      if (known) known.push(value);
      else byTime.set(timestampSeconds, [value]);
    }
  }
  for (const values of byTime.values()) values.sort((a, b) => Number(a) - Number(b));
  return byTime;
}

/** How many samples an answer holds. */
export function sampleCountOf(answer: string): number {
  let count = 0;
  for (const points of seriesByLabels(answer).values()) count += points.length;
  return count;
}

/** How many series an answer holds. */
export function seriesCountOf(answer: string): number {
  return seriesByLabels(answer).size;
}

/** Whether two answers of the label or series calls name the same. */
export function isSameList(actual: string, expected: string): boolean {
  const listed = (answer: string): string => {
    const { data } = JSON.parse(answer) as { data: (string | Record<string, string>)[] };
    return data
      .map((item) => (typeof item === 'string' ? item : labelsText(item)))
      .sort()
      .join('\n');
  };
  return listed(actual) === listed(expected);
}

function seriesByLabels(answer: string, ignoresNames = false): Map<string, readonly Point[]> {
  const { data } = JSON.parse(answer) as { data: { resultType: string; result: ResultSeries[] | Point } };
  if (data.resultType === 'scalar') return new Map([['', [data.result as Point]]]);
  return new Map(
    (data.result as ResultSeries[]).map(({ metric, value, values }) => [
      labelsText(metric, ignoresNames),
      values ?? (value ? [value] : []),
    ]),
  );
}

function labelsText(labels: Readonly<Record<string, string>>, ignoresNames = false): string {
  const counted = Object.entries(labels).filter(([name]) => !ignoresNames || name !== '__name__');
  return JSON.stringify(counted.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function areClose(a: string, b: string): boolean {
  if (a === b) return true;
  const x = Number(a);
  const y = Number(b);
  return Math.abs(x - y) <= TOLERANCE * Math.max(Math.abs(x), Math.abs(y));
}
