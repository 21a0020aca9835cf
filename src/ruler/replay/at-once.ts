import type { MatrixValue } from '../../model/query-result.ts';
import type { TenantId } from '../../model/tenant.ts';
import { runInSlices } from '../../model/work.ts';
import { ActiveAlerts } from '../active-alerts.ts';
import { checkAlerts } from '../alerting-rule.ts';
import type { GroupEvaluation } from '../group-evaluation.ts';
import type { RuleRangeQuery } from '../rule-engine.ts';
import type { AlertingRule, RecordingRule } from '../rule-group.ts';
import type { RunningRule } from '../running-rule.ts';
import { AlertSeries } from './alert-series.ts';
import { FoundAtTicks } from './found-at-ticks.ts';
import type { Pauses } from './pauses.ts';
import { presentCounts, recordColumns } from './recording-at-once.ts';
import type { ReplayWriter } from './replay-writer.ts';
import type { Ticks } from './ticks.ts';

export interface AtOnceOptions {
  readonly tenant: TenantId;
  readonly evaluation: GroupEvaluation;
  readonly groupLimit: number;
  readonly range: (query: RuleRangeQuery) => Promise<{ readonly value: { readonly kind: string } }>;
  readonly writer: ReplayWriter;
  /** Nobody is told of alerts. */
  readonly isDeaf: boolean;
  /** A moment to undo the notices from; called where some have to be. */
  readonly markNotices: () => () => void;
  readonly signal: AbortSignal;
  readonly pauses: Pauses;
}

/**
 * Evaluates one rule at many ticks with a single query. The most series that it had at a tick; undefined, and nothing has
 * changed, where it is not sure that tick by tick would give the same.
 */
export async function evaluateAtOnce(
  running: RunningRule,
  ticks: Ticks,
  options: AtOnceOptions,
): Promise<number | undefined> {
  const matrix = await valuesOf(running, ticks, options);
  if (!matrix) return undefined;
  const { rule } = running;
  return rule.kind === 'recording'
    ? record(running, rule, matrix, ticks, options)
    : alert(running, rule, matrix, ticks, options);
}

/** Undefined for what fails at some ticks, perhaps at others not, and for what has to be evaluated one by one. */
async function valuesOf(
  { query }: RunningRule,
  { firstMs, intervalMs, count, queryOffsetMs }: Ticks,
  { tenant, range, signal }: AtOnceOptions,
): Promise<MatrixValue | undefined> {
  const startMs = firstMs - queryOffsetMs;
  try {
    const endMs = startMs + (count - 1) * intervalMs;
    const { value } = await range({ tenant, query, startMs, endMs, stepMs: intervalMs, signal });
    return value.kind === 'matrix' ? (value as MatrixValue) : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function record(
  running: RunningRule,
  rule: RecordingRule,
  matrix: MatrixValue,
  ticks: Ticks,
  { tenant, evaluation, groupLimit, writer, signal }: AtOnceOptions,
): Promise<number | undefined> {
  const { firstMs, intervalMs, count, queryOffsetMs } = ticks;
  const times = { firstMs: firstMs - queryOffsetMs, stepMs: intervalMs, count };
  const before = { rule, labels: running.labels, limit: groupLimit, before: running.series };
  const recorded = await runInSlices(recordColumns(matrix, before, times), signal);
  if (!recorded || !(await writer.appendColumns(tenant, recorded.columns))) return undefined;
  running.series = recorded.series;
  evaluation.noteEvaluations(running, {
    count,
    lastMs: lastOf(ticks),
    failedCount: 0,
    writtenCount: recorded.writtenTicks,
  });
  return matrix.series.length;
}

async function alert(
  running: RunningRule,
  rule: AlertingRule,
  matrix: MatrixValue,
  ticks: Ticks,
  options: AtOnceOptions,
): Promise<number | undefined> {
  const { tenant, evaluation, groupLimit, writer, isDeaf, signal, pauses } = options;
  const { firstMs, intervalMs, count, queryOffsetMs } = ticks;
  const perTick = presentCounts(matrix.series, count);
  if (!perTick) return undefined;
  const { labels } = running;
  const alerts = running.alerts!;
  const before = new ActiveAlerts(rule);
  before.takeOver(alerts);
  const forgetNotices = options.markNotices();
  const templatesAt = (timeMs: number) => evaluation.templates(rule, { timeMs, signal });
  const found = new FoundAtTicks(matrix, { rule, labels, templatesAt, isDeaf });
  const series = new AlertSeries(rule, labels, running.series);
  let failure: unknown;
  let failedCount = 0;
  let writtenCount = 0;
  let mostStanding = 0;
  for (let tick = 0; tick < count; tick++) {
    if (perTick[tick] === 0 && alerts.isEmpty && series.isEmpty) {
      failure = undefined;
      continue;
    }
    const timeMs = firstMs + tick * intervalMs;
    try {
      const standing = alerts.update(perTick[tick] === 0 ? [] : await found.at(tick, timeMs), timeMs);
      checkAlerts(standing.length, alerts, groupLimit);
      mostStanding = Math.max(mostStanding, standing.length);
      series.add(standing, timeMs - queryOffsetMs);
      if (standing.length > 0) writtenCount += 1;
      if (!isDeaf) await evaluation.deliver(running, timeMs);
      failure = undefined;
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
      failedCount += 1;
    }
    await pauses.afterWork(signal);
  }
  await found.annotate(alerts);
  if (!(await writer.appendColumns(tenant, series.columns()))) {
    alerts.takeOver(before);
    forgetNotices();
    return undefined;
  }
  running.series = series.standing();
  evaluation.noteEvaluations(running, { count, lastMs: lastOf(ticks), failedCount, writtenCount, failure });
  return Math.max(matrix.series.length, 2 * mostStanding);
}

function lastOf({ firstMs, intervalMs, count }: Ticks): number {
  return firstMs + (count - 1) * intervalMs;
}
