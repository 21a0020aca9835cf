/** What the page asks for; answers are those of the public API. */

export type Metric = Readonly<Record<string, string>>;
export type SamplePair = readonly [timeSeconds: number, value: string];

export interface HistogramJson {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [boundaries: number, from: string, to: string, count: string])[];
}

export interface VectorEntry {
  readonly metric: Metric;
  readonly value?: SamplePair;
  readonly histogram?: readonly [number, HistogramJson];
}

export interface MatrixEntry {
  readonly metric: Metric;
  readonly values?: readonly SamplePair[];
  readonly histograms?: readonly (readonly [number, HistogramJson])[];
}

export type QueryData =
  | { readonly resultType: 'vector'; readonly result: readonly VectorEntry[] }
  | { readonly resultType: 'matrix'; readonly result: readonly MatrixEntry[] }
  | { readonly resultType: 'scalar'; readonly result: SamplePair }
  | { readonly resultType: 'string'; readonly result: SamplePair };

export interface Answer<Data> {
  readonly data: Data;
  /** Warnings and infos, in this order. */
  readonly notes: readonly string[];
}

export interface RuleJson {
  readonly type: 'recording' | 'alerting';
  readonly name: string;
  readonly query: string;
  readonly health: string;
  readonly lastError?: string;
  readonly state?: 'inactive' | 'pending' | 'firing';
  readonly duration?: number;
  readonly alerts?: readonly AlertJson[];
}

export interface AlertJson {
  readonly labels: Metric;
  readonly annotations: Metric;
  readonly state: string;
  readonly activeAt: string;
  readonly value: string;
}

export interface GroupJson {
  readonly name: string;
  readonly file: string;
  readonly interval: number;
  readonly rules: readonly RuleJson[];
}

/** The tenants that have data, sorted. */
export async function fetchTenants(): Promise<string[]> {
  const response = await fetch('/distributor/all_user_stats', { headers: { Accept: 'application/json' } });
  const lines = (await response.json()) as readonly { readonly userID: string }[] | null;
  return (lines ?? []).map(({ userID }) => userID).sort();
}

/** What time it is at the server, whose clock may be set; that of the browser when it does not tell. */
export async function fetchNowMs(): Promise<number> {
  try {
    const clock = (await (await fetch('/pocket/v1/clock')).json()) as { readonly nowMs?: number };
    return clock.nowMs ?? Date.now();
  } catch {
    return Date.now();
  }
}

/**
 * One request to the Prometheus API of a tenant.
 * @throws {Error} with the server's text
 */
export async function ask<Data>(
  tenant: string,
  path: string,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer<Data>> {
  const prefix = document.querySelector('meta[name="prometheus-prefix"]')?.getAttribute('content') ?? '';
  const headers: Record<string, string> = tenant === '' ? {} : { 'X-Scope-OrgID': tenant };
  const response = await fetch(`${prefix}/api/v1/${path}?${new URLSearchParams(parameters)}`, { headers, signal });
  const text = await response.text();
  const body = jsonOf(text);
  if (body?.status !== 'success') throw new Error(body?.error ?? (text.trim() || `status ${response.status}`));
  return { data: body.data as Data, notes: [...(body.warnings ?? []), ...(body.infos ?? [])] };
}

interface Body {
  readonly status: string;
  readonly data?: unknown;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

function jsonOf(text: string): Body | undefined {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return undefined;
  }
}
