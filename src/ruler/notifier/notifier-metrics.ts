import { Counter, Gauge, type Registry, Summary } from 'prom-client';

/** What is counted of notifications, under Cortex's names. */
export class NotifierMetrics {
  readonly latency: Summary<'user'>;
  readonly errors: Counter<'user' | 'alertmanager'>;
  readonly sent: Counter<'user' | 'alertmanager'>;
  readonly dropped: Counter<'user'>;
  readonly queueLength: Gauge<'user'>;
  readonly queueCapacity: Gauge<'user'>;
  readonly discovered: Gauge<'user'>;

  constructor(registry: Registry) {
    const ofUser = (name: string, help: string) => ({
      name: `cortex_prometheus_notifications_${name}`,
      help,
      labelNames: ['user' as const],
      registers: [registry],
    });
    const ofAlertmanager = (name: string, help: string) => ({
      ...ofUser(name, help),
      labelNames: ['user' as const, 'alertmanager' as const],
    });
    this.latency = new Summary({
      ...ofUser('latency_seconds', 'Latency quantiles for sending alert notifications.'),
      percentiles: [0.5, 0.9, 0.99],
      maxAgeSeconds: 600,
      ageBuckets: 5,
    });
    this.errors = new Counter(ofAlertmanager('errors_total', 'Total number of errors sending alert notifications.'));
    this.sent = new Counter(ofAlertmanager('sent_total', 'Total number of alerts sent.'));
    this.dropped = new Counter(
      ofUser('dropped_total', 'Total number of alerts dropped due to errors when sending to Alertmanager.'),
    );
    this.queueLength = new Gauge(ofUser('queue_length', 'The number of alert notifications in the queue.'));
    this.queueCapacity = new Gauge(ofUser('queue_capacity', 'The capacity of the alert notifications queue.'));
    this.discovered = new Gauge(
      ofUser('alertmanagers_discovered', 'The number of alertmanagers discovered and active.'),
    );
  }
}
