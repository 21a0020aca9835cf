import { loadGrammar } from '../../http/load-grammar.ts';
import { parseDuration } from '../../model/duration.ts';
import { PocketCortexError } from '../../model/errors.ts';
import { formatFloat } from '../../model/go-float.ts';
import type { PocketCall, PocketRoute, RouteParameter } from '../api/route.ts';
import { tenantOf } from '../api/tenant-parameter.ts';
import { type JournalEntry, type ReceivedSeries, receivedSeries } from './entry.ts';
import type { Journal, JournalFilter } from './journal.ts';
import { journalSchema, lastSchema, limitsSchema, metSchema, noWritesSchema, unmetSchema } from './journal-schemas.ts';

const filterParameters: readonly RouteParameter[] = [
  { name: 'tenant', in: 'query', about: 'Whose requests; X-Scope-OrgID does as well.' },
  { name: 'protocol', in: 'query', about: 'write, or one of remote-write-1, remote-write-2, otlp, text.' },
  { name: 'path', in: 'query', about: 'Their path.' },
  { name: 'status', in: 'query', about: 'The status they were answered with; 0 for none.', type: 'integer' },
  { name: 'match[]', in: 'query', about: 'Only writes with a series of this selector, and only those series.' },
  { name: 'after', in: 'query', about: 'Only requests behind the one of this number (`sequence`).', type: 'integer' },
];

/** How long somebody may wait at most. */
const LONGEST_WAIT_MS = 600_000;
/** So many samples of a series are shown. */
const SAMPLES_LIMIT = 100;

const protocols = ['write', 'remote-write-1', 'remote-write-2', 'otlp', 'text'] as const;

/** The journal: switched on, asked, waited for. */
export function journalRoutes(journal: Journal): readonly PocketRoute[] {
  return [
    {
      method: 'GET',
      path: '/journal',
      summary: 'The last requests, decoded, oldest first.',
      parameters: [
        ...filterParameters,
        { name: 'limit', in: 'query', about: 'The last so many; 100.', type: 'integer' },
      ],
      responses: { 200: { about: 'A list, and the number of the last request.', schema: journalSchema } },
      handle: async (call) => {
        expectOn(journal);
        const filter = await filterOf(call);
        const limit = wholeNumber(call, 'limit', 100);
        const entries = limit === 0 ? [] : journal.find(filter).slice(-limit);
        return { json: { last: journal.lastSequence, requests: entries.map((entry) => shown(entry, filter)) } };
      },
    },
    {
      method: 'PUT',
      path: '/journal',
      summary: 'Keeps the last so many requests from now on.',
      parameters: [
        { name: 'requests', in: 'query', about: 'How many; 0 switches the journal off.', type: 'integer' },
        { name: 'bytes', in: 'query', about: 'How much memory what they carry may take.', type: 'integer' },
      ],
      responses: { 200: { about: 'What is in force.', schema: limitsSchema } },
      handle: (call) => {
        const { maxRequests, maxBytes } = journal.limits;
        journal.setLimits({
          maxRequests: wholeNumber(call, 'requests', maxRequests),
          maxBytes: wholeNumber(call, 'bytes', maxBytes),
        });
        return { json: { requests: journal.limits.maxRequests, bytes: journal.limits.maxBytes } };
      },
    },
    {
      method: 'DELETE',
      path: '/journal',
      summary: 'Forgets all requests.',
      responses: { 200: { about: 'The number of the last request.', schema: lastSchema } },
      handle: () => {
        journal.clear();
        return { json: { last: journal.lastSequence } };
      },
    },
    {
      method: 'GET',
      path: '/journal/expect',
      summary: 'Waits until so many such requests are there.',
      parameters: [
        ...filterParameters,
        { name: 'count', in: 'query', about: 'How many; 1.', type: 'integer' },
        { name: 'timeout', in: 'query', about: 'How long to wait, in time of the machine; 5s.' },
      ],
      responses: {
        200: { about: 'They are there.', schema: metSchema },
        417: { about: 'They did not come; these did.', schema: unmetSchema },
      },
      handle: async (call) => {
        expectOn(journal);
        const filter = await filterOf(call);
        const count = wholeNumber(call, 'count', 1);
        const waiting = { timeoutMs: durationMs(call, 'timeout', 5000), signal: call.signal };
        const found = await journal.waitFor(filter, count, waiting);
        const requests = found.map((entry) => shown(entry, filter));
        if (found.length >= count) return { json: { isMet: true, requests } };
        const others = journal.find({ tenant: filter.tenant }).slice(-10);
        return { status: 417, json: { isMet: false, requests, others: others.map((entry) => shown(entry, {})) } };
      },
    },
    {
      method: 'GET',
      path: '/journal/expect-no-writes',
      summary: 'Waits, and says whether nothing was written meanwhile.',
      parameters: [
        ...filterParameters,
        { name: 'for', in: 'query', about: 'How long to wait, in time of the machine; 1s.' },
      ],
      responses: {
        200: { about: 'Nothing came.', schema: noWritesSchema },
        417: { about: 'This came.', schema: metSchema },
      },
      handle: async (call) => {
        expectOn(journal);
        const filter = await filterOf(call);
        const waiting = { timeoutMs: durationMs(call, 'for', 1000), signal: call.signal };
        const entry = await journal.nextWrite(filter, waiting);
        if (entry === undefined) return { json: { isMet: true } };
        return { status: 417, json: { isMet: false, requests: [shown(entry, filter)] } };
      },
    },
  ];
}

