import type { Alert } from './active-alerts.ts';
import type { NotifiedAlert } from './alert-sink.ts';
import { escapeQuery } from './template/escapes.ts';

export interface NoticeOptions {
  /** A page that shows the rule's expression. */
  readonly generatorUrl: string;
  /** Labels that an alert gets where it has no such label. */
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly timeMs: number;
  /** How often the alert is told at least: the longer of interval and `-ruler.resend-delay`. */
  readonly repeatMs: number;
}

/** What a receiver is told of `alert`. */
export function noticeOf(alert: Alert, options: NoticeOptions): NotifiedAlert {
  const { generatorUrl, externalLabels, timeMs, repeatMs } = options;
  return {
    labels: { ...externalLabels, ...alert.labels.toRecord() },
    annotations: alert.annotations,
    startsAtMs: alert.firedAtMs!,
    // Two notices may get lost before a receiver takes the alert for resolved.
    endsAtMs: alert.resolvedAtMs ?? timeMs + 4 * repeatMs,
    generatorUrl,
  };
}

/** The page that shows an expression, as Prometheus's has it. */
export function graphUrl(externalUrl: string, query: string): string {
  return `${externalUrl}/graph?g0.expr=${escapeQuery(query)}&g0.tab=1`;
}
