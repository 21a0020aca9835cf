import { SampleColumns } from '../../src/model/columns.ts';
import { Labels } from '../../src/model/labels.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import type { Store } from '../../src/storage/types.ts';
import type { SeriesSet } from './bulk.ts';

const SCRAPES_AT_ONCE = 60;

/** Appends all samples of a set, in the order of time. @throws when one is refused */
export async function fillStore(store: Store, tenant: TenantId, set: SeriesSet): Promise<void> {
  const { series, firstMs, intervalMs } = set;
  const labels = series.map((one) => Labels.of(one.labels));
  const scrapeCount = Math.max(...series.map(({ firstScrape = 0, values }) => firstScrape + values.length));
  for (let from = 0; from < scrapeCount; from += SCRAPES_AT_ONCE) {
    const columns = new SampleColumns();
    const seriesRefs: number[] = [];
    const samplesStart = [0];
    for (const [i, { values, firstScrape = 0 }] of series.entries()) {
      const start = Math.max(from, firstScrape);
      const end = Math.min(from + SCRAPES_AT_ONCE, firstScrape + values.length);
      if (start >= end) continue;
      seriesRefs.push(store.createSeries(tenant, labels[i]!));
      for (let scrape = start; scrape < end; scrape++) {
        columns.push(firstMs + scrape * intervalMs, values[scrape - firstScrape]!);
      }
      samplesStart.push(columns.count);
    }
    const { rejections, committed } = store.append(
      tenant,
      {
        seriesRefs: Uint32Array.from(seriesRefs),
        samplesStart: Uint32Array.from(samplesStart),
        timestampsMs: columns.timestampsMs,
        values: columns.values,
        exemplars: [],
        metadata: [],
      },
      // The sets do not end at the same time as they begin.
      { outOfOrderWindowMs: Infinity, maxExemplars: 0 },
    );
    if (rejections.length > 0) throw new Error(`a sample was refused: ${JSON.stringify(rejections[0])}`);
    await committed;
  }
}