function expectOn(journal: Journal): void {
  if (journal.isOn) return;
  const how = 'PUT /pocket/v1/journal?requests=100, or start with -pocket.journal-requests=100';
  throw new PocketCortexError('bad-data', `the journal is off: ${how}`);
}

async function filterOf(call: PocketCall): Promise<JournalFilter> {
  const protocol = protocols.find((one) => one === call.get('protocol'));
  if (protocol === undefined && call.get('protocol') !== '') {
    throw new PocketCortexError('bad-data', `protocol is one of ${protocols.join(', ')}`);
  }
  const selector = call.get('match[]');
  const status = call.get('status');
  return {
    tenant: tenantOf(call),
    protocol,
    path: call.get('path') || undefined,
    status: status === '' ? undefined : wholeNumber(call, 'status', 0),
    matchers: selector === '' ? undefined : (await loadGrammar()).parseSelector(selector),
    afterSequence: call.get('after') === '' ? undefined : wholeNumber(call, 'after', 0),
  };
}

function wholeNumber(call: PocketCall, name: string, whenMissing: number): number {
  const text = call.get(name);
  if (text === '') return whenMissing;
  if (!/^\d{1,12}$/.test(text)) throw new PocketCortexError('bad-data', `${name} is a whole number, not "${text}"`);
  return Number(text);
}

function durationMs(call: PocketCall, name: string, whenMissing: number): number {
  const text = call.get(name);
  if (text === '') return whenMissing;
  const duration = parseDuration(text);
  if (!duration.ok) throw new PocketCortexError('bad-data', `${name}: ${duration.reason}`);
  return Math.min(duration.ms, LONGEST_WAIT_MS);
}

/** As JSON: values as the query API writes them. */
function shown(entry: JournalEntry, { matchers }: JournalFilter): object {
  const { write, tenant, fault, wouldRefuse, sizeBytes: _, ...rest } = entry;
  return {
    ...rest,
    tenant: tenant ?? null,
    fault: fault ?? null,
    wouldRefuse: wouldRefuse ?? null,
    write: write === undefined ? null : shownWrite(write, matchers),
  };
}

function shownWrite(write: NonNullable<JournalEntry['write']>, matchers: JournalFilter['matchers']): object {
  const { parts, sizeBytes: _, lagMs, ...counts } = write;
  const series = [];
  for (const received of receivedSeries(write, matchers)) series.push(shownSeries(received));
  return { ...counts, lagMs: lagMs ?? null, series: parts === undefined ? null : series };
}

function shownSeries({ labels, timestampsMs, values, histograms, exemplars }: ReceivedSeries): object {
  const samples = [];
  const shownCount = Math.min(timestampsMs.length, SAMPLES_LIMIT);
  for (let i = 0; i < shownCount; i++) samples.push([timestampsMs[i], formatFloat(values[i]!)]);
  return {
    labels: labels.toRecord(),
    sampleCount: timestampsMs.length,
    samples,
    histograms: histograms.slice(0, SAMPLES_LIMIT).map(({ timestampMs, schema, count, sum }) => {
      return [timestampMs, { schema, count: formatFloat(count), sum: formatFloat(sum) }];
    }),
    exemplars: exemplars.slice(0, SAMPLES_LIMIT).map(({ labels: pairs, value, timestampMs }) => {
      return { labels: Object.fromEntries(pairs), value: formatFloat(value), timestampMs };
    }),
  };
}
