import { processorMs, residentBytes, summarise } from './measure.ts';
import { RowCollector, type Scenario } from './scenario.ts';

/** How long a server that nobody has asked anything is left alone before its memory is read. */
const IDLE_MS = 3000;

export const startScenario: Scenario = {
  name: 'start',
  about: 'from the start of the process to ready, with no data; memory when nothing happens',
  async run({ targets, isSmoke }) {
    const rows = new RowCollector('start');
    for (const kind of targets) {
      const readyMs: number[] = [];
      const processorsMs: number[] = [];
      const residentMb: number[] = [];
      for (let run = 0; run < (isSmoke ? 1 : 5); run++) {
        const target = await kind.start();
        readyMs.push(target.readyAfterMs);
        processorsMs.push(processorMs(target.pid) ?? Number.NaN);
        if (run === 0) await new Promise((resolve) => setTimeout(resolve, isSmoke ? 100 : IDLE_MS));
        const bytes = residentBytes(target.pid);
        if (run === 0 && bytes !== undefined) residentMb.push(bytes / 1e6);
        await target.stop();
      }
      const { medianMs, fastestMs, slowMs } = summarise(readyMs);
      rows.add(kind.name, { name: 'ready after', unit: 'ms' }, medianMs, [fastestMs, slowMs]);
      const processor = summarise(processorsMs).medianMs;
      if (!Number.isNaN(processor)) rows.add(kind.name, { name: 'processor until ready', unit: 'ms' }, processor);
      rows.add(kind.name, { name: 'resident when idle', unit: 'MB' }, residentMb[0]);
    }
    return rows.rows();
  },
};
