import { bulkRounds, pushRounds, type Round } from '../data/bulk.ts';
import { createFleet, fleet } from '../data/corpus.ts';
import type { Target } from '../targets/target.ts';

/** The realistic corpus, its last scrape at `endMs`. */
export function fleetRounds(endMs: number, divisor: number): Round[] {
  return bulkRounds([
    {
      series: createFleet(divisor),
      firstMs: endMs - (fleet.scrapeCount - 1) * fleet.intervalMs,
      intervalMs: fleet.intervalMs,
    },
  ]);
}

export async function loadFleet(target: Target, rounds: readonly Round[]): Promise<void> {
  await pushRounds(target, rounds);
  await target.settle();
}
