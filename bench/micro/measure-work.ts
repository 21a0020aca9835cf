import { repeat } from '../measure.ts';
import type { RowCollector } from '../report/rows.ts';
import { SELF } from '../targets/target.ts';

/** Times one part of this project and enters it; nobody else takes part. */
export type MeasureWork = (name: string, work: () => unknown) => Promise<void>;

export function measureInto(rows: RowCollector, isSmoke: boolean, totalMs = 1000): MeasureWork {
  const options = isSmoke ? { minRuns: 1, maxRuns: 1, totalMs: 0 } : { minRuns: 5, maxRuns: 500, totalMs };
  return async (name, work) => {
    const { medianMs, fastestMs, slowMs } = await repeat(work, options);
    rows.add(SELF, { name, unit: 'ms' }, medianMs, [fastestMs, slowMs]);
  };
}
