import { compareText } from '../model/labels.ts';
import type { AppDependencies } from './dependencies.ts';
import { sendJson } from './replies.ts';
import type { AddRoutes } from './routes.ts';
import { groupLine, provisioningOf, type RulesOverview, rulesOverviewPage } from './rules-overview.ts';

/**
 * `/pocket/rules`: how every group of every tenant is doing, for whoever runs the server. A page, or JSON for who accepts
 * that or asks for `format=json`; `tenant` and `health` narrow it down.
 */
export function rulesOverviewRoutes({ ruler, provisioning }: AppDependencies): AddRoutes {
  return (routes) => {
    routes.get<{ Querystring: Readonly<Record<string, string | string[]>> }>(
      '/pocket/rules',
      async (request, reply) => {
        const { tenant = '', health = '', format = '' } = request.query;
        const tenants = ruler.runningTenants().filter((one) => tenant === '' || tenant === one);
        const lines = tenants.flatMap((one) => ruler.state(one).map((state) => groupLine(one, state)));
        const state = provisioning?.();
        const overview: RulesOverview = {
          provisioning: state ? provisioningOf(state) : null,
          groups: lines
            .filter((line) => health === '' || health === line.health)
            .sort((a, b) => compareText(a.tenant, b.tenant)),
        };
        if (format === 'json' || request.headers.accept?.includes('application/json')) {
          return sendJson(reply, JSON.stringify(overview));
        }
        return reply.type('text/html; charset=utf-8').send(rulesOverviewPage(overview));
      },
    );
  };
}
