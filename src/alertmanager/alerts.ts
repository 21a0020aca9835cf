import { quoteGo } from '../model/go-quote.ts';
import { compareText, isLegacyLabelName } from '../model/labels.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { LabelMap } from './matchers.ts';

/** An alert as somebody sent it; times that were left out are undefined. */
export interface PostedAlert {
  readonly labels: LabelMap;
  readonly annotations: LabelMap;
  readonly startsAtMs: number | undefined;
  readonly endsAtMs: number | undefined;
  readonly generatorUrl: string;
}

export interface Alert extends PostedAlert {
  readonly fingerprint: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly updatedAtMs: number;
  /** Whether its end was not said, but is when it is taken for resolved without news of it. */
  readonly hasTimeout: boolean;
}

/** Resolved alerts are forgotten as often as the Alertmanager forgets them. */
const SWEEP_INTERVAL_MS = 30 * 60_000;

/** The alerts of one tenant, in memory. */
export class Alerts {
  readonly #byFingerprint = new Map<string, Alert>();
  #sweptMs: number;

  constructor(nowMs: number) {
    this.#sweptMs = nowMs;
  }

  /** Takes those that are valid; returns the Alertmanager's texts for the others. */
  put(posted: readonly PostedAlert[], nowMs: number, resolveTimeoutMs: number): string[] {
    this.#sweep(nowMs);
    const problems: string[] = [];
    for (const one of posted) {
      const alert = completed(one, nowMs, resolveTimeoutMs);
      const problem = alertProblem(alert);
      if (problem === undefined) this.#add(alert, nowMs);
      else problems.push(problem);
    }
    return problems;
  }

  /** Those that were not resolved, by fingerprint. */
  active(nowMs: number): Alert[] {
    return [...this.#byFingerprint.values()]
      .filter(({ endsAtMs }) => endsAtMs >= nowMs)
      .sort((a, b) => compareText(a.fingerprint, b.fingerprint));
  }

  #add(alert: Alert, nowMs: number): void {
    const known = this.#byFingerprint.get(alert.fingerprint);
    this.#byFingerprint.set(alert.fingerprint, known && overlap(known, alert) ? merged(known, alert, nowMs) : alert);
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < SWEEP_INTERVAL_MS) return;
    this.#sweptMs = nowMs;
    for (const [fingerprint, { endsAtMs }] of this.#byFingerprint) {
      if (endsAtMs < nowMs) this.#byFingerprint.delete(fingerprint);
    }
  }
}

function completed(posted: PostedAlert, nowMs: number, resolveTimeoutMs: number): Alert {
  const labels = Object.fromEntries(Object.entries(posted.labels).filter(([, value]) => value !== ''));
  return {
    ...posted,
    labels,
    fingerprint: fingerprintOf(labels),
    startsAtMs: posted.startsAtMs ?? posted.endsAtMs ?? nowMs,
    endsAtMs: posted.endsAtMs ?? nowMs + resolveTimeoutMs,
    updatedAtMs: nowMs,
    hasTimeout: posted.endsAtMs === undefined,
  };
}

function alertProblem({ startsAtMs, endsAtMs, labels, annotations }: Alert): string | undefined {
  if (endsAtMs < startsAtMs) return 'start time must be before end time';
  if (Object.keys(labels).length === 0) return 'at least one label pair required';
  for (const [names, what] of [
    [labels, 'label set'],
    [annotations, 'annotations'],
  ] as const) {
    const bad = Object.keys(names).find((name) => !isLegacyLabelName(name));
    if (bad !== undefined) return `invalid ${what}: invalid name ${quoteGo(bad)}`;
  }
  return undefined;
}

function overlap(known: Alert, added: Alert): boolean {
  const isInside = (ms: number): boolean => ms > known.startsAtMs && ms < known.endsAtMs;
  return isInside(added.endsAtMs) || isInside(added.startsAtMs);
}

/** The later news with the earlier start; an end that was said counts more than one that was not. */
function merged(known: Alert, added: Alert, nowMs: number): Alert {
  const startsAtMs = Math.min(known.startsAtMs, added.startsAtMs);
  const isResolved = added.endsAtMs <= nowMs;
  const keepsEnd = isResolved ? known.endsAtMs <= nowMs : !known.hasTimeout;
  return { ...added, startsAtMs, endsAtMs: keepsEnd ? Math.max(known.endsAtMs, added.endsAtMs) : added.endsAtMs };
}

/** As the alerts of a group are shown: by job, instance and then all labels. */
export function compareAlerts(a: Alert, b: Alert): number {
  for (const name of ['job', 'instance']) {
    const [first, second] = [a.labels[name], b.labels[name]];
    if (first === second) continue;
    if (first === undefined) return 1;
    if (second === undefined) return -1;
    return compareText(first, second);
  }
  return compareLabelMaps(a.labels, b.labels);
}

/** Fewer labels first; of as many, by the first pair that differs in the order of their names. */
export function compareLabelMaps(a: LabelMap, b: LabelMap): number {
  const [countOfA, countOfB] = [Object.keys(a).length, Object.keys(b).length];
  if (countOfA !== countOfB) return countOfA - countOfB;
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort(compareText);
  for (const name of names) {
    const [first, second] = [a[name], b[name]];
    if (first === undefined) return -1;
    if (second === undefined) return 1;
    if (first !== second) return compareText(first, second);
  }
  return 0;
}
