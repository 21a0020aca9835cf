import type { SeriesSet } from './bulk.ts';
import { createFleet, fleet } from './corpus.ts';
import { createEngineCorpus, ENGINE_INTERVAL_MS } from './engine-corpus.ts';

/** What the queries of the bench are asked of, up to `endMs`: what Prometheus measures its engine with, and the realistic corpus. */
export function querySets(endMs: number, isSmoke: boolean): SeriesSet[] {
  const engine = isSmoke
    ? { hundred: 10, thousand: 20, scrapeCount: 1100, dayScrapeCount: 100 }
    : { hundred: 100, thousand: 1000, scrapeCount: 1100, dayScrapeCount: 8640 };
  const scrapeCount = engine.scrapeCount + engine.dayScrapeCount;
  return [
    {
      series: createEngineCorpus(engine),
      firstMs: endMs - (scrapeCount - 1) * ENGINE_INTERVAL_MS,
      intervalMs: ENGINE_INTERVAL_MS,
    },
    {
      series: createFleet(isSmoke ? 10 : 1),
      firstMs: endMs - (fleet.scrapeCount - 1) * fleet.intervalMs,
      intervalMs: fleet.intervalMs,
    },
  ];
}
