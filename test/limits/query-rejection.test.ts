import { expect, test } from 'vitest';
import type { QueryAttribute } from '../../src/limits/limit-records.ts';
import { type DescribedQuery, isRejected } from '../../src/limits/query-rejection.ts';
import { attribute } from '../support/limit-requests.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 1_000 * HOUR_MS;

const query: DescribedQuery = {
  apiType: 'query_range',
  texts: ['sum(rate(requests_total[5m]))'],
  startMs: NOW_MS - 2 * HOUR_MS,
  endMs: NOW_MS - HOUR_MS,
  stepMs: 60_000,
  userAgent: 'grafana/12',
  dashboardUid: 'd1',
  panelId: '7',
};
const labels: DescribedQuery = { ...query, apiType: 'labels', texts: [], stepMs: undefined };

const cases: [what: string, attribute: Partial<QueryAttribute>, query: DescribedQuery, isLike: boolean][] = [
  ['nothing is like nothing', {}, query, false],
  ['the API', { apiType: 'query_range' }, query, true],
  ['another API', { apiType: 'query' }, query, false],
  ['a part of the text', { regex: 'requests_t.tal' }, query, true],
  ['an anchored text that is elsewhere', { regex: '^requests' }, query, false],
  ['any text', { regex: '.*' }, query, true],
  ['any selector where there is none', { regex: '.*' }, labels, true],
  ['a selector where there is none', { regex: '.+' }, labels, false],
  ['all of several', { regex: 'sum', panelId: '7' }, query, true],
  ['not all of several', { regex: 'sum', panelId: '8' }, query, false],
  ['dashboards do not count for labels', { apiType: 'labels', dashboardUid: 'other' }, labels, true],
  ['a step in the limits', { queryStepLimit: { minMs: 60_000, maxMs: 60_000 } }, query, true],
  ['a step beyond them', { queryStepLimit: { minMs: 0, maxMs: 30_000 } }, query, false],
  ['a range in the limits', { timeRangeLimit: { minMs: HOUR_MS, maxMs: 0 } }, query, true],
  ['a range beyond them', { timeRangeLimit: { minMs: 0, maxMs: HOUR_MS - 1 } }, query, false],
  ['a window around it', { timeWindow: { startMs: 2 * HOUR_MS, endMs: HOUR_MS } }, query, true],
  ['a window that begins later', { timeWindow: { startMs: HOUR_MS, endMs: 0 } }, query, false],
  ['a window that ends earlier', { timeWindow: { startMs: 0, endMs: 2 * HOUR_MS } }, query, false],
  ['a window, of what has no times', { timeWindow: { startMs: HOUR_MS, endMs: 0 } }, { ...query, startMs: 0 }, false],
  ['the client', { userAgentRegex: '^grafana' }, query, true],
  ['another client', { userAgentRegex: 'curl' }, query, false],
];
test.for(cases)('%s', ([, own, asked, isLike]) => {
  expect(isRejected([{ ...attribute, ...own }], asked, NOW_MS)).toBe(isLike);
});
