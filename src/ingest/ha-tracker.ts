import { Counter, Gauge, type Registry } from 'prom-client';
import type { Limits } from '../limits/limits.ts';
import type { Clock } from '../model/clock.ts';
import type { TenantId } from '../model/tenant.ts';

export interface HaTrackerOptions {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly metrics: Registry;
  /** Without it every replica is taken, and its label removed all the same. */
  readonly isEnabled: boolean;
  /** How often the time of the elected replica is noted. */
  readonly updateTimeoutMs: number;
}

/** The replica whose samples are taken. */
export interface ElectedReplica {
  readonly tenant: TenantId;
  readonly cluster: string;
  readonly replica: string;
  /** When a sample of it was noted last. */
  readonly receivedAtMs: number;
}

export type ReplicaVerdict =
  | { readonly kind: 'accepted' }
  /** Another replica of the cluster is elected. */
  | { readonly kind: 'other-elected'; readonly message: string }
  | { readonly kind: 'too-many-clusters'; readonly message: string };

const accepted: ReplicaVerdict = { kind: 'accepted' };

/** Elects one replica of every cluster of a tenant, and another one when it falls silent, as Cortex's HA tracker does. */
export class HaTracker {
  readonly #options: HaTrackerOptions;
  readonly #elected = new Map<TenantId, Map<string, ElectedReplica>>();
  readonly #changes: Counter;
  readonly #electedAt: Gauge;
  readonly #clusterCount: Gauge;

  constructor(options: HaTrackerOptions) {
    this.#options = options;
    const registers = [options.metrics];
    this.#changes = new Counter({
      name: 'cortex_ha_tracker_elected_replica_changes_total',
      help: 'The total number of times the elected replica has changed for a user ID/cluster.',
      labelNames: ['cluster', 'user'],
      registers,
    });
    this.#electedAt = new Gauge({
      name: 'cortex_ha_tracker_elected_replica_timestamp_seconds',
      help: 'The timestamp stored for the currently elected replica.',
      labelNames: ['cluster', 'user'],
      registers,
    });
    this.#clusterCount = new Gauge({
      name: 'cortex_ha_tracker_user_replica_group_count',
      help: 'Number of HA replica groups tracked for each user.',
      labelNames: ['user'],
      registers,
    });
  }

  get isEnabled(): boolean {
    return this.#options.isEnabled;
  }

  get updateTimeoutMs(): number {
    return this.#options.updateTimeoutMs;
  }

  /** Whether samples of `replica` are taken now; it is elected when nobody is, or the one who is has been silent too long. */
  check(tenant: TenantId, cluster: string, replica: string): ReplicaVerdict {
    const { clock, limits, isEnabled, updateTimeoutMs } = this.#options;
    if (!isEnabled) return accepted;
    const { haMaxClusters, haTrackerFailoverTimeoutMs } = limits.forTenant(tenant);
    const clusters = this.#elected.get(tenant) ?? new Map<string, ElectedReplica>();
    const elected = clusters.get(cluster);
    const nowMs = clock.nowMs();
    if (!elected && haMaxClusters > 0 && clusters.size >= haMaxClusters) {
      return { kind: 'too-many-clusters', message: `too many HA replicaGroups (limit: ${haMaxClusters})` };
    }
    const silentMs = elected ? nowMs - elected.receivedAtMs : Infinity;
    if (elected && elected.replica !== replica && silentMs < Math.max(updateTimeoutMs, haTrackerFailoverTimeoutMs)) {
      const message = `replicas did not match, rejecting sample: replica=${replica}, elected=${elected.replica}`;
      return { kind: 'other-elected', message };
    }
    if (elected?.replica === replica && silentMs < updateTimeoutMs) return accepted;
    this.#elected.set(tenant, clusters.set(cluster, { tenant, cluster, replica, receivedAtMs: nowMs }));
    if (elected?.replica !== replica) this.#changes.inc({ cluster, user: tenant });
    this.#electedAt.set({ cluster, user: tenant }, nowMs / 1000);
    this.#clusterCount.set({ user: tenant }, clusters.size);
    return accepted;
  }

  /** All elected replicas, by tenant and cluster in order. */
  elected(): readonly ElectedReplica[] {
    const all = [...this.#elected.values()].flatMap((clusters) => [...clusters.values()]);
    return all.sort((a, b) => compare(a.tenant, b.tenant) || compare(a.cluster, b.cluster));
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
