import type { TenantId } from '../model/tenant.ts';
import type { InstantQuery, RangeQuery } from '../promql/engine.ts';
import type { Form } from './form.ts';
import { parseStep, parseTime } from './go-values.ts';
import { badData, QueryFailure } from './query-failure.ts';

/** Cortex's bound on `(end - start) / step`. */
const STEPS_LIMIT = 11_000;

/*
 * `query` and `query_range` pass Cortex's query frontend, which hands on the query, the times and `stats`, and nothing
 * else: `timeout`, `limit` and `lookback_delta` are not even looked at.
 */

/** @throws {QueryFailure} */
export function instantOptions(form: Form, tenant: TenantId, nowMs: number): InstantQuery {
  const text = form.get('time') || `${Math.floor(nowMs / 1000)}`;
  const time = parseTime(text);
  if (!time.ok) {
    throw new QueryFailure({
      status: 500,
      errorType: 'server_error',
      message: `invalid parameter "time"; Invalid time value for 'time': rpc error: code = Code(400) desc = ${time.reason}`,
    });
  }
  return { tenant, query: form.get('query'), timeMs: time.ms };
}

/** @throws {QueryFailure} */
export function rangeOptions(form: Form, tenant: TenantId): RangeQuery {
  const startMs = timeOf(form, 'start');
  const endMs = timeOf(form, 'end');
  if (endMs < startMs) throw badData('end timestamp must not be before start time');
  const step = parseStep(form.get('step'));
  if (!step.ok) throw badData(`invalid parameter "step"; ${step.reason}`);
  if (step.ms <= 0) {
    throw badData('zero or negative query resolution step widths are not accepted. Try a positive integer');
  }
  if (Math.trunc((endMs - startMs) / step.ms) > STEPS_LIMIT) {
    throw badData(
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  return { tenant, query: form.get('query'), startMs, endMs, stepMs: step.ms };
}

function timeOf(form: Form, name: 'start' | 'end'): number {
  const time = parseTime(form.get(name));
  if (!time.ok) throw badData(`invalid parameter "${name}"; ${time.reason}`);
  return time.ms;
}
