import { Labels } from './model/labels.ts';
import { describeSeries } from './pocket/fixture/describe.ts';
import { describeReceived, type ReceiveExpectation, UnmetExpectation } from './pocket/fixture/received.ts';
import type { InstantSeries } from './pocket/fixture/results.ts';
import type { TenantFixture } from './pocket/fixture/tenant-fixture.ts';

type Asked = Pick<TenantFixture, 'id' | 'query' | 'waitFor' | 'whyEmpty' | 'waitToReceive' | 'waitForNoWrites'>;
type LabelsInput = Readonly<Record<string, string>>;

export interface SeriesExpectation {
  /** Real milliseconds to wait for it; by default it has to be there at once. */
  readonly timeoutMs?: number;
}

export interface ValueExpectation extends SeriesExpectation {
  /** How far the value may be off; 0 by default. */
  readonly within?: number;
}

/** What the matchers add to `expect(tenant)`: extend the `Matchers` of your test runner by it. */
export interface PocketCortexMatchers<R = unknown> {
  /**
   * That the query gives series: any at all, or for each of `expected` one that has these labels (and maybe others); with
   * an empty list, none.
   */
  toHaveSeries(query: string, expected?: readonly LabelsInput[], options?: SeriesExpectation): Promise<R>;
  /** That the query gives one series, with this value. */
  toHaveValue(query: string, value: number, options?: ValueExpectation): Promise<R>;
  /**
   * That series which pass the selector came for the tenant over HTTP, or come within `timeoutMs`: 5 seconds by default, none
   * with `not`.
   */
  toReceive(selector: string, expectation?: ReceiveExpectation): Promise<R>;
  /** That no write came for the tenant over HTTP, and none comes in `forMs` real milliseconds, by default 0. */
  toReceiveNoWrites(options?: { readonly forMs?: number }): Promise<R>;
}

interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The part of a matcher's `this` that is used: of vitest's and of jest's. */
interface MatcherState {
  readonly isNot?: boolean;
}

async function toHaveSeries(
  this: MatcherState,
  tenant: Asked,
  query: string,
  expected?: readonly LabelsInput[],
  { timeoutMs = 0 }: SeriesExpectation = {},
): Promise<Verdict> {
  const isFine = (series: readonly InstantSeries[]): boolean => {
    if (expected === undefined) return series.length > 0;
    return expected.length === 0 ? series.length === 0 : missingOf(series, expected).length === 0;
  };
  const series = await look(tenant, query, { timeoutMs, isFine, isNot: this.isNot === true });
  return verdict(tenant, query, series, isFine(series), (not) => {
    if (expected === undefined) return not ? 'no series' : 'series';
    if (expected.length === 0) return not ? 'series' : 'no series';
    const texts = (not ? expected : missingOf(series, expected)).map((labels) => `${Labels.fromRecord(labels)}`);
    return `${not ? 'no ' : ''}${texts.join(' and ')}`;
  });
}

async function toHaveValue(
  this: MatcherState,
  tenant: Asked,
  query: string,
  value: number,
  { within = 0, timeoutMs = 0 }: ValueExpectation = {},
): Promise<Verdict> {
  const isFine = (series: readonly InstantSeries[]): boolean => {
    const [only] = series;
    if (only === undefined || series.length > 1 || only.histogram) return false;
    return Object.is(only.value, value) || Math.abs(only.value - value) <= within;
  };
  const series = await look(tenant, query, { timeoutMs, isFine, isNot: this.isNot === true });
  const wanted = `${value}${within > 0 ? ` (± ${within})` : ''}`;
  return verdict(
    tenant,
    query,
    series,
    isFine(series),
    (not) => `${not ? 'anything but ' : 'one series of '}${wanted}`,
  );
}

async function toReceive(
  this: MatcherState,
  tenant: Asked,
  selector: string,
  expectation: ReceiveExpectation = {},
): Promise<Verdict> {
  const waited = this.isNot === true ? { timeoutMs: 0, ...expectation } : expectation;
  return metOr(
    tenant.waitToReceive(selector, waited),
    (series) => `expected tenant ${tenant.id} not to receive ${selector}\nit received${describeReceived(series)}`,
  );
}

function toReceiveNoWrites(this: MatcherState, tenant: Asked, options?: { readonly forMs?: number }): Promise<Verdict> {
  return metOr(tenant.waitForNoWrites(options), () => `expected tenant ${tenant.id} to receive writes`);
}

/** Passes with `message` for the opposite, or fails with what was there. */
async function metOr<Found>(waiting: Promise<Found>, message: (found: Found) => string): Promise<Verdict> {
  try {
    const found = await waiting;
    return { pass: true, message: () => message(found) };
  } catch (error) {
    if (!(error instanceof UnmetExpectation)) throw error;
    return { pass: false, message: () => error.message };
  }
}

/** For `expect.extend` of vitest and jest. */
export const matchers = { toHaveSeries, toHaveValue, toReceive, toReceiveNoWrites };

interface Look {
  readonly timeoutMs: number;
  readonly isFine: (series: readonly InstantSeries[]) => boolean;
  readonly isNot: boolean;
}

/** What the query gives, at last when it is as it shall be or the time is up. */
async function look(tenant: Asked, query: string, { timeoutMs, isFine, isNot }: Look): Promise<InstantSeries[]> {
  if (timeoutMs === 0) return tenant.query(query);
  let seen: readonly InstantSeries[] | undefined;
  const isDone = (series: readonly InstantSeries[]): boolean => {
    seen = series;
    return isFine(series) !== isNot;
  };
  try {
    return await tenant.waitFor(query, isDone, { timeoutMs });
  } catch (error) {
    // It is told what was there, in the words of the matcher; a query that fails is another matter.
    if (seen === undefined || isDone(await tenant.query(query))) throw error;
    return [...seen];
  }
}

function missingOf(series: readonly InstantSeries[], expected: readonly LabelsInput[]): LabelsInput[] {
  const has = (labels: LabelsInput): boolean =>
    series.some((one) => Object.entries(labels).every(([name, value]) => (one.labels[name] ?? '') === value));
  return expected.filter((labels) => !has(labels));
}

async function verdict(
  tenant: Asked,
  query: string,
  series: readonly InstantSeries[],
  pass: boolean,
  wanted: (isNot: boolean) => string,
): Promise<Verdict> {
  const reasons = pass || series.length > 0 ? [] : await tenant.whyEmpty(query);
  const expected = `expected ${query} of tenant ${tenant.id} to give ${wanted(pass)}`;
  const text = [expected, `it gives ${describeSeries(series)}`, ...reasons].join('\n');
  return { pass, message: () => text };
}
