import type { BenchSeries } from './corpus.ts';

/**
 * The series over which Prometheus measures its own engine: `a_X`, `b_X` and the buckets `h_X`, with X series (and eleven
 * buckets) each, and `sparse`, of whose series only one at a time has samples. A sample every 10 s.
 */
export interface EngineCorpusOptions {
  /** X of the large ones. */
  readonly hundred: number;
  readonly thousand: number;
  /** How many scrapes the short ranges reach back, and a day has. */
  readonly scrapeCount: number;
  readonly dayScrapeCount: number;
}

export const ENGINE_INTERVAL_MS = 10_000;

/** Scrape `dayScrapeCount + scrapeCount - 1` is the last one of all; only `a_hundred` and `b_hundred` go back a day. */
export function createEngineCorpus(options: EngineCorpusOptions): BenchSeries[] {
  const { hundred, thousand, scrapeCount, dayScrapeCount } = options;
  const sizes = { one: 1, ten: 10, hundred, thousand };
  const series: BenchSeries[] = [];
  const add = (labels: readonly [string, string][], count: number): void => {
    const firstScrape = dayScrapeCount + scrapeCount - count;
    const values = new Float64Array(count);
    // Of few digits: there are servers that keep no more than about fifteen.
    const offset = (series.length % 1000) / 1000;
    for (let i = 0; i < count; i++) values[i] = firstScrape + i + offset;
    series.push({ labels, values, firstScrape });
  };
  for (const [size, count] of Object.entries(sizes)) {
    for (let l = 0; l < count; l++) {
      const own: [string, string][] = count === 1 ? [] : [['l', `${l}`]];
      const scrapes = size === 'hundred' ? dayScrapeCount + scrapeCount : scrapeCount;
      add([['__name__', `a_${size}`], ...own], scrapes);
      add([['__name__', `b_${size}`], ...own], scrapes);
      if (size === 'thousand') continue;
      for (let le = 0; le <= 10; le++) {
        add([['__name__', `h_${size}`], ...own, ['le', le < 10 ? `${le}` : '+Inf']], scrapeCount);
      }
    }
  }
  return [...series, ...sparseSeries(dayScrapeCount, scrapeCount)];
}

/** Fifty series, one after the other. */
function sparseSeries(dayScrapeCount: number, scrapeCount: number): BenchSeries[] {
  const each = Math.ceil(scrapeCount / 50);
  return Array.from({ length: Math.floor(scrapeCount / each) }, (_, l) => ({
    labels: [
      ['__name__', 'sparse'],
      ['l', `${l}`],
    ] as const,
    values: Float64Array.from({ length: each }, (_value, i) => l * each + i),
    firstScrape: dayScrapeCount + l * each,
  }));
}
