import type { Span } from '../../../grammar/ast.ts';
import { formatPosition } from '../../../grammar/promql.ts';
import type { Place } from '../../model/annotations.ts';
import { formatFloatCompact } from '../../model/go-float.ts';
import { quoteGo } from '../../model/go-quote.ts';
import type { FunctionContext } from './types.ts';

/** Adds `PromQL warning: <text>` about the part of the query that `span` covers. */
export function warnAt(context: FunctionContext, span: Span, text: string): void {
  context.annotations.warn(`PromQL warning: ${text}`, placeOf(context, span));
}

/** Adds `PromQL info: <text>` about the part of the query that `span` covers. */
export function informAt(context: FunctionContext, span: Span, text: string): void {
  context.annotations.info(`PromQL info: ${text}`, placeOf(context, span));
}

/** The place of `span`, for a note that the context's call makes. */
export function placeOf({ query, span: { end } }: FunctionContext, span: Span): Place {
  return { position: formatPosition(query, span.start), callEnd: end };
}

/** What some texts end with, where the metric is known. */
export function forMetric(metricName: string): string {
  return metricName === '' ? '' : ` for metric name ${quoteGo(metricName)}`;
}

/** Warns once for every distinct quantile outside of [0, 1] that some step with data uses. */
export function warnOfBadQuantiles(
  context: FunctionContext,
  argument: number,
  quantiles: Float64Array,
  isUsed: (step: number) => boolean,
): void {
  let warned: number | undefined;
  for (let step = 0; step < quantiles.length; step++) {
    const quantile = quantiles[step]!;
    if ((quantile >= 0 && quantile <= 1) || Object.is(quantile, warned) || !isUsed(step)) continue;
    warned = quantile;
    warnAt(
      context,
      context.argSpans[argument]!,
      `quantile value should be between 0 and 1, got ${formatFloatCompact(quantile)}`,
    );
  }
}
