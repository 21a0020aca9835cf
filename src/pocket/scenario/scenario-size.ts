import { isAt } from './occurrences.ts';
import type { Scenario } from './scenario.ts';

/** More than fits into a process, or than anybody waits for: a slip in a number. */
const MOST_SERIES = 1_000_000;
const MOST_SAMPLES = 500_000_000;
/** What a pod has beside its counters of requests. */
const SERIES_OF_POD = 20;
const CODES = 3;

/** Why a scenario is too large to be made, if it is. */
export function sizeFault(scenario: Scenario): string | undefined {
  const { tenants, services, metrics, incidents, historyMs, historyStepMs } = scenario;
  let seriesCount = 0;
  for (const { name, clusters } of tenants) {
    for (const cluster of clusters) {
      for (const service of services) {
        if (!isAt(service, name, cluster)) continue;
        seriesCount += service.pods * (SERIES_OF_POD + Object.keys(service.routes).length * CODES);
        for (const { seriesCount: own } of incidents) seriesCount += own;
      }
      for (const metric of metrics) {
        if (isAt(metric, name, cluster)) {
          seriesCount += Object.values(metric.labels).reduce((product, values) => product * values.length, 1);
        }
      }
    }
  }
  if (seriesCount > MOST_SERIES) return `about ${seriesCount} series at a time, and at most ${MOST_SERIES} are made`;
  const sampleCount = seriesCount * Math.ceil(historyMs / historyStepMs);
  if (sampleCount <= MOST_SAMPLES) return undefined;
  return `about ${Math.round(sampleCount / 1e6)} million samples of history, and at most ${MOST_SAMPLES / 1e6} million are made`;
}
