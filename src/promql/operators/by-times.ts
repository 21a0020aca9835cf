import type { SampleColumns } from '../../model/columns.ts';

/** What is kept in all, in steps: a few MB. */
const KEPT_STEPS = 1 << 16;
const KEPT_PLANS = 64;

/** What follows from the times of a series' samples alone: at which steps there is which sample, say. */
export interface TimePlan {
  /** Overwrites the plan with what follows from these times; `isKept` when it will be asked for again. */
  make(samples: SampleColumns, isKept: boolean): void;
}

/** Keeps plans for series that share their times (`SampleColumns.sharedTimestampsMs`): most need none of their own. */
export class ByTimes<Plan extends TimePlan> {
  readonly #create: () => Plan;
  readonly #limit: number;
  readonly #times: Float64Array[] = [];
  /** Undefined where the times were met only once: nobody may ask again. */
  readonly #plans: (Plan | undefined)[] = [];
  /** Behind the plan that was found last: series of several targets mostly come in turn. */
  #next = 0;
  /** For a series with times of its own; overwritten by the next. */
  #single: Plan | undefined;

  constructor(stepCount: number, create: () => Plan) {
    this.#create = create;
    this.#limit = Math.max(1, Math.min(KEPT_PLANS, Math.floor(KEPT_STEPS / stepCount)));
  }

  /** The plan for these samples. Borrowed until the next call. */
  of(samples: SampleColumns): Plan {
    const shared = samples.sharedTimestampsMs;
    const known = shared === undefined ? -1 : this.#find(shared);
    if (known >= 0) {
      this.#plans[known] ??= this.#make(this.#create(), samples, true);
      return this.#plans[known];
    }
    if (shared !== undefined && this.#times.length < this.#limit) {
      this.#times.push(shared);
      this.#plans.push(undefined);
    }
    this.#single ??= this.#create();
    return this.#make(this.#single, samples, false);
  }

  #make(plan: Plan, samples: SampleColumns, isKept: boolean): Plan {
    plan.make(samples, isKept);
    return plan;
  }

  #find(times: Float64Array): number {
    const count = this.#times.length;
    let at = this.#next;
    for (let tried = 0; tried < count; tried++, at++) {
      if (at >= count) at = 0;
      if (this.#times[at] !== times) continue;
      this.#next = at + 1 === count ? 0 : at + 1;
      return at;
    }
    return -1;
  }
}
