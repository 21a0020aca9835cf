import { MINUTE_MS, type Occurrence } from './occurrences.ts';
import type { Service } from './scenario.ts';
import { keyOf, suffixOf } from './seeded.ts';
import type { FlowPlace } from './service-flow.ts';

/** Whatever else happens, every service is deployed anew this often, on a Monday: no counter is older. */
const RENEWAL_MS = 4 * 7 * 86_400_000;
const MONDAY_MS = 4 * 86_400_000;

/** What a pod is between two things that happen to it. */
export interface PodState {
  readonly name: string;
  readonly version: string;
  /** When its counters began. A whole minute. */
  readonly birthMs: number;
  readonly isDown: boolean;
}

/** From `atMs` on a pod is in a state. */
interface PodChange {
  readonly atMs: number;
  readonly state: PodState;
}

interface PodEvent {
  readonly atMs: number;
  readonly kind: 'replace' | 'restart' | 'down';
}

export interface PodPlace extends FlowPlace {
  readonly service: Service;
  /** Which of the service's pods, from 0. */
  readonly slot: number;
}

/** The state at `timeMs`, from what happened before. */
export function stateAt(place: PodPlace, occurrencesBetween: OccurrencesBetween, timeMs: number): PodState {
  const fromMs = timeMs - RENEWAL_MS - MINUTE_MS;
  const changes = changesOf(place, occurrencesBetween(fromMs, timeMs + 1), { fromMs, toMs: timeMs }, undefined);
  return changes.at(-1)!.state;
}

export type OccurrencesBetween = (fromMs: number, toMs: number) => readonly Occurrence[];

/** What happens to a pod in `(fromMs, toMs]`. Without a state before that, it begins with the first renewal. */
export function changesOf(
  place: PodPlace,
  occurrences: readonly Occurrence[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  before: PodState | undefined,
): PodChange[] {
  const events = [...renewals(fromMs, toMs), ...occurrences.flatMap((occurrence) => eventsOf(place, occurrence))]
    .filter(({ atMs }) => atMs > fromMs && atMs <= toMs)
    .sort((a, b) => a.atMs - b.atMs);
  const changes: PodChange[] = [];
  let state = before;
  for (const { atMs, kind } of events) {
    if (state === undefined && kind !== 'replace') continue;
    state = kind === 'replace' ? replaced(place, atMs) : { ...state!, birthMs: atMs, isDown: kind === 'down' };
    changes.push({ atMs, state });
  }
  return changes;
}

function replaced({ seed, tenant, cluster, service, slot }: PodPlace, atMs: number): PodState {
  // Pods of one rollout share the middle of their names, as those of a ReplicaSet do.
  const day = new Date(atMs).toISOString().slice(0, 10);
  const set = keyOf(seed, tenant, cluster, service.name, day);
  return {
    name: `${service.name}-${suffixOf(set, 8)}-${suffixOf(keyOf(`${set}`, `${slot}`, `${atMs}`), 5)}`,
    version: `${day.replaceAll('-', '.')}-${suffixOf(keyOf(seed, service.name, day), 4)}`,
    birthMs: atMs,
    isDown: false,
  };
}

/** The last renewal that is not after `timeMs`. */
export function renewalBefore(timeMs: number): number {
  return Math.floor((timeMs - MONDAY_MS) / RENEWAL_MS) * RENEWAL_MS + MONDAY_MS;
}

function renewals(fromMs: number, toMs: number): PodEvent[] {
  const events: PodEvent[] = [];
  for (let atMs = renewalBefore(fromMs); atMs <= toMs; atMs += RENEWAL_MS) events.push({ atMs, kind: 'replace' });
  return events;
}

/** What an incident does to a pod of a service that it concerns. */
function eventsOf({ service, slot }: PodPlace, { incident, fromMs, toMs }: Occurrence): PodEvent[] {
  const events: PodEvent[] = [];
  if (slot < incident.downPods) events.push({ atMs: fromMs, kind: 'down' }, { atMs: toMs, kind: 'restart' });
  switch (incident.kind) {
    case 'deploy': {
      // One pod after the other.
      const pauseMs = Math.floor((toMs - fromMs) / service.pods / MINUTE_MS) * MINUTE_MS;
      events.push({ atMs: fromMs + slot * pauseMs, kind: 'replace' });
      break;
    }
    case 'reset':
      events.push({ atMs: fromMs, kind: 'restart' });
      break;
    case 'leak':
      // Out of memory.
      events.push({ atMs: toMs, kind: 'restart' });
      break;
    case 'outage':
    case 'surge':
    case 'bomb':
      break;
  }
  return events;
}
