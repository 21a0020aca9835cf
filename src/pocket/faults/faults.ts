import { PocketCortexError } from '../../model/errors.ts';
import type { TenantId } from '../../model/tenant.ts';
import { FaultRule, type FaultTarget } from './fault-rule.ts';

/** Where a script applies that names no path: where Prometheus writes. */
export const DEFAULT_FAULT_PATH = '/api/v1/push';

/** How many scripts there may be at a time. */
const RULES_LIMIT = 1000;

/** The fault scripts of a server. Whoever has one acts on requests as it says (`fault-hooks.ts`). */
export class Faults {
  #rules: readonly FaultRule[] = [];
  readonly #onClear = new Set<() => void>();

  /** Whether any request can be one's. */
  get areSet(): boolean {
    return this.#rules.length > 0;
  }

  get rules(): readonly FaultRule[] {
    return this.#rules;
  }

  /**
   * Sets the script for a target, from its first step on; what was known of an earlier one is forgotten.
   * @throws {PocketCortexError} `bad-data` when the script cannot be read
   */
  set(target: FaultTarget, script: string): FaultRule {
    if (!target.path.startsWith('/')) {
      throw new PocketCortexError('bad-data', `"${target.path}" is no path: it begins with no slash`);
    }
    const rule = new FaultRule(target, script);
    const others = this.#rules.filter((one) => !isSame(one.target, target));
    if (others.length === RULES_LIMIT)
      throw new PocketCortexError('bad-data', `more than ${RULES_LIMIT} fault scripts`);
    this.#rules = [...others, rule].sort(bySpecificity);
    return rule;
  }

  find(target: FaultTarget): FaultRule | undefined {
    return this.#rules.find((one) => isSame(one.target, target));
  }

  /** The script for a request: one for its tenant before one for all, one for its path before one for many. */
  match(tenant: TenantId | undefined, path: string): FaultRule | undefined {
    return this.#rules.find((one) => one.appliesTo(tenant, path));
  }

  /** Removes one script, or all, and cuts the requests that hang. How many scripts there were. */
  clear(target?: FaultTarget): number {
    const kept = target ? this.#rules.filter((one) => !isSame(one.target, target)) : [];
    const removedCount = this.#rules.length - kept.length;
    this.#rules = kept;
    for (const listener of this.#onClear) listener();
    return removedCount;
  }

  /** Has `listener` called when scripts are removed. */
  onClear(listener: () => void): void {
    this.#onClear.add(listener);
  }
}

function isSame(a: FaultTarget, b: FaultTarget): boolean {
  return a.tenant === b.tenant && a.path === b.path;
}

function bySpecificity({ target: a }: FaultRule, { target: b }: FaultRule): number {
  const tenants = Number(a.tenant === undefined) - Number(b.tenant === undefined);
  const patterns = Number(a.path.endsWith('*')) - Number(b.path.endsWith('*'));
  return tenants || patterns || b.path.length - a.path.length;
}
