import { FAKE_TENANT } from '../../src/model/tenant.ts';
import type { TemplateContext } from '../../src/ruler/template/context.ts';
import { engineOver } from './memory-engine.ts';

/** The series that templates of tests ask for, 20 minutes of them; `m` raises the alert. */
export const templateSeries = [
  ['m{job="api",instance="h1:80"}', '3+0x20'],
  ['up{instance="a:1",job="x"}', '0x20'],
  ['up{instance="b:1",job="x"}', '1x20'],
  ['h', '{{schema:0 count:4 sum:10 buckets:[1 2 1]}}x20'],
  ['hc', '{{schema:-53 count:4 sum:9.5 custom_values:[1 2.5] buckets:[1 2 1]}}x20'],
  ['hn', '{{schema:1 count:7 sum:3 z_bucket:2 z_bucket_w:0.01 buckets:[1 0 2] n_buckets:[1 1]}}x20'],
] as const;

export const templateExternalLabels = { region: 'eu', zone: 'z1' };

/** The alert T at 5m, over `templateSeries`. */
export function templateContext(changes: Partial<TemplateContext> = {}): TemplateContext {
  const engine = engineOver(templateSeries.map((series) => series.join(' ')).join('\n'));
  const timeMs = 300_000;
  return {
    name: '__alert_T',
    labels: { __name__: 'm', job: 'api', instance: 'h1:80' },
    externalLabels: templateExternalLabels,
    externalUrl: '',
    value: 3,
    timeMs,
    query: (query) => engine.instant({ tenant: FAKE_TENANT, query, timeMs }),
    ...changes,
  };
}
