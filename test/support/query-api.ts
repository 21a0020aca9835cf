/** A Prometheus-compatible query API: `baseUrl` ends where `/api/v1` begins. */
export interface QueryApi {
  readonly baseUrl: string;
  readonly tenant?: string;
}

export interface ApiData {
  readonly resultType: string;
  readonly result: unknown;
}

export type SampleText = readonly [timeSeconds: number, value: string];

/** A native histogram; a bucket is what its ends include, its ends, and its count. */
export interface ApiHistogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [ends: number, lower: string, upper: string, count: string])[];
}

export type HistogramSample = readonly [timeSeconds: number, histogram: ApiHistogram];

export interface ApiSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: SampleText;
  readonly values?: readonly SampleText[];
  readonly histogram?: HistogramSample;
  readonly histograms?: readonly HistogramSample[];
}

/** @throws with the server's words when it does not answer `success`. */
export async function apiGet(api: QueryApi, path: string, query: Readonly<Record<string, string | number>>) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) form.set(name, String(value));
  const headers = api.tenant === undefined ? {} : { 'X-Scope-OrgID': api.tenant };
  const response = await fetch(`${api.baseUrl}/api/v1/${path}?${form}`, { headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} for ${path} ${JSON.stringify(query)}: ${text}`);
  return JSON.parse(text).data as unknown;
}

export async function instantQuery(api: QueryApi, query: string, timeMs: number): Promise<ApiData> {
  return (await apiGet(api, 'query', { query, time: timeMs / 1000 })) as ApiData;
}

export interface RangeQuery {
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

export async function rangeQuery(api: QueryApi, { query, startMs, endMs, stepMs }: RangeQuery): Promise<ApiData> {
  const parameters = { query, start: startMs / 1000, end: endMs / 1000, step: stepMs / 1000 };
  return (await apiGet(api, 'query_range', parameters)) as ApiData;
}

/** The one value of an instant query that gives one series or a scalar. */
export async function singleValue(api: QueryApi, query: string, timeMs: number): Promise<number | undefined> {
  const { resultType, result } = await instantQuery(api, query, timeMs);
  if (resultType === 'scalar') return parseValue((result as SampleText)[1]);
  const series = result as readonly ApiSeries[];
  if (series.length > 1) throw new Error(`${query} gives ${series.length} series`);
  const sample = series[0]?.value;
  return sample === undefined ? undefined : parseValue(sample[1]);
}

/** Prometheus's text of a value. */
export function parseValue(text: string): number {
  if (text === '+Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return Number(text);
}
