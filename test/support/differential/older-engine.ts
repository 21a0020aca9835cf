import type { Expr, Span } from '../../../grammar/ast.ts';
import type * as Grammar from '../../../grammar/promql.ts';
import type { NativeHistogram } from '../../../src/model/native-histogram.ts';

import type * as Arithmetic from '../../../src/model/native-histogram-arithmetic.ts';
import type * as Folds from '../../../src/model/native-histogram-fold.ts';
import type * as Fractions from '../../../src/model/native-histogram-fraction.ts';
import type * as Texts from '../../../src/promql/functions/histogram-texts.ts';
import type * as Buckets from '../../../src/promql/kernels/buckets.ts';
import type * as Extrapolations from '../../../src/promql/kernels/extrapolation.ts';
import type * as Operations from '../../../src/promql/operators/histogram-operation.ts';
import type * as Statistics from '../../../src/promql/operators/histogram-statistics.ts';
import type * as PlanScope from '../../../src/promql/plan-scope.ts';

/*
 * Ways of Prometheus 3.5 that can be switched on in the engine of this process, to tell what comes of
 * them from everything else: where our engine with such a way gives to the last digit what Prometheus gave, that was it.
 * A test puts these modules in the place of the engine's (`vi.mock`).
 */

export interface OlderWay {
  readonly name: string;
  /** The version that changed it, and the change. */
  readonly why: string;
}

const bucketsKept: OlderWay = {
  name: 'which selectors leave buckets out',
  why: '3.7 (prometheus#17127, #17141): inside of histogram_count, _sum and _avg every selector is read without buckets, but not through a subquery; before, only the first selector of a query was, and not if one of the three was the whole query.',
};
const belowZero: OlderWay = {
  name: 'rates of histograms that reach zero',
  why: '3.6 (prometheus#16828): the line through the counts of a histogram is not followed below zero, as that of a float never was.',
};
const boundsApart: OlderWay = {
  name: 'custom bounds that differ',
  why: '3.8 (prometheus#17278): histograms with different custom bounds are added with the bounds that both have, and an info; before, they were not.',
};
const silentCollisions: OlderWay = {
  name: 'conflicting counter resets',
  why: '3.7 (prometheus#17051, #17094): of two histograms one was reset, the other was not: a warning, and an operator has no result.',
};

const negativeCounters: OlderWay = {
  name: 'negative histograms',
  why: '3.7 (prometheus#17004): what is subtracted, negated, or multiplied or divided by less than 0 is a gauge.',
};
const endlessBucket: OlderWay = {
  name: 'histogram_fraction in the first bucket',
  why: '3.8 (prometheus#17424): the first bucket of a classic histogram begins at 0, and of one without a lower bound, also of custom buckets, all counts; before, a share of such a bucket was NaN.',
};
const labelsApart: OlderWay = {
  name: 'the same labels at different times',
  why: '3.9 (prometheus#17703, #17708): label_replace, label_join and negation merge series that never meet at one step.',
};

export const olderWays: readonly OlderWay[] = [
  silentCollisions,
  bucketsKept,
  boundsApart,
  belowZero,
  negativeCounters,
  endlessBucket,
  labelsApart,
];

let active: ReadonlySet<OlderWay> = new Set();
/** Where the query at work has its one selector that is read without buckets. */
let bare: Span | undefined;
/** Whether the last histograms that would not be added had other bounds, rather than other kinds of buckets. */
let wereBoundsApart = false;

/** What is evaluated until it is called again is evaluated in these ways. */
export function setOlderWays(ways: readonly OlderWay[]): void {
  active = new Set(ways);
}

export function olderGrammar(original: typeof Grammar): typeof Grammar {
  return {
    ...original,
    parseExpr(query, options) {
      const expr = original.parseExpr(query, options);
      bare = firstSelector(expr, []);
      return expr;
    },
  };
}

/** The selector that Prometheus 3.5 reads without buckets: the first of the query, if the nearest function asks for that. */
function firstSelector(whole: Expr, path: readonly Expr[]): Span | undefined {
  let found: { readonly span: Span; readonly path: readonly Expr[] } | undefined;
  const visit = (expr: Expr, above: readonly Expr[]): void => {
    if (found) return;
    if (expr.kind === 'vector-selector') found = { span: expr.span, path: above };
    else if (expr.kind === 'matrix-selector') found = { span: expr.selector.span, path: above };
    else for (const child of childrenOf(expr)) visit(child, [...above, expr]);
  };
  visit(whole, path);
  // The whole query itself is not looked at.
  for (const expr of found?.path.slice(1).reverse() ?? []) {
    if (expr.kind !== 'call') continue;
    if (['histogram_count', 'histogram_sum', 'histogram_avg'].includes(expr.name)) return found!.span;
    if (['histogram_quantile', 'histogram_fraction'].includes(expr.name)) return undefined;
  }
  return undefined;
}

function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'paren':
    case 'step-invariant':
      return [expr.inner];
    case 'unary':
      return [expr.operand];
    case 'binary':
      return [expr.left, expr.right];
    case 'aggregate':
      return expr.param ? [expr.expr, expr.param] : [expr.expr];
    case 'subquery':
      return [expr.expr];
    case 'call':
      return expr.args;
    default:
      return [];
  }
}

