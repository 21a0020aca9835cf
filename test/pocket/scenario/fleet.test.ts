import { describe, expect, test } from 'vitest';
import { Fleet } from '../../../src/pocket/scenario/fleet.ts';
import { expectScenario } from '../../../src/pocket/scenario/read-scenario.ts';
import { historyBegin, timesBetween } from '../../../src/pocket/scenario/sample-times.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MONDAY_MS = Date.UTC(2026, 0, 5);
const startMs = MONDAY_MS + 12 * HOUR_MS;

const everything = `
name: everything
history: 3h
tenants: [{name: a, clusters: [x, y], traffic: x2}, {name: b}]
services:
- {name: api, requests: 20/s, daily: 40%, noise: 10%, routes: {/: 70%, /b: 30%}, client_errors: 1%, native: true}
- {name: db, pods: 3, requests: 5}
metrics:
- {name: queue, value: 10, noise: 20%, labels: {q: [m, n]}}
- {name: sold_total, kind: counter, value: 0.5, daily: 50%}
incidents:
- {kind: deploy, at: Mon 10:00, for: 10m, services: api}
- {kind: reset, at: 09:30, services: db, clusters: x}
- {kind: outage, at: -90m, for: 20m, services: db, down: 1, errors: 20%, latency: x4}
- {kind: leak, at: -100m, for: 60m, services: api, memory: x3}
- {kind: bomb, at: -1h, for: 20m, services: api, clusters: x, series: 20}
- {kind: surge, at: -80m, for: 30m, metrics: [queue, sold_total], value: x5}
`;

interface Options {
  readonly text?: string;
  readonly tenant?: number;
  readonly beginMs?: number;
  readonly untilMs?: number;
  readonly startMs?: number;
  /** How many samples are made at once. */
  readonly blockLength?: number;
}

/** The samples of a series in order of time; `stale` for its end. */
type Samples = [timeMs: number, text: string][];

/** Every sample of every series, by metric and labels. */
function samplesOf({ text = everything, tenant = 0, blockLength, ...times }: Options): Map<string, Samples> {
  const scenario = expectScenario(text);
  const { beginMs = historyBegin(scenario, startMs), untilMs = startMs } = times;
  const fleet = new Fleet({
    scenario,
    tenant: scenario.tenants[tenant]!,
    startMs: times.startMs ?? startMs,
    afterMs: beginMs,
  });
  const series = new Map<string, Samples>();
  for (const block of timesBetween(scenario, { startMs, afterMs: beginMs, untilMs })) {
    const length = blockLength ?? block.length;
    for (let from = 0; from < block.length; from += length) {
      for (const { labels, samplesStart, samples } of fleet.advance(block.slice(from, from + length))) {
        labels.forEach((one, run) => {
          const name = `${one.metricName}${one.withoutMetricName()}`;
          const own = series.get(name) ?? [];
          series.set(name, own);
          for (let i = samplesStart[run]!; i < samplesStart[run + 1]!; i++) {
            const histogram = samples.histograms?.[i];
            const value = histogram === undefined ? `${samples.values[i]}` : JSON.stringify(histogram);
            own.push([samples.timestampsMs[i]!, samples.isStale(i) ? 'stale' : value]);
          }
        });
      }
    }
  }
  return series;
}

/** A line a series, of what comes after a time; a series that has ended by then is left out. */
function linesOf(series: ReturnType<typeof samplesOf>, afterMs = -Infinity): string[] {
  const lines: string[] = [];
  for (const [name, samples] of series) {
    const left = samples.filter(([timeMs]) => timeMs > afterMs);
    const hasEnded = left.length === 0 || (left[0]![1] === 'stale' && left.length === 1);
    if (!hasEnded) lines.push(`${name} ${left.map((sample) => sample.join('=')).join(' ')}`);
  }
  return lines.sort();
}

const whole = samplesOf({});
const wholeLines = linesOf(whole);

