import type { Expr } from '../../grammar/ast.ts';
import type { ParseOptions } from '../../grammar/promql.ts';
import { PocketCortexError } from '../model/errors.ts';
import { replaceInvalidUtf8 } from '../model/utf8.ts';
import { successJson } from '../wire/list-json.ts';
import type { Form } from './form.ts';
import { loadGrammar } from './load-grammar.ts';
import type { QueryApiArea } from './query-api-area.ts';
import { badData } from './query-failure.ts';
import { sendJson } from './replies.ts';

/** `format_query` and `parse_query`: what a query looks like, to people and to programs. */
export const syntaxRoutes: QueryApiArea =
  ({ settings }) =>
  (routes) => {
    const route = (url: string, show: (expr: Expr) => Promise<unknown>) =>
      routes.route({
        method: ['GET', 'POST'],
        url,
        handler: async ({ form }, reply) => {
          const shown = await show(await queryOf(form, settings.parse));
          return sendJson(reply, successJson(JSON.stringify(shown, withValidText)));
        },
      });
    route('/format_query', async (expr) => (await loadGrammar()).prettyPrint(expr));
    route('/parse_query', async (expr) => (await import('./ast-json.ts')).astJson(expr));
  };

function withValidText(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? replaceInvalidUtf8(value) : value;
}

async function queryOf(form: Form, options: ParseOptions): Promise<Expr> {
  const { parseExpr } = await loadGrammar();
  try {
    return parseExpr(form.get('query'), options);
  } catch (error) {
    if (error instanceof PocketCortexError) throw badData(`invalid parameter "query": ${error.message}`);
    throw error;
  }
}
