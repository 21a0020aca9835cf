import type { Labels } from '../model/labels.ts';
import type { TextMap } from './rule-group.ts';

/** An alert is inactive once it has been resolved. */
export type AlertState = 'pending' | 'firing' | 'inactive';

/** What an alerting rule found at one evaluation: one series of its expression. */
export interface FoundAlert {
  /** Its identity, `alertname` included. */
  readonly labels: Labels;
  readonly annotations: TextMap;
  readonly value: number;
}

/** An alert as it stands. Times are those of evaluations. */
export interface Alert extends FoundAlert {
  readonly state: AlertState;
  /** Since when the expression has yielded it, without a break. */
  readonly activeAtMs: number;
  readonly firedAtMs: number | undefined;
  readonly resolvedAtMs: number | undefined;
  /** Since when it fires only because of `keep_firing_for`. */
  readonly keepFiringSinceMs: number | undefined;
}

/** How long a resolved alert is kept, so that receivers that were away hear of it. */
const RESOLVED_RETENTION_MS = 15 * 60_000;

interface TrackedAlert extends FoundAlert {
  annotations: TextMap;
  value: number;
  state: AlertState;
  activeAtMs: number;
  firedAtMs: number | undefined;
  resolvedAtMs: number | undefined;
  keepFiringSinceMs: number | undefined;
  lastSentMs: number | undefined;
}

export interface AlertTimes {
  /** How long the expression has to yield an alert before it fires. */
  readonly forMs: number;
  /** How long it goes on firing when the expression no longer yields it. */
  readonly keepFiringForMs: number;
}

/**
 * The alerts of one rule from evaluation to evaluation.
 *
 *                    found                 found for `forMs`
 *     (not known) ─────────▶ pending ───────────────────────▶ firing ──┐ not found, for `keepFiringForMs`
 *          ▲                    │                               ▲  ▲───┘
 *          ├────── not found ───┘                         found │  │ not found any longer
 *          │                                      (as pending)  │  ▼
 *          └──── 15 minutes later ────────────────────────── inactive
 */
export class ActiveAlerts {
  readonly #times: AlertTimes;
  /** By the keys of their labels. */
  #alerts = new Map<string, TrackedAlert>();

  constructor(times: AlertTimes) {
    this.#times = times;
  }

  /** Takes what an evaluation for `timeMs` found, each alert once. The alerts that are pending or firing now. */
  update(found: readonly FoundAlert[], timeMs: number): readonly Alert[] {
    const foundKeys = new Set<string>();
    for (const alert of found) {
      foundKeys.add(alert.labels.key);
      this.#find(alert, timeMs);
    }
    const standing: TrackedAlert[] = [];
    for (const [key, alert] of this.#alerts) {
      if (foundKeys.has(key)) alert.keepFiringSinceMs = undefined;
      else if (!this.#survives(alert, key, timeMs)) continue;
      if (alert.state === 'pending' && timeMs - alert.activeAtMs >= this.#times.forMs) {
        alert.state = 'firing';
        alert.firedAtMs = timeMs;
      }
      standing.push(alert);
    }
    return standing;
  }

  /** Those that are pending or firing, as they are now. */
  active(): Alert[] {
    return [...this.#alerts.values()].filter(({ resolvedAtMs }) => resolvedAtMs === undefined).map(copyOf);
  }

  /**
   * Those that a receiver is to be told of at `timeMs`: they fire or were resolved, and that is news, or was last told
   * `resendDelayMs` ago. They count as told.
   */
  takeUnsent(timeMs: number, resendDelayMs: number): Alert[] {
    const unsent: Alert[] = [];
    for (const alert of this.#alerts.values()) {
      if (alert.state === 'pending') continue;
      const { lastSentMs = -Infinity, resolvedAtMs = -Infinity } = alert;
      if (resolvedAtMs <= lastSentMs && lastSentMs + resendDelayMs >= timeMs) continue;
      alert.lastSentMs = timeMs;
      unsent.push(copyOf(alert));
    }
    return unsent;
  }

  /** Gives each pending or firing alert another beginning; undefined leaves it. */
  restore(activeAtMs: (labels: Labels) => number | undefined): void {
    for (const alert of this.#alerts.values()) {
      if (alert.state !== 'inactive') alert.activeAtMs = activeAtMs(alert.labels) ?? alert.activeAtMs;
    }
  }

  /** Goes on where the alerts of the rule that this one replaces are. */
  takeOver(from: ActiveAlerts): void {
    this.#alerts = new Map([...from.#alerts].map(([key, alert]) => [key, { ...alert }]));
  }

  /** Whether nothing is known, resolved alerts neither. */
  get isEmpty(): boolean {
    return this.#alerts.size === 0;
  }

  /** The keys of the labels of all that is known. */
  keys(): string[] {
    return [...this.#alerts.keys()];
  }

  /** Gives alerts other annotations; undefined leaves those of that key. */
  annotate(textsOf: (key: string) => TextMap | undefined): void {
    for (const [key, alert] of this.#alerts) alert.annotations = textsOf(key) ?? alert.annotations;
  }

  /** Forgets those that are resolved: nobody will be told of them. */
  forgetResolved(): void {
    for (const [key, { state }] of this.#alerts) if (state === 'inactive') this.#alerts.delete(key);
  }

  clear(): void {
    this.#alerts.clear();
  }

  #find({ labels, annotations, value }: FoundAlert, timeMs: number): void {
    const known = this.#alerts.get(labels.key);
    if (known && known.state !== 'inactive') {
      known.value = value;
      known.annotations = annotations;
      return;
    }
    this.#alerts.set(labels.key, {
      labels,
      annotations,
      value,
      state: 'pending',
      activeAtMs: timeMs,
      firedAtMs: undefined,
      resolvedAtMs: undefined,
      keepFiringSinceMs: undefined,
      lastSentMs: undefined,
    });
  }

  /** Whether an alert that was not found stands all the same. */
  #survives(alert: TrackedAlert, key: string, timeMs: number): boolean {
    if (alert.state === 'firing' && this.#times.keepFiringForMs > 0) {
      alert.keepFiringSinceMs ??= timeMs;
      if (timeMs - alert.keepFiringSinceMs < this.#times.keepFiringForMs) return true;
    }
    const isForgotten = alert.resolvedAtMs !== undefined && timeMs - alert.resolvedAtMs > RESOLVED_RETENTION_MS;
    if (alert.state === 'pending' || isForgotten) this.#alerts.delete(key);
    if (alert.state !== 'inactive') {
      alert.state = 'inactive';
      alert.resolvedAtMs = timeMs;
    }
    return false;
  }
}

function copyOf({ lastSentMs: _, ...alert }: TrackedAlert): Alert {
  return alert;
}
