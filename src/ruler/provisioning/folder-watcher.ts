import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * Tells when something changes in folders, as far as the system tells: there are mounts (a host's folder in a container
 * of a virtual machine) whose changes nobody announces, so its silence proves nothing.
 */
export class FolderWatcher {
  readonly #changed: () => void;
  /** By what the folder is to the system: one that was made anew, or a link that points elsewhere now, is another one. */
  readonly #watchers = new Map<string, FSWatcher>();
  #isClosed = false;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Watches these folders from now on, and no others. Never rejects. */
  async follow(folders: readonly string[]): Promise<void> {
    const wanted = new Map<string, string>();
    for (const folder of folders) {
      const found = await stat(folder).catch(() => undefined);
      if (found) wanted.set(`${found.dev}:${found.ino}`, folder);
    }
    if (this.#isClosed) return;
    for (const id of this.#watchers.keys()) if (!wanted.has(id)) this.#drop(id);
    for (const [id, folder] of wanted) if (!this.#watchers.has(id)) this.#add(id, folder);
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true;
    for (const id of [...this.#watchers.keys()]) this.#drop(id);
  }

  #add(id: string, folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#changed());
      // A folder that goes ends its watcher.
      watcher.on('error', () => this.#drop(id));
      this.#watchers.set(id, watcher);
    } catch {
      // The system watches no more folders, or none of this kind.
    }
  }

  #drop(id: string): void {
    this.#watchers.get(id)?.close();
    this.#watchers.delete(id);
  }
}
