import { decodeUtf8 } from '../../model/utf8.ts';
import type { PocketAnswer, PocketCall, PocketRoute, RouteBody, RouteParameter } from '../api/route.ts';
import { integer, list, object, success, text, timeMs } from '../api/schema.ts';
import { readSpan, readTime } from '../fixture/clock-control.ts';
import { readTenantName } from '../fixture/tenant-copies.ts';
import type { ScenarioChanges, Scenarios } from './scenarios.ts';

const LIMIT_BYTES = 4 << 20;

const tenant: RouteParameter = { name: 'tenant', in: 'path', about: 'The id of a tenant.' };
const changes: readonly RouteParameter[] = [
  { name: 'seed', in: 'query', about: 'In place of the seed of the file.' },
  { name: 'history', in: 'query', about: 'How far its past reaches back, as 7d, in place of what the file says.' },
  { name: 'start', in: 'query', about: 'When it begins to be live, in place of what the file says, or of now.' },
  { name: 'still', in: 'query', about: 'Whether it ends now instead of following the clock.', type: 'boolean' },
];
const body: RouteBody = {
  contentType: 'application/yaml',
  about: 'A scenario file: a fleet, what happens to it, and its rules.',
  example: 'name: one\nhistory: 1h\ntenants: [{name: team-a}]\nservices: [{name: api, requests: 10/s}]\n',
  limitBytes: LIMIT_BYTES,
};
const played = {
  200: {
    about: 'Where it went, and how much it was.',
    schema: object({
      status: success,
      name: text,
      tenants: list(text),
      start: text,
      begin: text,
      series: integer,
      samples: integer,
    }),
  },
};

/** Scenarios over HTTP: played, listed, ended. */
export function scenarioRoutes(scenarios: Scenarios): readonly PocketRoute[] {
  return [
    {
      method: 'POST',
      path: '/scenarios',
      summary: 'Plays a scenario: its tenants get their past with their rules, and what happens from now on.',
      parameters: changes,
      body,
      responses: played,
      handle: async (call) => answer(await scenarios.playText(decodeUtf8(call.body), changesOf(call), options(call))),
    },
    {
      method: 'POST',
      path: '/tenants/{tenant}/scenario',
      summary: 'Plays one tenant of a scenario, as this tenant.',
      parameters: [
        tenant,
        { name: 'from', in: 'query', about: 'Which of its tenants; the first by default.' },
        ...changes,
      ],
      body,
      responses: played,
      handle: async (call) => {
        const only = { name: call.get('from'), as: readTenantName(call.path['tenant']!) };
        return answer(await scenarios.playText(decodeUtf8(call.body), changesOf(call), { ...options(call), only }));
      },
    },
    {
      method: 'GET',
      path: '/scenarios',
      summary: 'The scenarios that follow the clock.',
      responses: {
        200: {
          about: 'Their names, starts and tenants.',
          schema: object({
            scenarios: list(object({ name: text, start: text, startMs: timeMs, tenants: list(text) })),
          }),
        },
      },
      handle: () => ({
        json: { scenarios: scenarios.list().map((one) => ({ ...one, start: new Date(one.startMs).toISOString() })) },
      }),
    },
    {
      method: 'DELETE',
      path: '/tenants/{tenant}/scenario',
      summary: 'Ends what plays into a tenant; what is there stays.',
      parameters: [tenant],
      responses: { 200: { about: 'It is done.', schema: object({ status: success }) } },
      handle: ({ path }) => {
        scenarios.stop(readTenantName(path['tenant']!));
        return { json: { status: 'success' } };
      },
    },
  ];
}

function answer({ name, tenants, startMs, beginMs, seriesCount, sampleCount }: Played): PocketAnswer {
  const times = { start: new Date(startMs).toISOString(), begin: new Date(beginMs).toISOString() };
  return { json: { status: 'success', name, tenants, ...times, series: seriesCount, samples: sampleCount } };
}

type Played = Awaited<ReturnType<Scenarios['playText']>>;

function changesOf(call: PocketCall): ScenarioChanges {
  const start = call.get('start');
  return {
    seed: call.get('seed') || undefined,
    historyMs: call.get('history') === '' ? undefined : readSpan(call.get('history')),
    startMs: start === '' ? undefined : readTime(/^-?\d+$/.test(start) ? Number(start) : start),
  };
}

function options(call: PocketCall): { readonly isStill: boolean } {
  return { isStill: /^(1|true)$/.test(call.get('still')) };
}
