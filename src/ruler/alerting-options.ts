import type { SeriesSource } from '../model/series-source.ts';
import type { AlertSink } from './alert-sink.ts';

/** What alerting rules need besides. */
export interface AlertingOptions {
  readonly sink: AlertSink;
  /** Where `ALERTS_FOR_STATE` is read after a restart. */
  readonly source: Pick<SeriesSource, 'select'>;
  /** These may change at any time. */
  readonly externalUrl: () => string;
  readonly externalLabels: () => Readonly<Record<string, string>>;
  /** `ruler_alert_generator_url_template`; empty for links as Prometheus has them. */
  readonly generatorUrlTemplate: () => string;
  readonly resendDelayMs: number;
  readonly outageToleranceMs: number;
  readonly gracePeriodMs: number;
}
