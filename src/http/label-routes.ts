import type { FastifyReply } from 'fastify';
import { FetchCount } from '../limits/limited-source.ts';
import { unescapeName } from '../model/escaped-name.ts';
import { runInSlices, type Work } from '../model/work.ts';
import type { JsonChunks } from '../wire/json-bytes.ts';
import { seriesResponseJson, textListResponseJson } from '../wire/list-json.ts';
import { type LabelOptions, labelOptions } from './label-options.ts';
import type { QueryApiArea } from './query-api-area.ts';
import { QueryFailure } from './query-failure.ts';
import { mayReadLabels } from './query-time-limits.ts';
import { sendJsonChunks } from './replies.ts';

const truncated = ['results truncated due to limit'];

/** `series`, `labels` and `label/:name/values`. */
export const labelRoutes: QueryApiArea = (deps) => async (app) => {
  const { store } = deps;
  const read = async <Item>(
    { tenant, asked }: LabelOptions,
    select: () => Work<readonly Item[]>,
  ): Promise<readonly Item[]> => (mayReadLabels(deps, tenant, asked) ? await runInSlices(select()) : []);
  const postable = ['GET', 'POST'] as const;

  app.route({
    method: [...postable],
    url: '/series',
    handler: async (request, reply) => {
      const options = await labelOptions(request.form, request.tenant, 'series');
      const series = await read(options, () => store.series(options));
      new FetchCount(deps.limits.forTenant(options.tenant)).addSeries(series, '');
      return sendCut(reply, series, options.limit, seriesResponseJson);
    },
  });
  app.delete('/series', async () => {
    // Cortex deletes no series and says it like this; so does its recorded answer.
    throw new QueryFailure({ status: 500, errorType: 'internal', message: 'not implemented' });
  });
  app.route({
    method: [...postable],
    url: '/labels',
    handler: async (request, reply) => {
      const options = await labelOptions(request.form, request.tenant, 'labels');
      return sendCut(reply, await read(options, () => store.labelNames(options)), options.limit, textListResponseJson);
    },
  });
  app.get<{ Params: { name: string } }>('/label/:name/values', async (request, reply) => {
    const options = await labelOptions(request.form, request.tenant, 'labels');
    const values = await read(options, () =>
      store.labelValues({ ...options, labelName: unescapeName(request.params.name) }),
    );
    return sendCut(reply, values, options.limit, textListResponseJson);
  });
};

function sendCut<Item>(
  reply: FastifyReply,
  items: readonly Item[],
  limit: number,
  json: (items: readonly Item[], warnings: readonly string[]) => JsonChunks,
): FastifyReply {
  const isCut = limit > 0 && items.length > limit;
  return sendJsonChunks(reply, isCut ? json(items.slice(0, limit), truncated) : json(items, []));
}
