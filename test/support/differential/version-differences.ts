import { apiDifferences } from '../api-difference.ts';
import type { ApiData, ApiSeries, HistogramSample } from '../query-api.ts';
import type { Answer } from './ask.ts';
import { type AnswerPair, annotationsOf, answerDifferences, type Difference, tolerance } from './compare.ts';
import type { DifferentialQuery } from './queries.ts';
import { hasManySteps } from './step-by-step.ts';
import { printTerm, type Term, term, termsInside } from './term.ts';

/** A way in which Prometheus 3.5 is known to answer differently than Cortex 1.21, whose engine is that of Prometheus 3.9. */
export interface VersionDifference {
  readonly name: string;
  /** The version that changed it, and the change. */
  readonly why: string;
  /** It shows in range queries only: where steps can be asked one by one, the actual answer has to be right at each. */
  readonly isOfRanges?: boolean;
  /** It says which queries may be wrong, not what comes of it: only asked about what nothing else explains. */
  readonly isLastResort?: boolean;
  /** Whether it explains `difference`. */
  readonly explains: (pair: AnswerPair, difference: Difference) => boolean;
  /** Whether answers of Prometheus to other queries show that it is this difference. */
  readonly isProven?: (
    pair: AnswerPair,
    askExpected: (query: DifferentialQuery) => Promise<Answer>,
  ) => Promise<boolean>;
}

/** `actual` is as Cortex answers, `expected` is Prometheus 3.5. */
const versionDifferences: readonly VersionDifference[] = [
  {
    name: 'metric names in annotations of histograms',
    why: '3.7 (prometheus#16794): histogram_quantile and histogram_fraction name the metric only under delayed name removal.',
    explains: ({ actual, expected }, { kind, text }) => {
      const nameless = withoutPosition(withoutMetricName(text));
      const isNamed = (other: string) =>
        withoutPosition(other) !== nameless && withoutPosition(withoutMetricName(other)) === nameless;
      return (
        kind === 'annotation' &&
        annotationsOf(actual).some((other) => withoutPosition(other) === nameless) &&
        annotationsOf(expected).some(isNamed)
      );
    },
  },
  {
    name: 'positions of arguments in parentheses',
    why: '3.7 (prometheus#16896): parentheses around an argument are taken away first; a warning is about what stands in them.',
    explains: ({ actual, expected, query }, { kind, text }) => {
      // Places count bytes.
      const queryText = Buffer.from(printTerm(query.expression));
      const isSame = (inner: string, outer: string) =>
        withoutPosition(inner) === withoutPosition(outer) &&
        /^\([( ]*$/.test(queryText.toString('utf8', offsetOf(outer), offsetOf(inner)));
      return (
        kind === 'annotation' &&
        (annotationsOf(actual).some((inner) => isSame(inner, text)) ||
          annotationsOf(expected).some((outer) => isSame(text, outer)))
      );
    },
  },
  {
    name: 'empty buckets',
    why: 'No version: the chunks of Prometheus give a histogram the buckets of its neighbours, empty, and 0 times Inf or by 0 is NaN. All that may differ is which buckets have NaN in them.',
    explains: ({ actual, expected }, { kind }) =>
      kind === 'data' &&
      apiDifferences(withoutNanBuckets(actual.data!), withoutNanBuckets(expected.data!), { tolerance }).length === 0,
  },
  {
    name: 'info() of series with gaps',
    why: '3.7 and 3.8 (prometheus#17135, #17199): before, a gap shifted the places by which series were matched to info series.',
    isOfRanges: true,
    explains: ({ query, expected }, { kind, text }) =>
      (kind !== 'annotation' || / ignored histogram /.test(text)) &&
      expected.status === 200 &&
      hasManySteps(query) &&
      /\binfo\(/.test(printTerm(query.expression)),
  },
  {
    name: 'parameters out of range of topk and such',
    why: '3.6 (prometheus#16725): a parameter that is NaN or beyond 64 bits is an error even where there is nothing to choose from.',
    explains: ({ actual, expected }) =>
      expected.status === 200 &&
      /(Parameter|Ratio) value is NaN|Scalar value .* (under|over)flows int64/.test(actual.error ?? ''),
  },
  {
    name: 'several partners in a comparison that filters',
    why: '3.9 (prometheus#17668): a second match is an error also where the comparison drops the pair.',
    explains: ({ actual, expected, query }) =>
      expected.status === 200 &&
      /multiple matches for labels/.test(actual.error ?? '') &&
      comparisonsKept(query).length > 0,
    isProven: async ({ query, actual }, askExpected) => {
      for (const kept of comparisonsKept(query)) if ((await askExpected(kept)).error === actual.error) return true;
      return false;
    },
  },
  {
    name: 'subqueries with @ beside arguments that change',
    why: 'Not as in Cortex on purpose: 3.5 evaluates the inside at all steps of a range, though it looks at one window, and tells what it met there. From 3.7 (prometheus#16896) to 3.14 a call like that fails.',
    explains: ({ actual, expected, query }, { kind, text }) =>
      kind === 'annotation' &&
      query.kind === 'range' &&
      annotationsOf(expected).includes(text) &&
      !annotationsOf(actual).includes(text) &&
      /\b(predict_linear|quantile_over_time|double_exponential_smoothing)\(.*:[^\]]*\]( offset \S+)? @ /.test(
        printTerm(query.expression),
      ),
  },
  {
    name: 'native histograms of a subquery that are overwritten',
    why: '3.6 (prometheus#16879): a function took the histograms of a subquery as they lay there and wrote those of later windows over them. What then comes out follows from the memory of Prometheus; where a range can be asked step by step it is, one window at a time.',
    isOfRanges: true,
    isLastResort: true,
    explains: ({ query }, { kind }) => kind === 'data' && hasWindowsOverHistograms(query),
  },
  {
    name: 'empty buckets beside the zero bucket',
    why: 'No version: a side that its neighbours in a chunk have buckets on counts as observed in Prometheus though it is empty, and the zero bucket has two sides then. Once it has computed something of the histogram, be it times 1, the empty buckets are gone, and it has to answer as we do.',
    explains: ({ query }, { kind }) => kind === 'data' && argumentsTimesOne(query.expression) !== query.expression,
    isProven: async ({ query, actual }, askExpected) => {
      const expression = argumentsTimesOne(query.expression);
      const pair = { query, actual, expected: await askExpected({ ...query, expression }) };
      return answerDifferences(pair).every(({ kind }) => kind === 'annotation');
    },
  },
];

/** The version differences that explain all of `differences`; undefined where one is not explained. */
export function explanations(
  pair: AnswerPair,
  differences: readonly Difference[],
  { asLastResort }: { readonly asLastResort: boolean },
): ReadonlySet<VersionDifference> | undefined {
  const found = new Set<VersionDifference>();
  for (const difference of differences) {
    const explanation = versionDifferences.find(
      ({ isLastResort = false, explains }) => (asLastResort || !isLastResort) && explains(pair, difference),
    );
    if (!explanation) return undefined;
    found.add(explanation);
  }
  return found;
}

/** The answer without buckets that count NaN. */
function withoutNanBuckets(data: ApiData): ApiData {
  if (data.resultType === 'scalar' || data.resultType === 'string') return data;
  const counted = ([time, { buckets = [], ...rest }]: HistogramSample): HistogramSample => [
    time,
    { ...rest, buckets: buckets.filter(([, , , count]) => count !== 'NaN') },
  ];
  const result = (data.result as readonly ApiSeries[]).map(({ histogram, histograms, ...series }) => ({
    ...series,
    ...(histogram && { histogram: counted(histogram) }),
    ...(histograms && { histograms: histograms.map(counted) }),
  }));
  return { ...data, result };
}

/** Whether a function looks through several windows at a subquery with native histograms in it. */
function hasWindowsOverHistograms({ kind, expression }: AnswerPair['query']): boolean {
  const isOverHistograms = (subquery: Term): boolean =>
    subquery.type === 'matrix' &&
    /:[^\]]*\]( offset \S+| @ \S+)*$/.test(printTerm(subquery)) &&
    /\b(duration_seconds|inflight|size_bytes|changing|latency_bucket)\b/.test(printTerm(subquery));
  const subqueries = [expression, ...termsInside(expression)].filter(isOverHistograms);
  return subqueries.some((outer) => kind === 'range' || termsInside(outer).some(isOverHistograms));
}

