import { SampleColumns } from '../../src/model/columns.ts';
import { createMatcher } from '../../src/model/matcher.ts';
import type { TenantId } from '../../src/model/tenant.ts';
import type { Store } from '../../src/storage/types.ts';

/** All samples of a tenant whose names pass `pattern`, staleness markers too: a line for each, with the bits of its value. */
export function allSamples(store: Store, tenant: string, pattern: string): string[] {
  const matchers = [createMatcher('__name__', '=~', pattern)];
  const set = store.select({ tenant: tenant as TenantId, matchers, startMs: -Infinity, endMs: Infinity });
  const lines: string[] = [];
  const samples = new SampleColumns();
  for (const [index, labels] of set.labels.entries()) {
    set.read(index, samples);
    for (let i = 0; i < samples.count; i++) {
      const bits = [samples.bits[i * 2 + 1], samples.bits[i * 2]].map((word) => word!.toString(16)).join('_');
      const shown = samples.isStale(i) ? 'stale' : (samples.histograms?.[i]?.sum ?? samples.values[i]);
      lines.push(`${labels} ${samples.timestampsMs[i]} ${shown} ${bits}`);
    }
  }
  return lines;
}
