import type { ApiData, QueryApi } from '../query-api.ts';
import type { DifferentialQuery } from './queries.ts';
import { printTerm } from './term.ts';

/** All that a server says to a query. */
export interface Answer {
  readonly status: number;
  readonly errorType: string | undefined;
  readonly error: string | undefined;
  readonly data: ApiData | undefined;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

export async function ask(api: QueryApi, query: DifferentialQuery): Promise<Answer> {
  const form = new URLSearchParams({ query: printTerm(query.expression) });
  if (query.kind === 'instant') form.set('time', `${query.timeMs / 1000}`);
  else {
    form.set('start', `${query.startMs / 1000}`);
    form.set('end', `${query.endMs / 1000}`);
    form.set('step', `${query.stepMs / 1000}`);
  }
  const response = await fetch(`${api.baseUrl}/api/v1/${query.kind === 'instant' ? 'query' : 'query_range'}`, {
    method: 'POST',
    headers: api.tenant === undefined ? {} : { 'X-Scope-OrgID': api.tenant },
    body: form,
  });
  const body = (await response.json()) as Partial<Answer>;
  return {
    status: response.status,
    errorType: body.errorType,
    error: body.error,
    data: body.data,
    warnings: body.warnings ?? [],
    infos: body.infos ?? [],
  };
}
