import { isSameList } from '../compare.ts';
import { type RepeatOptions, repeatInTurn } from '../measure.ts';
import type { QueryClient } from '../query-client.ts';
import type { RowCollector, RowHead } from '../report/rows.ts';

/** Calls that list series, names and values, as editors of queries and variables of dashboards make them. */
const calls: readonly { readonly path: string; readonly match?: string }[] = [
  { path: '/api/v1/series', match: 'memory_megabytes' },
  { path: '/api/v1/series', match: 'requests_total{handler="/login"}' },
  { path: '/api/v1/labels' },
  { path: '/api/v1/labels', match: 'requests_total' },
  { path: '/api/v1/label/__name__/values' },
  { path: '/api/v1/label/pod/values' },
  { path: '/api/v1/label/pod/values', match: 'requests_total{region="eu-west-1"}' },
];

export interface ListCallsOptions {
  readonly rows: RowCollector;
  readonly clients: readonly QueryClient[];
  readonly endMs: number;
  readonly repetition: RepeatOptions;
  readonly log: (text: string) => void;
}

/** Times the calls over the last hour on every target. */
export async function timeListCalls({ rows, clients, endMs, repetition, log }: ListCallsOptions): Promise<void> {
  for (const { path, match } of calls) {
    const head: RowHead = { name: `${path}${match ? `, ${match}` : ''}`, unit: 'ms', family: 'calls' };
    const form = {
      start: `${(endMs - 3_600_000) / 1000}`,
      end: `${endMs / 1000}`,
      ...(match !== undefined && { 'match[]': match }),
    };
    const expected = (await clients[0]!.call(path, form)).toString();
    for (const client of clients.slice(1)) {
      if (isSameList((await client.call(path, form)).toString(), expected)) continue;
      rows.note(client.target.name, head, 'answers differ');
      log(`${head.name}: ${client.target.name} answers differently`);
      process.exitCode = 1;
    }
    const timings = await repeatInTurn(
      clients.map((client) => () => client.call(path, form)),
      repetition,
    );
    for (const [i, { medianMs, fastestMs, slowMs }] of timings.entries()) {
      rows.add(clients[i]!.target.name, head, medianMs, [fastestMs, slowMs]);
    }
  }
}
