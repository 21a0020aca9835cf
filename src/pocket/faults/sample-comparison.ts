import { SampleColumns } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import { createMatcher } from '../../model/matcher.ts';
import type { SeriesSource } from '../../model/series-source.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { Work } from '../../model/work.ts';
import type { Attempt } from './fault-rule.ts';
import type { SampleLog } from './sample-log.ts';

/** What was sent beside what is stored. A sample is a series and a time, however often it was sent. */
export interface SampleCounts {
  readonly sent: number;
  readonly stored: number;
  /** Sent, and not stored. */
  readonly lost: number;
  /** Given to the store more than once (which keeps one of them): where it counted requests, it would have counted twice. */
  readonly doubled: number;
  /** Stored with another value than the last that was sent. */
  readonly changed: number;
  /** Sent in more than one attempt, whatever became of them. */
  readonly sentAgain: number;
}

/** The counts are those of all tenants together. */
export interface SampleComparison extends SampleCounts {
  /** Sent when there were too many to keep: nothing is said of them. */
  readonly untracked: number;
  /** Whose they were, in the order in which tenants came. */
  readonly tenants: readonly (SampleCounts & { readonly tenant: TenantId })[];
  /** A few of the lost ones, and of the doubled ones. */
  readonly examples: readonly SampleExample[];
}

export interface SampleExample {
  readonly what: 'lost' | 'doubled' | 'changed';
  readonly tenant: TenantId;
  readonly series: string;
  readonly timestampMs: number;
  /** The attempts that carried it, counted from 1. */
  readonly attempts: readonly number[];
}

const EXAMPLES_LIMIT = 20;
const EXAMPLE_ATTEMPTS_LIMIT = 10;

export interface ComparisonInput {
  readonly samples: SampleLog;
  readonly attempts: readonly Attempt[];
  readonly source: SeriesSource;
}

type Counting = { -readonly [what in keyof SampleCounts]: number };

export function* compareSamples({ samples, attempts, source }: ComparisonInput): Work<SampleComparison> {
  const countsOf = new Map<TenantId, Counting>();
  const examples: SampleExample[] = [];
  const stored = new SampleColumns();
  for (const [seriesId, order] of (yield* bySeries(samples)).entries()) {
    if (order.length === 0) continue;
    const { timestampsMs, values, attempts: attemptOf } = samples;
    const { tenant, labels } = samples.series[seriesId]!;
    const counts = countsOf.get(tenant) ?? noCounts();
    countsOf.set(tenant, counts);
    // Stable: of samples at the same time the last is the one that was sent last.
    order.sort((a, b) => timestampsMs[a]! - timestampsMs[b]!);
    const endMs = timestampsMs[order[order.length - 1]!]!;
    yield* readSeries(source, { tenant, labels, startMs: timestampsMs[order[0]!]!, endMs }, stored);
    let at = 0;
    for (let from = 0, to = 0; from < order.length; from = to) {
      const timestampMs = timestampsMs[order[from]!]!;
      let handedOnCount = 0;
      for (to = from; to < order.length && timestampsMs[order[to]!] === timestampMs; to++) {
        if (wasStored(attempts[attemptOf[order[to]!]!]!)) handedOnCount += 1;
      }
      while (at < stored.count && stored.timestampsMs[at]! < timestampMs) at += 1;
      const isStored = at < stored.count && stored.timestampsMs[at] === timestampMs;
      const sentValue = values[order[to - 1]!]!;
      const isHistogram = isStored && stored.histograms?.[at] !== undefined;
      const isChanged = isStored && !isHistogram && !Object.is(stored.values[at], sentValue);
      counts.sent += 1;
      if (to - from > 1) counts.sentAgain += 1;
      if (isStored) counts.stored += 1;
      else counts.lost += 1;
      if (handedOnCount > 1) counts.doubled += 1;
      if (isChanged) counts.changed += 1;
      const what = !isStored ? 'lost' : isChanged ? 'changed' : handedOnCount > 1 ? 'doubled' : undefined;
      if (what !== undefined && examples.length < EXAMPLES_LIMIT) {
        const carriers = [...order.subarray(from, Math.min(to, from + EXAMPLE_ATTEMPTS_LIMIT))];
        const numbers = carriers.map((index) => attemptOf[index]! + 1);
        examples.push({ what, tenant, series: labels.toString(), timestampMs, attempts: numbers });
      }
    }
    yield;
  }
  const total = noCounts();
  const tenants = [...countsOf].map(([tenant, counts]) => ({ tenant, ...counts }));
  for (const counts of countsOf.values()) for (const what of COUNTED) total[what] += counts[what];
  return { ...total, untracked: samples.untrackedCount, tenants, examples };
}

const COUNTED = ['sent', 'stored', 'lost', 'doubled', 'changed', 'sentAgain'] as const;

function noCounts(): Counting {
  return { sent: 0, stored: 0, lost: 0, doubled: 0, changed: 0, sentAgain: 0 };
}

/** The indexes of every series' samples, in the order in which they came. */
function* bySeries({ series, seriesIds, count }: SampleLog): Work<readonly Uint32Array[]> {
  const counts = new Uint32Array(series.length);
  for (let i = 0; i < count; i++) counts[seriesIds[i]!]! += 1;
  yield;
  const orders = Array.from(counts, (length) => new Uint32Array(length));
  const filled = new Uint32Array(series.length);
  for (let i = 0; i < count; i++) {
    const seriesId = seriesIds[i]!;
    orders[seriesId]![filled[seriesId]!++] = i;
  }
  return orders;
}

/** Whether the server itself took what the attempt carried, whatever its sender was told. */
function wasStored({ wasHandled, serverStatus }: Attempt): boolean {
  return wasHandled && serverStatus !== undefined && serverStatus < 300;
}

function* readSeries(
  source: SeriesSource,
  request: { readonly tenant: TenantId; readonly labels: Labels; readonly startMs: number; readonly endMs: number },
  into: SampleColumns,
): Work<void> {
  const { tenant, labels, startMs, endMs } = request;
  into.clear();
  const matchers = [...labels].map(([name, value]) => createMatcher(name, '=', value));
  const set = yield* source.selectInSlices({ tenant, matchers, startMs, endMs });
  const index = set.labels.findIndex((found) => found.equals(labels));
  if (index >= 0) set.read(index, into);
}
