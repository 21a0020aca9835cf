import type { Clock } from '../model/clock.ts';
import { decodeUtf8 } from '../model/utf8.ts';
import type { Store } from '../storage/types.ts';
import type { PocketAnswer, PocketRoute, RouteParameter } from './api/route.ts';
import { integer, object, success } from './api/schema.ts';
import { readSpan, readTime } from './fixture/clock-control.ts';
import { loadNotation } from './fixture/load.ts';
import { readTenantName, type TenantCopies } from './fixture/tenant-copies.ts';

const LOAD_LIMIT_BYTES = 64 << 20;
const tenant: RouteParameter = { name: 'tenant', in: 'path', about: 'The id of a tenant.' };
const snapshot: RouteParameter = { name: 'name', in: 'path', about: 'The name of a snapshot.' };
const done: PocketAnswer = { json: { status: 'success' } };
const responses = { 200: { about: 'It is done.', schema: object({ status: success }) } };

export interface TenantRoutesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly copies: TenantCopies;
}

/** Whole tenants over HTTP: emptied, copied, kept, brought back, filled. */
export function tenantRoutes({ store, clock, copies }: TenantRoutesOptions): readonly PocketRoute[] {
  return [
    {
      method: 'POST',
      path: '/tenants/{tenant}/reset',
      summary: 'Takes away all that a tenant has: series, rules, alerts.',
      parameters: [tenant],
      responses,
      handle: async ({ path }) => {
        await copies.reset(readTenantName(path['tenant']!));
        return done;
      },
    },
    {
      method: 'POST',
      path: '/tenants/{tenant}/fork',
      summary: 'Makes another tenant what this one is, with its rules and how its alerts stand.',
      parameters: [tenant, { name: 'to', in: 'query', about: 'The id of the other tenant.', isRequired: true }],
      responses,
      handle: async (call) => {
        await copies.fork(readTenantName(call.path['tenant']!), readTenantName(call.get('to')));
        return done;
      },
    },
    {
      method: 'PUT',
      path: '/tenants/{tenant}/snapshots/{name}',
      summary: 'Keeps a tenant as it is now under a name.',
      parameters: [tenant, snapshot],
      responses,
      handle: async ({ path }) => {
        await copies.save(readTenantName(path['tenant']!), path['name']!);
        return done;
      },
    },
    {
      method: 'POST',
      path: '/tenants/{tenant}/snapshots/{name}/restore',
      summary: 'Makes a tenant what it was when the snapshot was taken.',
      parameters: [tenant, snapshot],
      responses,
      handle: async ({ path }) => {
        await copies.restore(readTenantName(path['tenant']!), path['name']!);
        return done;
      },
    },
    {
      method: 'DELETE',
      path: '/tenants/{tenant}/snapshots/{name}',
      summary: 'Lets go of a snapshot.',
      parameters: [tenant, snapshot],
      responses,
      handle: ({ path }) => {
        copies.forget(readTenantName(path['tenant']!), path['name']!);
        return done;
      },
    },
    {
      method: 'POST',
      path: '/tenants/{tenant}/load',
      summary: 'Takes series as test scripts have them, one a line, at any time: `up{job="api"} 1 1 0x5`.',
      parameters: [
        tenant,
        { name: 'start', in: 'query', about: 'The time of the first point; by default the longest line ends now.' },
        { name: 'step', in: 'query', about: 'From one point to the next; 15s by default.' },
      ],
      body: {
        contentType: 'text/plain',
        about: 'The series.',
        example: 'up{job="api"} 1 1 0x5\n',
        limitBytes: LOAD_LIMIT_BYTES,
      },
      responses: {
        200: {
          about: 'How much was taken.',
          schema: object({ status: success, series: integer, samples: integer }),
        },
      },
      handle: async (call) => {
        const stepMs = readSpan(call.get('step') || '15s');
        const start = call.get('start');
        const startMs = start === '' ? undefined : readTime(/^-?\d+$/.test(start) ? Number(start) : start);
        const times = startMs === undefined ? { endMs: clock.nowMs(), stepMs } : { startMs, stepMs };
        const to = readTenantName(call.path['tenant']!);
        const { seriesCount, sampleCount } = await loadNotation(store, to, decodeUtf8(call.body), times);
        return { json: { status: 'success', series: seriesCount, samples: sampleCount } };
      },
    },
  ];
}
