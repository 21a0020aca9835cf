import type { Clock } from '../model/clock.ts';
import type { TenantId } from '../model/tenant.ts';

export interface RateLimit {
  /** Events a second; `Infinity` and the largest number (Go's infinite rate) allow everything, whatever the burst. */
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** One token bucket a tenant, full at first. A limit that changed holds from the next request on. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #buckets = new Map<TenantId, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes `count` tokens and says yes, or takes none and says no. */
  allow(tenant: TenantId, count: number, { perSecond, burst }: RateLimit): boolean {
    if (perSecond >= Number.MAX_VALUE) return true;
    const nowMs = this.#clock.nowMs();
    const bucket = this.#bucketOf(tenant, burst, nowMs);
    // A clock that was set back must not take tokens away.
    const passedMs = Math.max(0, nowMs - bucket.filledAtMs);
    bucket.tokens = Math.min(burst, bucket.tokens + (passedMs * perSecond) / 1000);
    bucket.filledAtMs = nowMs;
    if (count > bucket.tokens) return false;
    bucket.tokens -= count;
    return true;
  }

  #bucketOf(tenant: TenantId, burst: number, nowMs: number): Bucket {
    const known = this.#buckets.get(tenant);
    if (known) return known;
    const bucket = { tokens: burst, filledAtMs: nowMs };
    this.#buckets.set(tenant, bucket);
    return bucket;
  }
}
