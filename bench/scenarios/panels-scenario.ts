import { medianOf, percentileOf } from '../measure.ts';
import { dashboardQueries } from '../queries/dashboards.ts';
import { QueryClient } from '../query-client.ts';
import type { Scenario } from '../scenario.ts';
import type { Target } from '../targets/target.ts';
import { fleetRounds, loadFleet } from './load-fleet.ts';

const ROUNDS = 12;
/** An hour on a wide screen. */
export const PANEL_RANGE_MS = 3_600_000;
export const PANEL_STEP_MS = 15_000;

export const panelsScenario: Scenario = {
  name: 'panels',
  about: `${dashboardQueries.length} panels of a dashboard asked at once, the last hour of 10,000 series in steps of 15 s; answers may come from a cache`,
  async run({ rows, targets: kinds, isSmoke, begin }) {
    const endMs = Math.floor(Date.now() / 60_000) * 60_000;
    const rounds = fleetRounds(endMs, isSmoke ? 20 : 1);
    const targets: Target[] = [];
    try {
      for (const kind of kinds) {
        begin(`loading ${kind.name}`);
        const target = await kind.start();
        targets.push(target);
        await loadFleet(target, rounds);
      }
      const panelsMs = targets.map(() => [] as number[]);
      const allMs = targets.map(() => [] as number[]);
      const clients = targets.map(
        (target) => new QueryClient(target, { connectionCount: dashboardQueries.length, mayBeRemembered: true }),
      );
      begin('dashboards');
      for (let round = -2; round < (isSmoke ? 1 : ROUNDS); round++) {
        for (const [i, client] of clients.entries()) {
          // Every look at a dashboard ends a little later than the one before.
          const timesMs = await askPanels(client, endMs - (ROUNDS - round) * PANEL_STEP_MS);
          if (round < 0) continue;
          panelsMs[i]!.push(...timesMs);
          allMs[i]!.push(Math.max(...timesMs));
        }
      }
      for (const [i, { name }] of targets.entries()) {
        clients[i]!.close();
        const all = allMs[i]!;
        rows.add(name, { name: 'all panels there', unit: 'ms' }, medianOf(all), [Math.min(...all), Math.max(...all)]);
        rows.add(name, { name: 'a panel, p50', unit: 'ms' }, medianOf(panelsMs[i]!));
        rows.add(name, { name: 'a panel, p90', unit: 'ms' }, percentileOf(panelsMs[i]!, 0.9));
      }
    } finally {
      for (const target of targets) await target.stop();
    }
  },
};

/** All panels at once; how long each took. */
export function askPanels(client: QueryClient, endMs: number): Promise<number[]> {
  const range = { startMs: endMs - PANEL_RANGE_MS, stepMs: PANEL_STEP_MS };
  return Promise.all(
    dashboardQueries.map(async ({ query }) => {
      const startedMs = performance.now();
      await client.ask({ query, endMs, range });
      return performance.now() - startedMs;
    }),
  );
}
