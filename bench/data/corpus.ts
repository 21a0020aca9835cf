import { createRandom, SEED } from './random.ts';

/** Series of one shape: what a fleet of services reports. */
export interface SeriesGroup {
  readonly metric: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly seriesCount: number;
  /** The number of the first series; those of another number are other series. */
  readonly firstIndex?: number;
}

export interface BenchSeries {
  /** Sorted by name, as a sender sends them. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly values: Float64Array;
  /** How many scrapes went by before the first value (0). */
  readonly firstScrape?: number;
}

/**
 * The realistic corpus: what a fleet of services reports in an hour, 10,000 series of ten to twelve labels with 240
 * samples each, a scrape every 15 s.
 */
export const fleet = {
  groups: [
    { metric: 'requests_total', kind: 'counter', seriesCount: 4000 },
    { metric: 'latency_seconds_bucket', kind: 'histogram', seriesCount: 4000 },
    { metric: 'memory_megabytes', kind: 'gauge', seriesCount: 2000 },
  ],
  seriesCount: 10_000,
  scrapeCount: 240,
  intervalMs: 15_000,
} as const satisfies { groups: readonly SeriesGroup[]; seriesCount: number; scrapeCount: number; intervalMs: number };

/** `fleet` with a `divisor`-th of its series. */
export function createFleet(divisor = 1, scrapeCount: number = fleet.scrapeCount): BenchSeries[] {
  const groups = fleet.groups.map((group) => ({ ...group, seriesCount: group.seriesCount / divisor }));
  return createCorpus(groups, scrapeCount, SEED);
}

/** Upper bounds of a latency histogram, as client libraries have them by default. */
const BUCKET_BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '+Inf'];

const regions = ['eu-west-1', 'eu-central-1', 'us-east-1', 'us-west-2'];
const handlers = ['/', '/api/users', '/api/orders', '/api/orders/{id}', '/api/search', '/login', '/health', '/static'];
const codes = ['200', '200', '200', '201', '301', '404', '500', '503'];

/** The series of `groups`, each with `sampleCount` values. The same seed gives the same series. */
export function createCorpus(groups: readonly SeriesGroup[], sampleCount: number, seed: number): BenchSeries[] {
  const random = createRandom(seed);
  return groups.flatMap((group) =>
    Array.from({ length: group.seriesCount }, (_, i) => {
      const index = (group.firstIndex ?? 0) + i;
      return { labels: labelsOf(group, index), values: valuesOf(group, index, sampleCount, random) };
    }),
  );
}

/** Ten to twelve labels a series, long and short, some shared by all and some its own. */
function labelsOf({ metric, kind }: SeriesGroup, index: number): [string, string][] {
  const bucket = kind === 'histogram' ? BUCKET_BOUNDS[index % BUCKET_BOUNDS.length]! : undefined;
  const member = kind === 'histogram' ? Math.floor(index / BUCKET_BOUNDS.length) : index;
  const instance = Math.floor(member / handlers.length);
  const pod = `checkout-${(0x5f3a9c + instance * 7919).toString(16)}-${(instance * 104729).toString(36).slice(-5)}`;
  const labels: [string, string][] = [
    ['__name__', metric],
    ['cluster', 'production-1'],
    ['code', codes[member % codes.length]!],
    ['container', 'checkout'],
    ['handler', handlers[member % handlers.length]!],
    ['instance', `10.${(instance >> 8) & 255}.${instance & 255}.17:8080`],
    ['job', 'kubernetes-pods'],
    ['method', member % 3 === 0 ? 'POST' : 'GET'],
    ['namespace', 'shop'],
    ['pod', pod],
    ['region', regions[instance % regions.length]!],
  ];
  if (bucket !== undefined) labels.splice(7, 0, ['le', bucket]);
  return labels;
}

function valuesOf(group: SeriesGroup, index: number, sampleCount: number, random: () => number): Float64Array {
  const values = new Float64Array(sampleCount);
  switch (group.kind) {
    case 'counter': {
      let total = Math.floor(random() * 1e6);
      const perScrape = random() * 50;
      for (let i = 0; i < sampleCount; i++) {
        // A process restarts now and then.
        total = random() < 0.001 ? 0 : total + Math.floor(random() * perScrape);
        values[i] = total;
      }
      return values;
    }
    case 'gauge': {
      let level = random() * 100;
      for (let i = 0; i < sampleCount; i++) {
        level += random() - 0.5;
        values[i] = Math.round(level * 1000) / 1000;
      }
      return values;
    }
    case 'histogram': {
      // A bucket holds what all smaller ones hold: its share of a common count grows with its bound.
      const bucket = index % BUCKET_BOUNDS.length;
      const share = (bucket + 1) / BUCKET_BOUNDS.length;
      for (let i = 0; i < sampleCount; i++) values[i] = Math.floor((i + 1) * 40 * share ** 2);
      return values;
    }
  }
}
