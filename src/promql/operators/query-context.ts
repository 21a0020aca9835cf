import type { Annotations } from '../../model/annotations.ts';
import { PocketCortexError } from '../../model/errors.ts';
import type { SeriesSource } from '../../model/series-source.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { EngineFeatures } from '../functions/types.ts';
import type { DropName } from './metric-name.ts';

/** What all operators of one running query share. */
export interface QueryContext {
  readonly source: SeriesSource;
  readonly tenant: TenantId;
  readonly lookbackMs: number;
  /** The step of a subquery that names none. */
  readonly defaultStepMs: number;
  /** The query's text, for positions in annotations. */
  readonly query: string;
  readonly annotations: Annotations;
  readonly account: SampleAccount;
  readonly features: EngineFeatures;
  readonly dropName: DropName;
}

/**
 * Counts the samples of one query: those it read (`totalQueryableSamples`, as Prometheus counts them) and those it holds.
 * "Held" follows Prometheus's book-keeping, not our memory (we stream where it materialises): every value that a selector
 * or a range function yields is held until an aggregation above has folded it away.
 */
export class SampleAccount {
  readonly #totals: Totals;
  readonly #weight: number;

  private constructor(totals: Totals, weight: number) {
    this.#totals = totals;
    this.#weight = weight;
  }

  static open(limit: number): SampleAccount {
    return new SampleAccount({ limit, queryable: 0, held: 0, peak: 0 }, 1);
  }

  /**
   * The account of a part of the query whose reads count `weight` times: once a step for a part that is evaluated once
   * for all steps, not at all inside a subquery (its windows are counted instead).
   */
  weighted(weight: number): SampleAccount {
    return new SampleAccount(this.#totals, this.#weight * weight);
  }

  get queryable(): number {
    return this.#totals.queryable;
  }

  get held(): number {
    return this.#totals.held;
  }

  get peak(): number {
    return this.#totals.peak;
  }

  countReads(sampleCount: number): void {
    this.#totals.queryable += sampleCount * this.#weight;
  }

  /** @throws {PocketCortexError} `too-many-samples` */
  hold(sampleCount: number): void {
    const totals = this.#totals;
    totals.held += sampleCount;
    if (totals.held > totals.peak) totals.peak = totals.held;
    if (totals.held > totals.limit) throw tooManySamples();
  }

  release(sampleCount: number): void {
    this.#totals.held -= sampleCount;
  }

  /**
   * Checks before something of `sampleCount` values is allocated.
   * @throws {PocketCortexError} `too-many-samples`
   */
  assertRoomFor(sampleCount: number): void {
    if (sampleCount > this.#totals.limit) throw tooManySamples();
  }
}

interface Totals {
  readonly limit: number;
  queryable: number;
  held: number;
  peak: number;
}

function tooManySamples(): PocketCortexError {
  return new PocketCortexError(
    'too-many-samples',
    'query processing would load too many samples into memory in query execution',
  );
}

export function executionError(message: string): PocketCortexError {
  return new PocketCortexError('execution-error', message);
}
