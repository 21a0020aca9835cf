import type { LabelSetLimit } from '../limits/limit-records.ts';
import { Labels } from '../model/labels.ts';
import { createMatcher, type Matcher } from '../model/matcher.ts';
import type { TenantId } from '../model/tenant.ts';
import { runAtOnce } from '../model/work.ts';
import type { Store } from '../storage/types.ts';

/** How many series of a tenant have the labels that limits name, asked of the store once for a request. */
export class LabelSetCounts {
  readonly #store: Store;
  readonly #tenant: TenantId;
  readonly #limits: readonly LabelSetLimit[];
  readonly #counts = new Map<LabelSetLimit, number>();

  constructor(store: Store, tenant: TenantId, limits: readonly LabelSetLimit[]) {
    this.#store = store;
    this.#tenant = tenant;
    this.#limits = limits;
  }

  /** The limit that a new series with `labels` would break, if any. */
  broken(labels: Labels): LabelSetLimit | undefined {
    for (const limit of limitsFor(this.#limits, labels)) {
      const { maxSeries } = limit.limits;
      if (maxSeries > 0 && this.#count(limit) >= maxSeries) return limit;
    }
    return undefined;
  }

  /** Notes a series that was created since. */
  add(labels: Labels): void {
    for (const limit of limitsFor(this.#limits, labels)) {
      const known = this.#counts.get(limit);
      if (known !== undefined) this.#counts.set(limit, known + 1);
    }
  }

  #count(limit: LabelSetLimit): number {
    const known = this.#counts.get(limit);
    if (known !== undefined) return known;
    const count = isDefault(limit)
      ? this.#store.statistics(this.#tenant).seriesCount -
        this.#seriesCount(this.#limits.filter((one) => !isDefault(one)))
      : this.#seriesCount([limit]);
    this.#counts.set(limit, count);
    return count;
  }

  #seriesCount(limits: readonly LabelSetLimit[]): number {
    if (limits.length === 0) return 0;
    const selectors = limits.map(matchersOf);
    return runAtOnce(this.#store.series({ tenant: this.#tenant, selectors, startMs: -Infinity, endMs: Infinity }))
      .length;
  }
}

/** As errors name it: `{team="a"}`. */
export function labelSetText(limit: LabelSetLimit): string {
  return Labels.fromRecord(limit.labelSet).toString();
}

/** Those that a series with `labels` counts for; the one without labels only when there is no other. */
function limitsFor(limits: readonly LabelSetLimit[], labels: Labels): readonly LabelSetLimit[] {
  if (limits.length === 0) return limits;
  const matching = limits.filter(
    (limit) => !isDefault(limit) && Object.entries(limit.labelSet).every(([name, value]) => labels.get(name) === value),
  );
  return matching.length > 0 ? matching : limits.filter(isDefault);
}

function isDefault({ labelSet }: LabelSetLimit): boolean {
  return Object.keys(labelSet).length === 0;
}

function matchersOf({ labelSet }: LabelSetLimit): readonly Matcher[] {
  return Object.entries(labelSet).map(([name, value]) => createMatcher(name, '=', value));
}
