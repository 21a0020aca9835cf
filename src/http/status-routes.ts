import { buildInfo, mimirInfo } from './build-info.ts';
import type { QueryApiArea } from './query-api-area.ts';

/** `status/buildinfo`, by which Grafana tells what it talks to. Off by default, as in Cortex. */
export const statusRoutes: QueryApiArea = (deps) => (routes) => {
  const { buildInfoEnabled, answersAsMimir } = deps.settings;
  if (!buildInfoEnabled && !answersAsMimir) return;
  const data = answersAsMimir ? { ...buildInfo, ...mimirInfo } : buildInfo;
  routes.get('/status/buildinfo', async (_request, reply) => {
    // Cortex says text here, though it is JSON.
    return reply.header('content-type', 'text/plain; charset=utf-8').send(JSON.stringify({ status: 'success', data }));
  });
};
