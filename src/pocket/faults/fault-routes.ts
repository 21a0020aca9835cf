import { PocketCortexError } from '../../model/errors.ts';
import type { SeriesSource } from '../../model/series-source.ts';
import type { PocketCall, PocketRoute, RouteParameter } from '../api/route.ts';
import { integer, list, object } from '../api/schema.ts';
import { tenantOf } from '../api/tenant-parameter.ts';
import type { FaultRule, FaultTarget } from './fault-rule.ts';
import { overviewSchema, reportSchema } from './fault-schemas.ts';
import { DEFAULT_FAULT_PATH, type Faults } from './faults.ts';
import { reportFaults } from './report.ts';

const targetParameters: readonly RouteParameter[] = [
  {
    name: 'tenant',
    in: 'query',
    about: 'Whose requests; X-Scope-OrgID does as well. Without it those of every tenant.',
  },
  {
    name: 'path',
    in: 'query',
    about: `Which path; with * behind it every path that begins so. ${DEFAULT_FAULT_PATH} when it is left out.`,
  },
];

/** Scripts of faults: set, look at, report, remove. */
export function faultRoutes(faults: Faults, source: SeriesSource): readonly PocketRoute[] {
  return [
    {
      method: 'PUT',
      path: '/faults',
      summary: 'Sets the fault script of a tenant and path: each request uses up a step.',
      parameters: targetParameters,
      body: {
        contentType: 'text/plain',
        about:
          'Steps with commas between them: 429 retry-after=1 x2, 500, 400 "text", delay 3s, hang, reset, stored 503, ok.',
        example: '429 retry-after=1 x2, 500, 400 "out of order sample", delay 3s, hang, reset, ok',
        limitBytes: 1 << 20,
      },
      responses: { 200: { about: 'The script as it was understood.', schema: overviewSchema } },
      handle: (call) => ({ json: overview(faults.set(targetOf(call), Buffer.from(call.body).toString())) }),
    },
    {
      method: 'GET',
      path: '/faults',
      summary: 'All fault scripts and how far they have got.',
      responses: { 200: { about: 'A list.', schema: object({ faults: list(overviewSchema) }) } },
      handle: () => ({ json: { faults: faults.rules.map(overview) } }),
    },
    {
      method: 'GET',
      path: '/faults/report',
      summary: 'What happened: attempts, gaps, whether Retry-After was honoured, samples lost or doubled.',
      parameters: targetParameters,
      responses: { 200: { about: 'The report of the script of this tenant and path.', schema: reportSchema } },
      handle: async (call) => {
        const target = targetOf(call);
        const rule = faults.find(target);
        if (rule === undefined) throw noScript(target, faults);
        return { json: await reportFaults(rule, { source, signal: call.signal }) };
      },
    },
    {
      method: 'DELETE',
      path: '/faults',
      summary: 'Removes the fault script of a tenant and path, or all of them, and cuts requests that hang.',
      parameters: targetParameters,
      responses: { 200: { about: 'How many were removed.', schema: object({ removed: integer }) } },
      handle: (call) => {
        const isForAll = tenantOf(call) === undefined && call.get('path') === '';
        return { json: { removed: faults.clear(isForAll ? undefined : targetOf(call)) } };
      },
    },
  ];
}

function targetOf(call: PocketCall): FaultTarget {
  return { tenant: tenantOf(call), path: call.get('path') || DEFAULT_FAULT_PATH };
}

function noScript(target: FaultTarget, { rules }: Faults): PocketCortexError {
  const others = rules.slice(0, 5).map((rule) => describe(rule.target));
  const there = others.length === 0 ? 'there are none' : `there are some for ${others.join('; ')}`;
  return new PocketCortexError('not-found', `no fault script for ${describe(target)}: ${there}`);
}

function describe({ tenant, path }: FaultTarget): string {
  return `${tenant === undefined ? 'every tenant' : `tenant ${tenant}`} on ${path}`;
}

function overview(rule: FaultRule): object {
  const { tenant, path } = rule.target;
  return { tenant: tenant ?? null, path, attempts: rule.attemptCount, ...rule.progress() };
}
