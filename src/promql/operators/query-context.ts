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
 * Counts the samples of one query: those it read (`totalQueryableSamples`, as Prometheus counts them) and those that its
 * parts yield out of storage or out of nothing, from which follows what Prometheus can at most hold at a time. Only a query
 * that may come near the limit is counted exactly, by a `PeakMeter`.
 */
export class SampleAccount {
  readonly #totals: Totals;
  readonly #weight: number;

  private constructor(totals: Totals, weight: number) {
    this.#totals = totals;
    this.#weight = weight;
  }

  /** With `measurePeak`, which tells what Prometheus would have held up to now, the account is exact. */
  static open(limit: number, measurePeak?: () => Measured): SampleAccount {
    const totals = { limit, measurePeak, queryable: 0, yielded: 0, widestWindow: 0, nextMeasurementAt: limit / 4 };
    return new SampleAccount(totals, 1);
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

  /** More than Prometheus can have held at a time. */
  get mostHeld(): number {
    const { yielded, widestWindow } = this.#totals;
    return MOST_TIMES_HELD * yielded + widestWindow;
  }

  countReads(sampleCount: number): void {
    this.#totals.queryable += sampleCount * this.#weight;
  }

  /** The samples of a series that windows are cut out of. Throws as `hold`. */
  countWindow(sampleCount: number): void {
    const totals = this.#totals;
    if (sampleCount <= totals.widestWindow) return;
    totals.widestWindow = sampleCount;
    this.#check();
  }

  /**
   * A part of the query has yielded `sampleCount` values that are not made of another's.
   * @throws {PocketCortexError} `too-many-samples`; {CountExactly} when the account is not exact and they may be too many
   */
  hold(sampleCount: number): void {
    this.#totals.yielded += sampleCount;
    this.#check();
  }

  #check(): void {
    const totals = this.#totals;
    const { limit, measurePeak } = totals;
    if (this.mostHeld <= limit) return;
    if (!measurePeak) throw new CountExactly();
    if (totals.yielded < totals.nextMeasurementAt) return;
    totals.nextMeasurementAt = totals.yielded + Math.max(limit / 4, 1);
    const { checked, mayFall } = measurePeak();
    // Where the count may fall again it is not certain before the end, but memory sets a bound.
    if (checked > limit && (!mayFall || totals.yielded > Math.max(2 * limit, ROOM))) throw tooManySamples();
  }

  /**
   * At the end of the query.
   * @throws {PocketCortexError} `too-many-samples`
   */
  settle(): void {
    const { limit, measurePeak } = this.#totals;
    if (measurePeak && measurePeak().checked > limit) throw tooManySamples();
  }

  /**
   * Checks before something of `sampleCount` values is allocated, whether they will be there or not.
   * @throws {PocketCortexError} `too-many-samples`
   */
  assertRoomFor(sampleCount: number): void {
    if (sampleCount > Math.max(this.#totals.limit, ROOM)) throw tooManySamples();
  }
}

export interface Measured {
  readonly peak: number;
  /** The most that Prometheus compared with the limit. */
  readonly checked: number;
  /** Whether a query can come to hold less than what it held at some time before. */
  readonly mayFall: boolean;
}

/** The query has to be evaluated again, and counted exactly: it may hold more samples than it is allowed to. */
export class CountExactly extends Error {
  override readonly name = 'CountExactly';
}

/** A value can be held by the part that yields it, by the part around that, and while it is handed over. */
const MOST_TIMES_HELD = 3;

/** Allocations of so many values are nothing to worry about (45 MB), however low the limit is. */
const ROOM = 5_000_000;

interface Totals {
  readonly limit: number;
  readonly measurePeak: (() => Measured) | undefined;
  queryable: number;
  yielded: number;
  widestWindow: number;
  nextMeasurementAt: number;
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
