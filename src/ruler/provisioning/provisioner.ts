import { Gauge, type Registry } from 'prom-client';
import type { ParseOptions } from '../../../grammar/promql.ts';
import type { Clock, Timer } from '../../model/clock.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { Store } from '../../storage/types.ts';
import type { Ruler } from '../ruler.ts';
import { FolderWatcher } from './folder-watcher.ts';
import { type ProvisionedFile, ProvisionedFiles } from './provisioned-files.ts';
import { type FolderSnapshot, isSameSnapshot, readRuleFolder } from './rule-folder.ts';

export interface ProvisionerOptions {
  /** `-pocket.provisioned-rules-dir`. */
  readonly folder: string;
  readonly store: Pick<Store, 'tenants' | 'watchTenants'>;
  readonly ruler: Pick<Ruler, 'setProvisionedGroups'>;
  /** `-pocket.provisioned-rules-backfill`. */
  readonly backfillMs?: number;
  readonly clock: Clock;
  /**
   * The time in which files change, where the other one may be moved: a month that passes by hand is no reason to look
   * 200,000 times.
   */
  readonly machineClock?: Clock;
  readonly logger: ProvisionerLogger;
  readonly metrics: Registry;
  /** The PromQL that expressions may use. */
  readonly parse?: ParseOptions;
}

export interface ProvisionerLogger {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface ProvisioningState {
  readonly folder: string;
  /** Why the folder cannot be read now; empty when it can. */
  readonly error: string;
  readonly files: readonly ProvisionedFile[];
}

/** Whoever writes a file writes it in pieces: what is found has to be the same this much later. */
const SETTLE_MS = 200;
/** For mounts that tell of no changes. */
const POLL_INTERVAL_MS = 15_000;

/**
 * Has the rule files of a folder run for every tenant they are for: those that are there, and others from their first
 * write on.
 *
 *     waiting ──15 s, or told of a change──▶ look ──as before──▶ waiting
 *                                             │ ▲
 *                                   different │ │ 200 ms, until it looks the same twice: then it is taken over
 *                                             └─┘
 */
export class Provisioner {
  readonly #options: ProvisionerOptions;
  readonly #watcher = new FolderWatcher(() => this.#noteChange());
  readonly #fileOk: Gauge<'file'>;
  readonly #folderOk: Gauge;
  #files: ProvisionedFiles | undefined;
  #taken: FolderSnapshot | undefined;
  #seen: FolderSnapshot | undefined;
  #error = '';
  #timer: Timer | undefined;
  #isLooking = false;
  #hasChanged = false;
  /** Looks and tenants that appear are dealt with one after the other. */
  #work: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: ProvisionerOptions) {
    const registers = [options.metrics];
    this.#options = options;
    this.#fileOk = new Gauge({
      name: 'pocket_cortex_provisioned_rules_file_ok',
      help: 'Whether a provisioned rule file is in force as it is; 0 while its last good form is.',
      labelNames: ['file'],
      registers,
    });
    this.#folderOk = new Gauge({
      name: 'pocket_cortex_provisioned_rules_folder_ok',
      help: 'Whether the folder of provisioned rules can be read.',
      registers,
    });
  }

  /** Begins; resolves when the groups of all tenants that are there run. Call once. */
  start(): Promise<void> {
    this.#options.store.watchTenants((tenant, change) => {
      if (change === 'appeared') void this.#do(() => this.#provide(tenant));
    });
    return this.#do(() => this.#look());
  }

  /** Looks no more; the groups run on. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#watcher.close();
    await this.#work;
  }

  state(): ProvisioningState {
    return { folder: this.#options.folder, error: this.#error, files: this.#files?.states() ?? [] };
  }

  /** Never rejects. */
  #do(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(async () => {
      if (!this.#isStopped) await work();
    });
    this.#work = this.#work.catch((error: unknown) => {
      this.#options.logger.error({ err: error }, 'provisioning rules failed');
    });
    // Otherwise the rules of a tenant that was just loaded would miss time that is moved by hand.
    this.#options.clock.hold?.(this.#work);
    return this.#work;
  }

  /** Called at any time, also in the middle of a look. */
  #noteChange(): void {
    if (this.#isLooking) this.#hasChanged = true;
    else this.#arm(SETTLE_MS);
  }

  #arm(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer?.cancel();
    const { clock, machineClock = clock } = this.#options;
    this.#timer = machineClock.setTimer(() => this.#do(() => this.#look()), delayMs, { leavesData: true });
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    this.#hasChanged = false;
    try {
      const found = await readRuleFolder(this.#options.folder);
      this.#noteFolder('');
      const isNew = this.#taken === undefined || !isSameSnapshot(found, this.#taken);
      // There is nothing to be careful with at the start: what comes late is seen later.
      const isSettled = this.#taken === undefined || (this.#seen !== undefined && isSameSnapshot(found, this.#seen));
      this.#seen = isNew && !isSettled ? found : undefined;
      if (isNew && isSettled) await this.#take(found);
      await this.#watcher.follow(found.folders);
    } catch (error) {
      this.#noteFolder((error as Error).message);
    } finally {
      this.#isLooking = false;
      this.#arm(this.#seen || this.#hasChanged ? SETTLE_MS : POLL_INTERVAL_MS);
    }
  }

  async #take(found: FolderSnapshot): Promise<void> {
    const { clock, logger, store, parse } = this.#options;
    if (this.#files === undefined) {
      // YAML, grammar and templates: only who has such rules pays for them at the start, and no tenant later.
      const [{ readRuleFile }, { loadTemplates }] = await Promise.all([
        import('../rule-file/rule-file.ts'),
        import('../template/expand.ts'),
      ]);
      await loadTemplates();
      const options = { parse, ignoresUnknownFields: false, dialect: 'cortex', marksTenant: true } as const;
      this.#files = new ProvisionedFiles((text) => readRuleFile(text, options));
    }
    for (const { path: file, error, groupCount, isKept } of this.#files.take(found, clock.nowMs())) {
      if (error === '') logger.info({ file, groupCount }, 'provisioned rules are in force');
      else if (isKept) logger.error({ file, err: error }, 'provisioned rules stay in their last good form');
      else logger.error({ file, err: error }, 'provisioned rules cannot be used');
    }
    this.#taken = found;
    this.#fileOk.reset();
    for (const { path: file, error } of this.#files.states()) this.#fileOk.set({ file }, error === '' ? 1 : 0);
    for (const tenant of store.tenants()) await this.#provide(tenant);
  }

  async #provide(tenant: TenantId): Promise<void> {
    if (this.#files && !this.#isStopped) {
      const { ruler, backfillMs = 0 } = this.#options;
      await ruler.setProvisionedGroups(tenant, this.#files.groupsOf(tenant), { backfillMs });
    }
  }

  #noteFolder(error: string): void {
    const { folder, logger } = this.#options;
    if (error !== '' && error !== this.#error) {
      logger.error({ folder, err: error }, 'the folder of provisioned rules cannot be read, they stay as they are');
    }
    this.#error = error;
    this.#folderOk.set(error === '' ? 1 : 0);
  }
}
