import { SampleColumns } from '../../model/columns.ts';
import { formatDuration } from '../../model/duration.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { createMatcher, formatMatcher, type Matcher, matchesAll } from '../../model/matcher.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { Work } from '../../model/work.ts';
import type { StoreReads } from '../../storage/federated-reads.ts';
import { nearest } from './nearest.ts';
import type { SelectorWindow } from './windows.ts';

/** Why a selector, or what is made of selectors, gives nothing. */
export interface Finding {
  readonly reason:
    | 'no-data'
    | 'unknown-metric'
    | 'unknown-label'
    | 'unknown-value'
    | 'never-together'
    | 'no-samples-in-time'
    | 'one-sample'
    | 'filtered'
    | 'unmatched'
    | 'not-computed';
  /** The selector or expression that gives nothing, as PromQL. */
  readonly expr: string;
  /** For people. */
  readonly message: string;
  /** What there is instead: names, values, or series. The likeliest first. */
  readonly nearest?: readonly string[];
  /** The last sample before the time that was looked at, and the first behind it. */
  readonly lastBeforeMs?: number;
  readonly firstAfterMs?: number;
}

export interface SelectorContext {
  readonly reads: StoreReads;
  readonly tenant: TenantId;
  readonly lookbackMs: number;
}

/** Functions that need two samples to say anything. */
const needTwo: ReadonlySet<string> = new Set([
  'rate',
  'irate',
  'increase',
  'delta',
  'idelta',
  'deriv',
  'predict_linear',
  'double_exponential_smoothing',
]);

/** Of so many series it is told when they had samples. */
const SERIES_LIMIT = 20;
const EVER = { startMs: -8.64e15, endMs: 8.64e15 };

/** What is wrong with a selector; undefined when it has the samples that it takes. */
export function* explainSelector(window: SelectorWindow, context: SelectorContext): Work<Finding | undefined> {
  const { selector } = window;
  const { reads, tenant } = context;
  const expr = selectorText(selector.matchers);
  const set = yield* reads.selectInSlices({
    tenant,
    matchers: selector.matchers,
    startMs: window.startMs + 1,
    endMs: window.endMs,
  });
  const minimum = window.rangeMs !== undefined && needTwo.has(window.call ?? '') ? 2 : 1;
  const columns = new SampleColumns();
  let most = 0;
  for (let i = 0; i < set.labels.length; i++) {
    columns.clear();
    set.read(i, columns);
    let count = 0;
    for (let at = 0; at < columns.count; at++) if (!columns.isStale(at)) count += 1;
    if (count >= minimum) return undefined;
    most = Math.max(most, count);
    yield;
  }
  if (most === 1) {
    const range = formatDuration(window.rangeMs ?? 0);
    const message = `${window.call}() needs two samples, and there is one in the ${range} of ${expr}: a longer range would help`;
    return { reason: 'one-sample', expr, message };
  }
  const known = yield* reads.series({ tenant, selectors: [selector.matchers], ...EVER });
  if (known.length > 0) return yield* explainTimes(window, context, known);
  return yield* explainLabels(selector.matchers, context);
}

function* explainLabels(matchers: readonly Matcher[], { reads, tenant }: SelectorContext): Work<Finding> {
  const expr = selectorText(matchers);
  const names = yield* reads.labelValues({ tenant, labelName: METRIC_NAME, selectors: [], ...EVER });
  if (names.length === 0) return { reason: 'no-data', expr, message: `tenant ${tenant} has no series at all` };
  const ofName = matchers.filter(({ name }) => name === METRIC_NAME);
  for (const { op, value, matches } of ofName) {
    if (op !== '=' || names.includes(value) || matches('')) continue;
    const found = yield* nearest(value, names);
    const message = `there is no metric ${value}${meant(found)}`;
    return { reason: 'unknown-metric', expr, message, nearest: found };
  }
  const selectors = ofName.length === 0 ? [] : [ofName];
  const where = ofName.length === 0 ? '' : ` of ${selectorText(ofName)}`;
  for (const matcher of matchers) {
    if (matcher.name === METRIC_NAME || matcher.matches('')) continue;
    const values = yield* reads.labelValues({ tenant, labelName: matcher.name, selectors, ...EVER });
    if (values.some(matcher.matches)) continue;
    if (values.length === 0) {
      const labels = yield* reads.labelNames({ tenant, selectors, ...EVER });
      const found = yield* nearest(matcher.name, labels);
      const message = `no series${where} has a label ${matcher.name}${meant(found)}`;
      return { reason: 'unknown-label', expr, message, nearest: found };
    }
    const byEdits = matcher.op === '=' ? yield* nearest(matcher.value, values) : [];
    const found = byEdits.length > 0 ? byEdits : values.slice(0, 5);
    const message = `no series${where} has ${formatMatcher(matcher)}; ${matcher.name} is ${found.join(', ')}${values.length > found.length ? ', …' : ''}`;
    return { reason: 'unknown-value', expr, message, nearest: found };
  }
  return yield* explainTogether(matchers, selectors, { reads, tenant });
}