export function olderPlanScope(original: typeof PlanScope): typeof PlanScope {
  return {
    ...original,
    selectorSpec(selector, scope) {
      const spec = original.selectorSpec(selector, scope);
      if (!active.has(bucketsKept)) return spec;
      return { ...spec, isForStatistics: selector.span.start === bare?.start };
    },
    mergeDuplicates(operator, scope, disjoint) {
      // By name: a module that is put in the place of others imports none of the engine.
      const isOfLabels = ['LabelFunctionOperator', 'NegateVectorOperator'].includes(operator.constructor.name);
      return original.mergeDuplicates(operator, scope, isOfLabels && active.has(labelsApart) ? 'reject' : disjoint);
    },
  };
}

export function olderBuckets(original: typeof Buckets): typeof Buckets {
  return {
    ...original,
    bucketFraction(lower, upper, buckets) {
      const fraction = original.bucketFraction(lower, upper, buckets);
      const isIn = (value: number) => value !== -Infinity && value < buckets.bounds[0]!;
      return active.has(endlessBucket) && lower < upper && (isIn(lower) || isIn(upper)) ? NaN : fraction;
    },
  };
}

export function olderFractions(original: typeof Fractions): typeof Fractions {
  return {
    ...original,
    histogramFraction(lower, upper, histogram) {
      const fraction = original.histogramFraction(lower, upper, histogram);
      const { usesCustomBuckets, customBounds, positive } = histogram;
      const hasEndless = usesCustomBuckets && positive.indexes[0] === 0 && customBounds[0]! < 0;
      const isIn = (value: number) => value !== -Infinity && value < customBounds[0]!;
      if (!active.has(endlessBucket) || !hasEndless || lower >= upper) return fraction;
      return isIn(lower) || isIn(upper) ? { ...fraction, value: NaN } : fraction;
    },
  };
}

export function olderStatistics(original: typeof Statistics): typeof Statistics {
  class HistogramStatistics extends original.HistogramStatistics {
    /** 3.5 compares with what it read last, whatever it skipped. */
    override forget(): void {
      if (!active.has(bucketsKept)) super.forget();
    }
  }
  return { ...original, HistogramStatistics };
}

export function olderExtrapolation(original: typeof Extrapolations): typeof Extrapolations {
  return {
    ...original,
    extrapolationFactor: (window) =>
      original.extrapolationFactor(active.has(belowZero) ? { ...window, zeroAt: undefined } : window),
  };
}

export function olderArithmetic(original: typeof Arithmetic): typeof Arithmetic {
  const older =
    (combine: typeof original.addHistograms) =>
    (a: NativeHistogram, b: NativeHistogram): Arithmetic.Combination | undefined => {
      const combination = combine(a, b);
      wereBoundsApart = active.has(boundsApart) && combination?.hasReconciledBounds === true;
      if (!combination || wereBoundsApart) return undefined;
      return active.has(silentCollisions) ? { ...combination, hasResetCollision: false } : combination;
    };
  const olderScale =
    (scale: typeof original.scaleHistogram) =>
    (histogram: NativeHistogram, by: number): NativeHistogram => {
      const scaled = scale(histogram, by);
      if (!active.has(negativeCounters)) return scaled;
      return scaled.with({ counterResetHint: histogram.counterResetHint });
    };
  return {
    ...original,
    addHistograms: older(original.addHistograms),
    subtractHistograms: older(original.subtractHistograms),
    scaleHistogram: olderScale(original.scaleHistogram),
    divideHistogram: olderScale(original.divideHistogram),
  };
}

export function olderOperations(original: typeof Operations): typeof Operations {
  return {
    ...original,
    operateOnHistograms(op, left, right, notes) {
      const outcome = original.operateOnHistograms(op, left, right, notes);
      if (!outcome || op !== '-' || typeof left === 'number' || typeof right === 'number') return outcome;
      if (!active.has(negativeCounters)) return outcome;
      const [hint, other] = [left.counterResetHint, right.counterResetHint];
      const counterResetHint = hint === other ? hint : [hint, other].includes('gauge') ? 'gauge' : 'unknown';
      return { ...outcome, histogram: outcome.histogram.with({ counterResetHint }) };
    },
  };
}

export function olderFolds(original: typeof Folds): typeof Folds {
  const older =
    (createFold: typeof original.sumOfHistograms): typeof original.sumOfHistograms =>
    (first, isCompensated) => {
      const fold = createFold(first, isCompensated);
      if (!active.has(silentCollisions)) return fold;
      return {
        add: (addend) => fold.add(addend),
        hasResetCollision: false,
        get hasReconciledBounds() {
          return fold.hasReconciledBounds;
        },
        result: () => fold.result(),
      };
    };
  return {
    ...original,
    sumOfHistograms: older(original.sumOfHistograms),
    meanOfHistograms: older(original.meanOfHistograms),
  };
}

export function olderTexts(original: typeof Texts): typeof Texts {
  const texts = original.histogramTexts;
  return {
    ...original,
    histogramTexts: {
      ...texts,
      mixedSchemas(metricName) {
        const text = texts.mixedSchemas(metricName);
        if (!wereBoundsApart) return text;
        wereBoundsApart = false;
        return text.replace(
          'a mix of histograms with exponential and custom buckets schemas',
          'histograms with incompatible custom buckets',
        );
      },
    },
  };
}
