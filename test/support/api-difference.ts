import { type ApiData, type ApiHistogram, type ApiSeries, parseValue, type SampleText } from './query-api.ts';

export interface ComparisonOptions {
  /** How far two values may lie apart, relative to the larger one. */
  readonly tolerance: number;
  /** The order of series counts, as after `sort`. */
  readonly isOrdered?: boolean;
}

/** What differs between two answers of a query API, one line a difference; empty when they say the same. */
export function apiDifferences(actual: ApiData, expected: ApiData, options: ComparisonOptions): string[] {
  if (actual.resultType !== expected.resultType) return [`a ${actual.resultType}, not a ${expected.resultType}`];
  if (expected.resultType === 'scalar' || expected.resultType === 'string') {
    return sampleDifferences('', [actual.result as SampleText], [expected.result as SampleText], options);
  }
  const actualSeries = actual.result as readonly ApiSeries[];
  const expectedSeries = expected.result as readonly ApiSeries[];
  const actualByName = new Map(actualSeries.map((series) => [seriesName(series), series]));
  const expectedNames = expectedSeries.map(seriesName);
  const differences: string[] = [];
  if (actualByName.size !== actualSeries.length) differences.push('a series stands there twice');
  for (const [index, series] of expectedSeries.entries()) {
    const name = expectedNames[index]!;
    const found = actualByName.get(name);
    actualByName.delete(name);
    if (found) {
      differences.push(...sampleDifferences(name, samplesOf(found), samplesOf(series), options));
      differences.push(...sampleDifferences(name, histogramTextsOf(found), histogramTextsOf(series), options));
    } else differences.push(`${name} is missing`);
  }
  for (const name of actualByName.keys()) differences.push(`${name} should not be there`);
  if (
    differences.length === 0 &&
    options.isOrdered &&
    actualSeries.some((s, i) => seriesName(s) !== expectedNames[i])
  ) {
    differences.push(`order: ${actualSeries.map(seriesName).join(' ')}, not ${expectedNames.join(' ')}`);
  }
  return differences;
}

function seriesName({ metric }: ApiSeries): string {
  const pairs = Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}}`;
}

function samplesOf(series: ApiSeries): readonly SampleText[] {
  return series.values ?? (series.value ? [series.value] : []);
}

/** Histograms as texts of numbers with spaces between them, so that they compare as samples do. */
function histogramTextsOf({ histogram, histograms }: ApiSeries): readonly SampleText[] {
  return (histograms ?? (histogram ? [histogram] : [])).map(([time, told]) => [time, numbersOf(told).join(' ')]);
}

function numbersOf({ count, sum, buckets = [] }: ApiHistogram): readonly (string | number)[] {
  return [count, sum, ...buckets.flat()];
}

function sampleDifferences(
  name: string,
  actual: readonly SampleText[],
  expected: readonly SampleText[],
  { tolerance }: ComparisonOptions,
): string[] {
  const actualTimes = actual.map(([time]) => time);
  const expectedTimes = expected.map(([time]) => time);
  if (actualTimes.join() !== expectedTimes.join()) {
    return [
      `${name} at ${onlyIn(actualTimes, expectedTimes)} should not be, at ${onlyIn(expectedTimes, actualTimes)} is missing`,
    ];
  }
  const differences: string[] = [];
  for (const [index, [time, expectedText]] of expected.entries()) {
    const actualText = actual[index]![1];
    if (!areSameValues(actualText.split(' '), expectedText.split(' '), tolerance)) {
      differences.push(`${name} at ${time}: ${actualText}, not ${expectedText}`);
    }
  }
  return differences;
}

function onlyIn(times: readonly number[], others: readonly number[]): string {
  const only = times.filter((time) => !others.includes(time));
  return only.length === 0 ? 'no time' : only.join(' ');
}

function areSameValues(actual: readonly string[], expected: readonly string[], tolerance: number): boolean {
  return actual.length === expected.length && actual.every((text, i) => isSameValue(text, expected[i]!, tolerance));
}

/** Values as texts: `-0` and `0` are the same, exponents may be spelt out. */
function isSameValue(actualText: string, expectedText: string, tolerance: number): boolean {
  if (actualText === expectedText) return true;
  const actual = parseValue(actualText);
  const expected = parseValue(expectedText);
  if (actual === expected) return true;
  // Next to an infinity every distance is within any share of it.
  if (!Number.isFinite(actual) || !Number.isFinite(expected)) return false;
  return Math.abs(actual - expected) <= tolerance * Math.max(Math.abs(actual), Math.abs(expected));
}
