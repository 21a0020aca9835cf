import { selectorsOf } from '../../grammar/children.ts';
import { runInSlices } from '../model/work.ts';
import { exemplarsResponseJson } from './exemplars-json.ts';
import type { Form } from './form.ts';
import { optionalTime } from './label-options.ts';
import { loadGrammar } from './load-grammar.ts';
import type { QueryApiArea } from './query-api-area.ts';
import { badData } from './query-failure.ts';
import { sendJson } from './replies.ts';

/** `query_exemplars`: what was kept for the series that an expression selects. */
export const exemplarRoutes: QueryApiArea =
  ({ store, settings }) =>
  (routes) => {
    routes.route({
      method: ['GET', 'POST'],
      url: '/query_exemplars',
      handler: async ({ form, tenant }, reply) => {
        const { parseExpr } = await loadGrammar();
        const range = rangeOf(form);
        const selectors = [...selectorsOf(parseExpr(form.get('query'), settings.parse))].map(
          ({ matchers }) => matchers,
        );
        // Nothing to look for is no content to Cortex, not an empty list.
        if (selectors.length === 0) return reply.code(204).send();
        return sendJson(reply, exemplarsResponseJson(await runInSlices(store.exemplars(tenant, selectors, range))));
      },
    });
  };

function rangeOf(form: Form): { readonly startMs: number; readonly endMs: number } {
  const startMs = optionalTime(form, 'start', -Infinity);
  const endMs = optionalTime(form, 'end', Infinity);
  if (endMs < startMs) throw badData('end timestamp must not be before start timestamp');
  return { startMs, endMs };
}
