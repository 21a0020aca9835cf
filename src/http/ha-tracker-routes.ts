import { formatGoDuration } from '../model/duration.ts';
import type { AppDependencies } from './dependencies.ts';
import { page, table } from './pages.ts';
import { sendJson } from './replies.ts';
import type { AddRoutes } from './routes.ts';

const TITLE = 'Cortex HA Tracker Status';

/** Which replica of each cluster is elected. */
export function haTrackerRoutes({ haTracker, limits, clock }: AppDependencies): AddRoutes {
  return (routes) => {
    for (const path of ['/distributor/ha_tracker', '/ha-tracker']) {
      routes.get(path, async (request, reply) => {
        const nowMs = clock.nowMs();
        const elected = haTracker.elected().map(({ tenant, cluster, replica, receivedAtMs }) => ({
          userID: tenant,
          cluster,
          replica,
          receivedAtMs,
          untilUpdateMs: receivedAtMs + haTracker.updateTimeoutMs - nowMs,
          untilFailoverMs: receivedAtMs + limits.forTenant(tenant).haTrackerFailoverTimeoutMs - nowMs,
        }));
        if (request.headers.accept?.includes('application/json')) return sendJson(reply, json(elected, nowMs));
        return reply.type('text/html; charset=utf-8').send(htmlOf(elected, nowMs));
      });
    }
  };
}

interface ElectedLine {
  readonly userID: string;
  readonly cluster: string;
  readonly replica: string;
  readonly receivedAtMs: number;
  readonly untilUpdateMs: number;
  readonly untilFailoverMs: number;
}

/** In the form of Cortex's page, durations in nanoseconds. */
function json(elected: readonly ElectedLine[], nowMs: number): string {
  return JSON.stringify({
    elected: elected.map(({ userID, cluster, replica, receivedAtMs, untilUpdateMs, untilFailoverMs }) => ({
      userID,
      cluster,
      replica,
      electedAt: new Date(receivedAtMs).toISOString(),
      updateDuration: untilUpdateMs * 1e6,
      failoverDuration: untilFailoverMs * 1e6,
    })),
    now: new Date(nowMs).toISOString(),
    config: { Title: TITLE, ReplicaGroupLabel: 'Cluster' },
  });
}

function htmlOf(elected: readonly ElectedLine[], nowMs: number): string {
  const rows = elected.map(({ userID, cluster, replica, receivedAtMs, untilUpdateMs, untilFailoverMs }) => [
    userID,
    cluster,
    replica,
    new Date(receivedAtMs).toISOString(),
    formatGoDuration(untilUpdateMs),
    formatGoDuration(untilFailoverMs),
  ]);
  const columns = ['User ID', 'Cluster', 'Replica', 'Elected Time', 'Time Until Update', 'Time Until Failover'];
  const time = `<p>Current time: ${new Date(nowMs).toISOString()}</p>`;
  return page(TITLE, `<h1>${TITLE}</h1>\n${time}\n${table(columns, rows)}`);
}
