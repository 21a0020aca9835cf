import type { Alert } from './active-alerts.ts';
import type { NotifiedAlert } from './alert-sink.ts';

export interface NoticeOptions {
  /** The expression as PromQL prints it. */
  readonly query: string;
  /** `-ruler.external.url`, where the server's pages are. */
  readonly externalUrl: string;
  /** Labels that an alert gets where it has no such label. */
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly timeMs: number;
  /** How often the alert is told at least: the longer of interval and `-ruler.resend-delay`. */
  readonly repeatMs: number;
}

/** What a receiver is told of `alert`. */
export function noticeOf(alert: Alert, options: NoticeOptions): NotifiedAlert {
  const { query, externalUrl, externalLabels, timeMs, repeatMs } = options;
  return {
    labels: { ...externalLabels, ...alert.labels.toRecord() },
    annotations: alert.annotations,
    startsAtMs: alert.firedAtMs!,
    // Two notices may get lost before a receiver takes the alert for resolved.
    endsAtMs: alert.resolvedAtMs ?? timeMs + 4 * repeatMs,
    generatorUrl: `${externalUrl}/graph?g0.expr=${escapeQuery(query)}&g0.tab=1`,
  };
}

/** As Go escapes a query: more than `encodeURIComponent` does, and `+` for a space. */
function escapeQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
