import { Counter, type Registry } from 'prom-client';
import type { FetchStatistics } from '../limits/fetch-statistics.ts';
import type { Clock } from '../model/clock.ts';
import type { QueryResult } from '../model/query-result.ts';
import type { ObservedEngine, QueryOrigin, RuleEngine } from './rule-engine.ts';

/** An engine for one query, and what that fetched. */
export interface CountedEngine {
  readonly engine: RuleEngine;
  readonly fetched: FetchStatistics;
}

export interface QueryStatisticsOptions {
  readonly countedEngine: () => CountedEngine;
  readonly clock: Clock;
  readonly logger: { info(fields: object, message: string): void };
  readonly metrics: Registry;
}

/** Counts what queries of rules fetch for each tenant, and logs it for each query, under the names that Cortex has. */
export class QueryStatistics implements ObservedEngine {
  readonly #options: QueryStatisticsOptions;
  readonly #seconds: Counter<'user'>;
  readonly #series: Counter<'user'>;
  readonly #samples: Counter<'user'>;
  readonly #chunkBytes: Counter<'user'>;
  readonly #dataBytes: Counter<'user'>;

  constructor(options: QueryStatisticsOptions) {
    this.#options = options;
    const counter = (name: string, help: string) =>
      new Counter({ name: `cortex_ruler_${name}`, help, labelNames: ['user'], registers: [options.metrics] });
    this.#seconds = counter(
      'query_seconds_total',
      'Total amount of wall clock time spent processing queries by the ruler.',
    );
    this.#series = counter('fetched_series_total', 'Number of series fetched to execute a query by the ruler.');
    this.#samples = counter('samples_total', 'Number of samples fetched to execute a query by the ruler.');
    this.#chunkBytes = counter(
      'fetched_chunks_bytes_total',
      'Size of all chunks fetched to execute a query in bytes by the ruler.',
    );
    this.#dataBytes = counter(
      'fetched_data_bytes_total',
      'Size of all data fetched to execute a query in bytes by the ruler.',
    );
  }

  async instant(origin: QueryOrigin, query: Parameters<RuleEngine['instant']>[0]): Promise<QueryResult> {
    const { countedEngine, clock } = this.#options;
    const { engine, fetched } = countedEngine();
    const startedMs = clock.elapsedMs();
    try {
      return await engine.instant(query);
    } finally {
      this.#report(origin, query.query, fetched, (clock.elapsedMs() - startedMs) / 1000);
    }
  }

  /** Takes a tenant without groups off the page. */
  forgetTenant(user: string): void {
    for (const counter of [this.#seconds, this.#series, this.#samples, this.#chunkBytes, this.#dataBytes]) {
      counter.remove({ user });
    }
  }

  #report(origin: QueryOrigin, query: string, fetched: FetchStatistics, seconds: number): void {
    const { tenant, namespace, group, rule } = origin;
    const user = { user: tenant };
    this.#seconds.inc(user, seconds);
    this.#series.inc(user, fetched.seriesCount);
    this.#samples.inc(user, fetched.sampleCount);
    this.#chunkBytes.inc(user, fetched.chunkBytes);
    this.#dataBytes.inc(user, fetched.dataBytes);
    const fields = {
      tenant,
      rule_group: group,
      namespace,
      rule: rule.name,
      rule_kind: rule.kind,
      query,
      cortex_ruler_query_seconds_total: seconds,
      fetched_series_count: fetched.seriesCount,
      fetched_chunks_count: fetched.chunkCount,
      fetched_samples_count: fetched.sampleCount,
      fetched_chunks_bytes: fetched.chunkBytes,
      fetched_data_bytes: fetched.dataBytes,
    };
    this.#options.logger.info(fields, 'query stats');
  }
}