/** With `* 1` behind all that quantiles and fractions of buckets are asked of; itself where nothing is. */
function argumentsTimesOne(whole: Term): Term {
  const isOfBuckets = /^histogram_(quantile|fraction)\($/.test(`${whole.parts[0]}`);
  const parts = whole.parts.map((part, at) => {
    if (typeof part === 'string') return part;
    const inner = argumentsTimesOne(part);
    return isOfBuckets && at === whole.parts.length - 2 ? term(part.type, '(', inner, ') * 1') : inner;
  });
  return parts.every((part, at) => part === whole.parts[at]) ? whole : { ...whole, parts };
}

/** The query with one of its comparisons keeping all pairs, by `bool`, instead of dropping those that do not hold. */
function comparisonsKept(query: DifferentialQuery): DifferentialQuery[] {
  const text = printTerm(query.expression);
  return [...text.matchAll(/ ([=!<>]=|[<>]) (?!bool )/g)].map(({ 0: operator, index }) => {
    const kept = `${text.slice(0, index)}${operator}bool ${text.slice(index + operator.length)}`;
    return { ...query, expression: term('vector', kept) };
  });
}

function withoutMetricName(annotation: string): string {
  return annotation.replace(/ for metric name "(?:[^"\\]|\\.)*"/, '');
}

function withoutPosition(annotation: string): string {
  return annotation.replace(/ \(1:\d+\)$/, '');
}

/** Where in the query an annotation points; queries here have one line. */
function offsetOf(annotation: string): number {
  return Number(/\(1:(\d+)\)$/.exec(annotation)?.[1] ?? 0) - 1;
}
