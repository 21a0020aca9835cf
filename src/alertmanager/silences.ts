import { randomUUID } from 'node:crypto';
import { quoteGo } from '../model/go-quote.ts';
import { isLegacyLabelName } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import { compileRegex } from '../model/regex.ts';

export interface SilenceMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

/** A silence as somebody sent it; with an `id` it replaces that one. */
export interface PostedSilence {
  readonly id: string;
  readonly matchers: readonly SilenceMatcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly createdBy: string;
  readonly comment: string;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

export interface Silence extends PostedSilence {
  readonly updatedAtMs: number;
}

export type SilenceState = 'active' | 'pending' | 'expired';

export type SilenceOutcome =
  | { readonly kind: 'set'; readonly id: string }
  /** The Alertmanager's text. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'unknown' };

/** How long one that has expired is shown: the default of Cortex's `-alertmanager.storage.retention`. */
const RETENTION_MS = 5 * 24 * 3_600_000;

/** The silences of one tenant, in memory. */
export class Silences {
  readonly #byId = new Map<string, Silence>();

  /** Creates one, or changes one; where that would change history the old one ends and a new one begins. */
  set(posted: PostedSilence, nowMs: number): SilenceOutcome {
    if (posted.startsAtMs >= posted.endsAtMs) {
      return { kind: 'refused', message: 'Failed to create silence: start time must be before end time' };
    }
    if (posted.endsAtMs < nowMs) {
      return { kind: 'refused', message: "Failed to create silence: end time can't be in the past" };
    }
    const problem = matchersProblem(posted.matchers);
    if (problem !== undefined) return { kind: 'refused', message: `invalid silence: ${problem}` };
    const known = this.#byId.get(posted.id);
    if (posted.id !== '' && known === undefined) return { kind: 'unknown' };
    if (known && mayChange(known, posted, nowMs)) {
      this.#byId.set(posted.id, { ...posted, updatedAtMs: nowMs });
      return { kind: 'set', id: posted.id };
    }
    if (known) this.expire(known.id, nowMs);
    const id = randomUUID();
    this.#byId.set(id, { ...posted, id, startsAtMs: Math.max(posted.startsAtMs, nowMs), updatedAtMs: nowMs });
    return { kind: 'set', id };
  }

  get(id: string): Silence | undefined {
    return this.#byId.get(id);
  }

  /** Whether there is one; one that has expired stays as it is. */
  expire(id: string, nowMs: number): boolean {
    const silence = this.#byId.get(id);
    if (silence === undefined) return false;
    const state = silenceState(silence, nowMs);
    if (state === 'expired') return true;
    const startsAtMs = state === 'pending' ? nowMs : silence.startsAtMs;
    this.#byId.set(id, { ...silence, startsAtMs, endsAtMs: nowMs, updatedAtMs: nowMs });
    return true;
  }

  /** Those that have the filters' matchers among theirs: active ones first, the next to end first; then the pending. */
  list(filters: readonly Matcher[], nowMs: number): Silence[] {
    for (const [id, { endsAtMs }] of this.#byId) if (endsAtMs + RETENTION_MS < nowMs) this.#byId.delete(id);
    return [...this.#byId.values()]
      .filter(({ matchers }) => filters.every((filter) => matchers.some((matcher) => isSame(filter, matcher))))
      .sort((a, b) => compareSilences(a, b, nowMs));
  }
}

export function silenceState({ startsAtMs, endsAtMs }: Silence, nowMs: number): SilenceState {
  if (nowMs < startsAtMs) return 'pending';
  return nowMs < endsAtMs ? 'active' : 'expired';
}

const stateOrder = { active: 1, pending: 2, expired: 3 } as const satisfies Record<SilenceState, number>;

function compareSilences(a: Silence, b: Silence, nowMs: number): number {
  const state = silenceState(a, nowMs);
  const order = stateOrder[state] - stateOrder[silenceState(b, nowMs)];
  if (order !== 0) return order;
  if (state === 'active') return a.endsAtMs - b.endsAtMs;
  return state === 'pending' ? a.startsAtMs - b.startsAtMs : b.endsAtMs - a.endsAtMs;
}

function isSame(filter: Matcher, { name, value, isRegex, isEqual }: SilenceMatcher): boolean {
  return filter.name === name && filter.value === value && filter.op === operator(isRegex, isEqual);
}

function operator(isRegex: boolean, isEqual: boolean): Matcher['op'] {
  if (isRegex) return isEqual ? '=~' : '!~';
  return isEqual ? '=' : '!=';
}

function mayChange(known: Silence, posted: PostedSilence, nowMs: number): boolean {
  const isSameMatcher = (a: SilenceMatcher, b: SilenceMatcher | undefined): boolean =>
    b !== undefined && a.name === b.name && a.value === b.value && a.isRegex === b.isRegex && a.isEqual === b.isEqual;
  if (known.matchers.length !== posted.matchers.length) return false;
  if (!known.matchers.every((matcher, index) => isSameMatcher(matcher, posted.matchers[index]))) return false;
  switch (silenceState(known, nowMs)) {
    case 'active':
      return Math.floor(known.startsAtMs / 1000) === Math.floor(posted.startsAtMs / 1000) && posted.endsAtMs >= nowMs;
    case 'pending':
      return posted.startsAtMs >= nowMs;
    case 'expired':
      return false;
  }
}

function matchersProblem(matchers: readonly SilenceMatcher[]): string | undefined {
  let matchEmpty = true;
  for (const [index, { name, value, isRegex, isEqual }] of matchers.entries()) {
    const problem = isLegacyLabelName(name) ? regexProblem(isRegex, value) : `invalid label name ${quoteGo(name)}`;
    if (problem !== undefined) return `invalid label matcher ${index} in set 0: ${problem}`;
    const matchesEmpty = isEqual && (isRegex ? compileRegex(`(?:.*(?:${value}).*)`).matches('') : value === '');
    matchEmpty &&= matchesEmpty;
  }
  return matchEmpty ? 'matcher set 0: at least one matcher must not match the empty string' : undefined;
}

function regexProblem(isRegex: boolean, value: string): string | undefined {
  if (!isRegex) return undefined;
  try {
    compileRegex(value);
    return undefined;
  } catch (error) {
    return `invalid regular expression ${quoteGo(value)}: ${(error as Error).message}`;
  }
}
