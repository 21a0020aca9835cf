import type { RuleGroup } from '../../ruler/rule-group.ts';

/**
 * A fleet of services with what happens to it: what a scenario file says. Shares are from 0 to 1, factors multiply, times
 * without a date are of UTC.
 */
export interface Scenario {
  /** Also the namespace of its rules. */
  readonly name: string;
  readonly about: string;
  /** Other seeds give other noise, other pods, another share of the traffic for each. */
  readonly seed: string;
  /** When it begins to be live; undefined for whenever it is started. */
  readonly startMs: number | undefined;
  /** How far its past reaches back from there. */
  readonly historyMs: number;
  /** Between samples of the past. */
  readonly historyStepMs: number;
  /** Between samples that are made live. */
  readonly stepMs: number;
  readonly tenants: readonly FleetTenant[];
  readonly services: readonly Service[];
  readonly metrics: readonly CustomMetric[];
  readonly incidents: readonly Incident[];
  /** Every tenant's. */
  readonly groups: readonly RuleGroup[];
  /** What is worth looking at. */
  readonly queries: readonly ShownQuery[];
  readonly expectations: readonly Expectation[];
}

export interface FleetTenant {
  readonly name: string;
  readonly clusters: readonly string[];
  /** How much traffic there is, of what services have. */
  readonly traffic: number;
}

/** Where something is; an empty list means everywhere. */
export interface Place {
  readonly tenants: readonly string[];
  readonly clusters: readonly string[];
}

/** How something goes up and down without an incident. */
export interface Rhythm {
  /** How far a day swings around its mean. */
  readonly daily: number;
  /** When the day's peak is, from midnight. */
  readonly peakMs: number;
  /** What is left of it on Saturday and Sunday. */
  readonly weekend: number;
  /** How far it wanders by chance. */
  readonly noise: number;
}

export interface Service extends Place, Rhythm {
  readonly name: string;
  /** In each cluster. */
  readonly pods: number;
  /** A second and cluster, on average. */
  readonly requestsPerSecond: number;
  /** The share of each route; together 1. */
  readonly routes: Readonly<Record<string, number>>;
  /** Shares of requests that are answered with 500 and 404. */
  readonly errors: number;
  readonly clientErrors: number;
  /** Half of the requests are faster. */
  readonly latencyMs: number;
  /** A hundredth of the requests is slower. */
  readonly latencyP99Ms: number;
  /** Of a pod, at average traffic. */
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  /** Whether its latency is there as a native histogram too. */
  readonly native: boolean;
}

/** A metric beside those that services have: a series in each cluster for every combination of labels. */
export interface CustomMetric extends Place, Rhythm {
  readonly name: string;
  readonly help: string;
  readonly kind: 'gauge' | 'counter';
  /** Of a gauge its mean, of a counter what it grows by in a second. */
  readonly value: number;
  /** Each label with its values. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

export const incidentKinds = ['outage', 'surge', 'deploy', 'reset', 'leak', 'bomb'] as const;
export type IncidentKind = (typeof incidentKinds)[number];

/** Something that happens, once or again and again. */
export interface Incident extends Place {
  readonly name: string;
  readonly kind: IncidentKind;
  readonly when: Recurrence;
  readonly durationMs: number;
  /** Empty means all services, unless `metrics` are named. */
  readonly services: readonly string[];
  readonly metrics: readonly string[];
  /** The share of requests that fail meanwhile; undefined as ever. */
  readonly errors: number | undefined;
  /** These multiply. */
  readonly requests: number;
  readonly latency: number;
  readonly cpu: number;
  readonly value: number;
  /** A leak's: what memory is at the end, of what it was. */
  readonly memory: number;
  /** How many pods of a service are gone meanwhile. */
  readonly downPods: number;
  /** A bomb's: how many series there are in the end. */
  readonly seriesCount: number;
}

/** When something happens: at one time, or at every `periodMs` plus `offsetMs` since 1970. */
export type Recurrence =
  | { readonly kind: 'at'; readonly timeMs: number }
  /** From the start of the scenario, negative before it. */
  | { readonly kind: 'from-start'; readonly offsetMs: number }
  | { readonly kind: 'every'; readonly periodMs: number; readonly offsetMs: number };

export interface ShownQuery {
  readonly title: string;
  readonly query: string;
  /** Empty for the first one. */
  readonly tenant: string;
  readonly rangeMs: number;
}

/** What has to be so at some time; a scenario with these is a test of its rules. */
export type Expectation = ExpectedAlert | ExpectedValue;

interface ExpectationPlace {
  /** From 1, in the file. */
  readonly line: number;
  readonly when: Exclude<Recurrence, { kind: 'every' }>;
  readonly tenant: string;
}

export interface ExpectedAlert extends ExpectationPlace {
  readonly kind: 'alert';
  readonly alert: string;
  readonly state: 'inactive' | 'pending' | 'firing';
  /** Those that the alert has among others. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface ExpectedValue extends ExpectationPlace {
  readonly kind: 'value';
  /** Gives one series, or a scalar. */
  readonly query: string;
  /** Both included. */
  readonly atLeast: number;
  readonly atMost: number;
}