/** Each matcher has its series, and none has all: the series that miss the fewest. */
function* explainTogether(
  matchers: readonly Matcher[],
  selectors: readonly (readonly Matcher[])[],
  { reads, tenant }: Pick<SelectorContext, 'reads' | 'tenant'>,
): Work<Finding> {
  let best: Labels[] = [];
  let fewest = Infinity;
  for (const labels of yield* reads.series({ tenant, selectors, ...EVER })) {
    const missed = matchers.filter((matcher) => !matchesAll([matcher], labels)).length;
    if (missed < fewest) {
      fewest = missed;
      best = [];
    }
    if (missed === fewest && best.length < 3) best.push(labels);
    yield;
  }
  const expr = selectorText(matchers);
  const found = best.map((labels) => labels.toString());
  const message = `each label has such values, but no series has all of them; closest: ${found.join(', ')}`;
  return { reason: 'never-together', expr, message, nearest: found };
}

function* explainTimes(
  { selector, startMs, endMs, rangeMs }: SelectorWindow,
  { reads, tenant }: SelectorContext,
  known: readonly Labels[],
): Work<Finding> {
  const columns = new SampleColumns();
  let lastBeforeMs = -Infinity;
  let firstAfterMs = Infinity;
  let endedMs = -Infinity;
  for (const labels of known.slice(0, SERIES_LIMIT)) {
    const matchers = [...labels].map(([name, value]) => createMatcher(name, '=', value));
    const set = yield* reads.selectInSlices({ tenant, matchers, ...EVER });
    const index = set.labels.findIndex((one) => one.equals(labels));
    if (index < 0) continue;
    columns.clear();
    set.read(index, columns);
    for (let at = 0; at < columns.count; at++) {
      const timestampMs = columns.timestampsMs[at]!;
      if (columns.isStale(at)) {
        if (timestampMs <= endMs) endedMs = Math.max(endedMs, timestampMs);
      } else if (timestampMs <= startMs) lastBeforeMs = Math.max(lastBeforeMs, timestampMs);
      else if (timestampMs > endMs) firstAfterMs = Math.min(firstAfterMs, timestampMs);
    }
    yield;
  }
  const expr = selectorText(selector.matchers);
  const span = `${rangeMs === undefined ? 'a query looks back' : 'its range is'} ${formatDuration(endMs - startMs)}`;
  const sides = [
    ...(lastBeforeMs === -Infinity
      ? []
      : [`the last one before is ${formatDuration(endMs - lastBeforeMs)} old (${timeText(lastBeforeMs)})`]),
    ...(endedMs > lastBeforeMs ? [`the series were marked as gone at ${timeText(endedMs)}`] : []),
    ...(firstAfterMs === Infinity
      ? []
      : [`the first one behind is ${formatDuration(firstAfterMs - endMs)} later (${timeText(firstAfterMs)})`]),
  ];
  return {
    reason: 'no-samples-in-time',
    expr,
    message: `${expr} has series, but no samples in the time that was asked for (${span}): ${sides.join('; ')}`,
    nearest: known.slice(0, 3).map((labels) => labels.toString()),
    ...(lastBeforeMs > -Infinity && { lastBeforeMs }),
    ...(firstAfterMs < Infinity && { firstAfterMs }),
  };
}

function timeText(timestampMs: number): string {
  return new Date(timestampMs).toISOString();
}

function meant(found: readonly string[]): string {
  return found.length === 0 ? '' : `; perhaps ${found.join(', ')}`;
}

function selectorText(matchers: readonly Matcher[]): string {
  const name = matchers.find(
    (one) => one.name === METRIC_NAME && one.op === '=' && /^[a-zA-Z_:][\w:]*$/.test(one.value),
  );
  const rest = matchers.filter((one) => one !== name).map(formatMatcher);
  return `${name?.value ?? ''}${rest.length === 0 && name ? '' : `{${rest.join(',')}}`}`;
}