/** The series whose names begin like this. */
function seriesOf(prefix: string): (readonly [name: string, samples: Samples])[] {
  return [...whole].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
}

function valuesOf(prefix: string): (readonly [name: string, values: readonly number[]])[] {
  return seriesOf(prefix).map(([name, samples]) => [
    name,
    samples.filter(([, text]) => text !== 'stale').map(([, text]) => Number(text)),
  ]);
}

test('samples are ascending in time', () => {
  const disorder = [...whole.values()].filter((own) => own.some(([timeMs], i) => i > 0 && timeMs <= own[i - 1]![0]));
  expect(disorder).toEqual([]);
});

describe('samples are the same', () => {
  test.for([1, 100])('in blocks of %d', (blockLength) => {
    expect(linesOf(samplesOf({ blockLength }))).toEqual(wholeLines);
  });

  // Whatever is going on at that moment.
  test.for([-179, -85, -61, -45, -3])('from %d minutes before the start on', (minutes) => {
    const beginMs = startMs + minutes * MINUTE_MS;
    expect(linesOf(samplesOf({ beginMs }))).toEqual(linesOf(whole, beginMs));
  });

  test('before a start that was moved, but for what counts from it', () => {
    const text = everything.replace(/^- \{kind: \w+, at: -.*\n/gm, '');
    const untilMs = startMs - HOUR_MS;
    const moved = samplesOf({ text, startMs: startMs + 12 * MINUTE_MS, untilMs });
    expect(linesOf(moved)).toEqual(linesOf(samplesOf({ text, untilMs })));
  });

  test('across a renewal of all pods', () => {
    const renewalMs = Date.UTC(1970, 0, 5) + 730 * 4 * 7 * 24 * HOUR_MS;
    const times = { startMs: renewalMs, untilMs: renewalMs + 10 * MINUTE_MS };
    const both = samplesOf({ ...times, beginMs: renewalMs - 10 * MINUTE_MS });
    const second = samplesOf({ ...times, beginMs: renewalMs + MINUTE_MS });
    expect(linesOf(second)).toEqual(linesOf(both, renewalMs + MINUTE_MS));
    expect(linesOf(second).length).toBeGreaterThan(100);
  });
});

test('another seed gives other samples and other pods', () => {
  const other = samplesOf({ text: `seed: 2${everything}` });
  expect(other.size).toBe(whole.size);
  expect([...other.keys()].filter((name) => whole.has(name) && name.startsWith('up'))).toEqual([]);
});

test('tenants have what is theirs', () => {
  const clusters = (series: Iterable<string>) => new Set([...series].map((name) => /cluster="(\w+)"/.exec(name)![1]));
  expect([clusters(whole.keys()), clusters(samplesOf({ tenant: 1 }).keys())]).toEqual([
    new Set(['x', 'y']),
    new Set(['main']),
  ]);
});

test('counters fall only when their pod begins anew', () => {
  const resets = new Map<string, number>();
  for (const name of ['http_requests_total', 'container_cpu', 'http_request_duration', 'sold_total']) {
    for (const [series, values] of valuesOf(name)) {
      const count = values.filter((value, i) => i > 0 && value < values[i - 1]!).length;
      const kind = /service="(\w+)"/.exec(series)?.[1] ?? name;
      const place = `${kind} in ${/cluster="(\w)"/.exec(series)![1]}`;
      resets.set(place, Math.max(resets.get(place) ?? 0, count));
    }
  }
  expect(Object.fromEntries(resets)).toEqual({
    'api in x': 1, // the end of the leak
    'api in y': 1,
    'db in x': 2, // the reset, and a pod that was down
    'db in y': 1,
    'sold_total in x': 0,
    'sold_total in y': 0,
  });
});

test('buckets hold at least what narrower ones hold, and the widest what was counted', () => {
  const byPod = new Map<string, [bound: number, values: readonly number[]][]>();
  for (const [series, values] of valuesOf('http_request_duration_seconds_bucket')) {
    const bound = Number(/le="([^"]+)"/.exec(series)![1]!.replace('+Inf', 'Infinity'));
    const pod = /pod="([^"]+)"/.exec(series)![1]!;
    byPod.set(pod, [...(byPod.get(pod) ?? []), [bound, values]]);
  }
  expect(byPod.size).toBe(2 * 2 * 2 + 2 * 3);
  const counts = new Map(
    valuesOf('http_request_duration_seconds_count').map(([s, v]) => [/pod="([^"]+)"/.exec(s)![1], v]),
  );
  for (const [pod, buckets] of byPod) {
    buckets.sort(([a], [b]) => a - b);
    for (let i = 1; i < buckets.length; i++) {
      const [, wide] = buckets[i]!;
      const [, narrow] = buckets[i - 1]!;
      expect(wide.every((value, at) => value >= narrow[at]!)).toBe(true);
    }
    expect(buckets.at(-1)![1]).toEqual(counts.get(pod));
  }
});

