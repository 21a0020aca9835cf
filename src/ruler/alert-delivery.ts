import type { TenantId } from '../model/tenant.ts';
import { graphUrl, noticeOf } from './alert-notices.ts';
import type { AlertingOptions } from './alerting-options.ts';
import type { RuleGroup } from './rule-group.ts';
import type { RulerLogger } from './ruler-logger.ts';
import type { RunningRule } from './running-rule.ts';

export interface AlertDeliveryOptions {
  readonly tenant: TenantId;
  readonly namespace: string;
  readonly group: RuleGroup;
  readonly intervalMs: number;
  readonly alerting: AlertingOptions;
  readonly logger: RulerLogger;
}

/** Tells receivers of the alerts of a group's rules. */
export class AlertDelivery {
  readonly #options: AlertDeliveryOptions;

  constructor(options: AlertDeliveryOptions) {
    this.#options = options;
  }

  /** Hands over those alerts of a rule that are news at `timeMs`, or were last told too long ago. */
  async deliver({ alerts, query }: RunningRule, timeMs: number): Promise<void> {
    const { tenant, intervalMs, alerting } = this.#options;
    if (alerting.sink.isDeaf) return;
    const unsent = alerts!.takeUnsent(timeMs, alerting.resendDelayMs);
    if (unsent.length === 0) return;
    const options = {
      generatorUrl: await this.#generatorUrl(query),
      externalLabels: alerting.externalLabels(),
      timeMs,
      repeatMs: Math.max(intervalMs, alerting.resendDelayMs),
    };
    const notices = unsent.map((alert) => noticeOf(alert, options));
    alerting.sink.send(tenant, notices, timeMs);
  }

  async #generatorUrl(expression: string): Promise<string> {
    const { logger, alerting, tenant, namespace, group } = this.#options;
    const externalUrl = alerting.externalUrl();
    const template = alerting.generatorUrlTemplate();
    if (template === '') return graphUrl(externalUrl, expression);
    try {
      const { expandGeneratorUrl } = await import('./template/generator-url.ts');
      return await expandGeneratorUrl(template, { externalUrl, expression });
    } catch (error) {
      const reason = (error as Error).message;
      logger.warn({ tenant, namespace, group: group.name, reason }, 'ruler_alert_generator_url_template gives no link');
      return graphUrl(externalUrl, expression);
    }
  }
}
