import type { MetricMetadata } from '../model/write-batch.ts';
import { metadataResponseJson } from '../wire/list-json.ts';
import type { Form } from './form.ts';
import { parseInteger } from './go-values.ts';
import type { QueryApiArea } from './query-api-area.ts';
import { QueryFailure } from './query-failure.ts';
import { sendJson } from './replies.ts';

/** `metadata`: what is known of metrics, at most `limit` of them with `limit_per_metric` entries each. */
export const metadataRoutes: QueryApiArea = (deps) => (routes) => {
  routes.get('/metadata', async (request, reply) => {
    const { form, tenant } = request;
    const limit = limitOf(form, 'limit');
    const limitPerMetric = limitOf(form, 'limit_per_metric');
    const metric = form.get('metric');
    const known = deps.store.metadata(tenant);
    const wanted = metric === '' ? known : known.filter((entry) => entry.metric === metric);
    return sendJson(reply, metadataResponseJson(cut(wanted, limit, limitPerMetric)));
  });
};

/** -1 without one. Cortex's errors of this endpoint have no type. */
function limitOf(form: Form, name: string): number {
  const text = form.get(name);
  if (text === '') return -1;
  const limit = parseInteger(text);
  if (limit.ok) return limit.value;
  throw new QueryFailure({ status: 400, errorType: undefined, message: `${name} must be a number` });
}

/** A `limit` of 0 is an empty answer, a `limitPerMetric` of 0 is none; below 0 neither holds. */
function cut(entries: readonly MetricMetadata[], limit: number, limitPerMetric: number): readonly MetricMetadata[] {
  const counts = new Map<string, number>();
  return entries.filter(({ metric }) => {
    const count = counts.get(metric);
    if (count === undefined && limit >= 0 && counts.size >= limit) return false;
    counts.set(metric, (count ?? 0) + 1);
    return limitPerMetric <= 0 || (count ?? 0) < limitPerMetric;
  });
}