test('a deploy replaces one pod after the other, and ends the series of those before', () => {
  const ends = seriesOf('up{cluster="x", pod="api').flatMap(([, samples]) =>
    samples.filter(([, text]) => text === 'stale').map(([timeMs]) => (timeMs - MONDAY_MS) / MINUTE_MS),
  );
  expect(ends.sort()).toEqual([10 * 60, 10 * 60 + 5]);
});

test('a pod that is down is not up, and gives nothing else', () => {
  const [[name, up] = ['', []]] = seriesOf('up').filter(([, samples]) => samples.some(([, text]) => text === '0'));
  const downMs = up.filter(([, text]) => text === '0').map(([timeMs]) => timeMs);
  expect(downMs).toEqual(Array.from({ length: 20 }, (_, i) => startMs - (90 - i) * MINUTE_MS));
  const pod = /pod="[^"]+"/.exec(name)![0];
  const [, memory] = seriesOf('container_memory').find(([series]) => series.includes(pod))!;
  const meanwhile = memory.filter(([timeMs]) => timeMs >= downMs[0]! && timeMs <= downMs.at(-1)!);
  expect(meanwhile).toEqual([[downMs[0], 'stale']]);
});

test('a leak grows to what it says and ends in a restart', () => {
  const memories = valuesOf('container_memory_working_set_bytes{cluster="x", pod="api').slice(-2);
  const shares = memories.map(([, values]) => values.map((bytes) => bytes / (256 * 2 ** 20)));
  const peaks = shares.map((values) => Math.max(...values)).sort((a, b) => a - b);
  expect(peaks[1]).toBeGreaterThan(2.6);
  expect(peaks[1]).toBeLessThan(3.3);
  for (const values of shares) expect(values.at(-1)).toBeLessThan(1.2);
});

test('a bomb goes off series by series, and all end with it', () => {
  const bombs = seriesOf('http_requests_by_user_total').map(([, samples]) => samples);
  const begins = bombs.map((samples) => (samples[0]![0] - startMs) / MINUTE_MS).sort((a, b) => a - b);
  expect([begins.length, begins[0], begins[1], begins.at(-1)]).toEqual([20, -60, -59, -44.75]);
  expect(new Set(bombs.map((samples) => samples.at(-1)!.join(' ')))).toEqual(
    new Set([`${startMs - 40 * MINUTE_MS} stale`]),
  );
});

test('an incident multiplies what it says', () => {
  const [, queue] = seriesOf('queue')[0]!;
  const mean = (fromMs: number, toMs: number): number => {
    const values = queue.filter(([timeMs]) => timeMs >= fromMs && timeMs < toMs).map(([, text]) => Number(text));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const usual = mean(startMs - 3 * HOUR_MS, startMs - 80 * MINUTE_MS);
  const surge = mean(startMs - 80 * MINUTE_MS, startMs - 50 * MINUTE_MS);
  expect(surge / usual).toBeGreaterThan(3.5);
  expect(surge / usual).toBeLessThan(6.5);
});
