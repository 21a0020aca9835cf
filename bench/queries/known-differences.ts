/** In what some server's PromQL is known to differ: an answer that differs is expected, and timed all the same. */
interface KnownDifference {
  readonly target: string;
  readonly queries: RegExp;
  readonly what: string;
}

const knownDifferences: readonly KnownDifference[] = [
  {
    target: 'victoria-metrics',
    queries: /\b(rate|increase|delta)\(/,
    what: 'does not extrapolate, and counts from the sample before the window',
  },
  {
    target: 'victoria-metrics',
    queries: /\bchanges\(/,
    what: 'counts from the sample before the window',
  },
  { target: 'victoria-metrics', queries: /\bround\(/, what: 'rounds halves away from zero' },
];

/** Why `target` may answer `query` differently than PromQL says; undefined when it should not. */
export function knownDifference(target: string, query: string): string | undefined {
  return knownDifferences.find((known) => known.target === target && known.queries.test(query))?.what;
}
