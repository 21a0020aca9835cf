import type { Incident, Place, Recurrence } from './scenario.ts';

/** What the grid of rates is made of: incidents begin and end at whole minutes. */
export const MINUTE_MS = 60_000;

/** An incident at one of its times, `[fromMs, toMs)`, both whole minutes. */
export interface Occurrence {
  readonly incident: Incident;
  readonly fromMs: number;
  readonly toMs: number;
}

/** When incidents of a scenario happen that began to be live at `startMs`. */
export class Calendar {
  readonly #incidents: readonly Incident[];
  readonly #startMs: number;

  constructor(incidents: readonly Incident[], startMs: number) {
    this.#incidents = incidents;
    this.#startMs = startMs;
  }

  /** Those that are going on at some time of `[fromMs, toMs)`, or end then; in the order of their begin. */
  between(fromMs: number, toMs: number, isMeant: (incident: Incident) => boolean): Occurrence[] {
    const found: Occurrence[] = [];
    for (const incident of this.#incidents) {
      if (!isMeant(incident)) continue;
      for (const timeMs of timesOf(incident.when, {
        startMs: this.#startMs,
        fromMs: fromMs - incident.durationMs,
        toMs,
      })) {
        const beginMs = Math.ceil(timeMs / MINUTE_MS) * MINUTE_MS;
        const endMs = Math.ceil((timeMs + incident.durationMs) / MINUTE_MS) * MINUTE_MS;
        if (beginMs < toMs && endMs >= fromMs) found.push({ incident, fromMs: beginMs, toMs: endMs });
      }
    }
    return found.sort((a, b) => a.fromMs - b.fromMs);
  }
}

/** A little too many at the begin do no harm: whoever asks looks again. */
function timesOf(
  when: Recurrence,
  { startMs, fromMs, toMs }: { readonly startMs: number; readonly fromMs: number; readonly toMs: number },
): number[] {
  if (when.kind !== 'every') return [timeOf(when, startMs)];
  const { periodMs, offsetMs } = when;
  const times: number[] = [];
  const first = Math.floor((fromMs - offsetMs) / periodMs);
  for (let timeMs = first * periodMs + offsetMs; timeMs < toMs; timeMs += periodMs) times.push(timeMs);
  return times;
}

/** The time that is meant, in a scenario that began to be live at `startMs`. */
export function timeOf(when: Exclude<Recurrence, { kind: 'every' }>, startMs: number): number {
  return when.kind === 'at' ? when.timeMs : startMs + when.offsetMs;
}

/** Whether something of `place` is in that cluster of that tenant. */
export function isAt({ tenants, clusters }: Place, tenant: string, cluster: string): boolean {
  return (tenants.length === 0 || tenants.includes(tenant)) && (clusters.length === 0 || clusters.includes(cluster));
}
