import { medianOf, processorMs, residentBytes, summarise } from '../measure.ts';
import type { Scenario } from '../scenario.ts';

/** How long a server that nobody has asked anything is left alone before its memory is read. */
const IDLE_MS = 2000;
const ROUNDS = 7;

export const startScenario: Scenario = {
  name: 'start',
  about: 'from the start of the process to ready, with no data; memory when nothing happens',
  async run({ rows, targets, isSmoke }) {
    const found = targets.map(() => ({ readyMs: [] as number[], processorMs: [] as number[], idleMb: [] as number[] }));
    for (let round = 0; round < (isSmoke ? 1 : ROUNDS); round++) {
      for (const [i, kind] of targets.entries()) {
        const target = await kind.start();
        const { readyMs, processorMs: usedMs, idleMb } = found[i]!;
        readyMs.push(target.readyAfterMs);
        usedMs.push(processorMs(target.pid) ?? Number.NaN);
        // Three are enough to tell what memory they take.
        if (round < 3) {
          await new Promise((resolve) => setTimeout(resolve, isSmoke ? 100 : IDLE_MS));
          idleMb.push((residentBytes(target.pid) ?? Number.NaN) / 1e6);
        }
        await target.stop();
      }
    }
    for (const [i, { name }] of targets.entries()) {
      const { readyMs, processorMs: usedMs, idleMb } = found[i]!;
      const { medianMs, fastestMs, slowMs } = summarise(readyMs);
      rows.add(name, { name: 'ready after', unit: 'ms' }, medianMs, [fastestMs, slowMs]);
      rows.add(name, { name: 'processor until ready', unit: 'ms' }, medianOf(usedMs));
      rows.add(name, { name: 'resident when idle', unit: 'MB' }, medianOf(idleMb));
    }
  },
};
