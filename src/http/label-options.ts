import { PocketCortexError } from '../model/errors.ts';
import { quoteGo } from '../model/go-quote.ts';
import type { Matcher } from '../model/matcher.ts';
import type { TenantId } from '../model/tenant.ts';
import type { LabelRequest } from '../storage/types.ts';
import type { Form } from './form.ts';
import { parseBound, parseInteger } from './go-values.ts';
import { type Grammar, loadGrammar } from './load-grammar.ts';
import { badData, QueryFailure } from './query-failure.ts';

export interface LabelOptions extends LabelRequest {
  /** The most results to give; 0 is no limit. */
  readonly limit: number;
  /** The times of the request. */
  readonly asked: { readonly startMs: number; readonly endMs: number };
}

/** What Cortex says when `end` lies before `start`; `series` has another status than the rest. */
const endBeforeStart = {
  series: { status: 500, errorType: 'internal' },
  labels: { status: 422, errorType: 'execution' },
} as const;

/**
 * The parameters of `series`, `labels` and label values. Times are checked but filter nothing: Cortex's ingesters answer
 * these from all that they hold.
 * @throws {QueryFailure}
 */
export async function labelOptions(
  form: Form,
  tenant: TenantId,
  kind: keyof typeof endBeforeStart,
): Promise<LabelOptions> {
  const selectorTexts = form.all('match[]');
  if (kind === 'series' && selectorTexts.length === 0) throw badData('no match[] parameter provided');
  const limit = limitOf(form);
  const startMs = optionalTime(form, 'start', -Infinity);
  const endMs = optionalTime(form, 'end', Infinity);
  const prefix = kind === 'series' ? 'invalid parameter "match[]": ' : '';
  const selectors = selectorTexts.length === 0 ? [] : readSelectors(await loadGrammar(), selectorTexts, prefix);
  if (endMs < startMs) throw new QueryFailure({ ...endBeforeStart[kind], message: 'invalid blocks time range' });
  return { tenant, selectors, startMs: -Infinity, endMs: Infinity, limit, asked: { startMs, endMs } };
}

function limitOf(form: Form): number {
  const text = form.get('limit');
  if (text === '') return 0;
  const limit = parseInteger(text);
  if (!limit.ok) throw badData(`invalid parameter "limit": ${limit.reason}`);
  if (limit.value < 0) throw badData('invalid parameter "limit": limit must be non-negative');
  return limit.value;
}

/** The times that client libraries send for "ever". */
const extremes: Readonly<Record<string, number>> = {
  '-292273086-05-16T16:47:06Z': -Infinity,
  '+292277025-08-18T07:12:54.999999999Z': Infinity,
};

/** A time that may be left out. @throws {QueryFailure} */
export function optionalTime(form: Form, name: 'start' | 'end', fallbackMs: number): number {
  const text = form.get(name);
  if (text === '') return fallbackMs;
  const extremeMs = extremes[text];
  if (extremeMs !== undefined) return extremeMs;
  const time = parseBound(text);
  if (!time.ok) throw badData(`invalid parameter ${quoteGo(name)}: invalid time value for '${name}': ${time.reason}`);
  return time.ms;
}

function readSelectors({ parseSelector }: Grammar, texts: readonly string[], prefix: string) {
  return texts.map((text): readonly Matcher[] => {
    try {
      const matchers = parseSelector(text);
      // A selector that an empty label set passes would select everything.
      if (matchers.some((matcher) => !matcher.matches(''))) return matchers;
    } catch (error) {
      if (error instanceof PocketCortexError) throw badData(`${prefix}${error.message}`);
      throw error;
    }
    throw badData(`${prefix}match[] must contain at least one non-empty matcher`);
  });
}
