import { quoteGo } from '../../model/go-quote.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { RuleFile } from '../rule-file/rule-file.ts';
import type { RuleGroup } from '../rule-group.ts';
import type { ProvisionedGroup } from '../ruler.ts';
import { EXCEPT_FILE, type FolderSnapshot, type FoundFile } from './rule-folder.ts';
import { EVERY_TENANT, isTenantGlob, matchesTenant } from './tenant-glob.ts';
import { groupOfTenant } from './tenant-text.ts';

/** How a file of the folder is doing. */
export interface ProvisionedFile {
  readonly path: string;
  /** Of its last good form; empty for a list of exceptions. */
  readonly groupNames: readonly string[];
  /** What is wrong with it now; empty when nothing is. */
  readonly error: string;
  /** When its last good form was read; undefined when it never had one. */
  readonly loadedAtMs: number | undefined;
}

/** A file in its last good form, and what is wrong with it since. */
interface KnownFile {
  readonly found: FoundFile;
  readonly groups: readonly RuleGroup[];
  /** Tenants that the folder is not for. */
  readonly exceptions: readonly string[];
  readonly error: string;
  readonly loadedAtMs: number | undefined;
}

export interface FileChange {
  readonly path: string;
  readonly error: string;
  readonly groupCount: number;
  /** Whether an earlier form of it stays in force. */
  readonly isKept: boolean;
}

/** The files of the folder in their last good forms, and whom they are for. */
export class ProvisionedFiles {
  readonly #readRuleFile: (text: string) => RuleFile;
  #files = new Map<string, KnownFile>();

  constructor(readRuleFile: (text: string) => RuleFile) {
    this.#readRuleFile = readRuleFile;
  }

  /** Takes over what the folder holds now. The files that are not as they were, those that are gone not among them. */
  take({ files }: FolderSnapshot, nowMs: number): FileChange[] {
    const changes: FileChange[] = [];
    const before = this.#files;
    this.#files = new Map();
    for (const [path, found] of files) {
      const known = before.get(path);
      const isSame = known !== undefined && known.found.text === found.text && known.found.problem === found.problem;
      const file = isSame ? known : this.#read(found, known, nowMs);
      this.#files.set(path, file);
      if (isSame) continue;
      const { error, groups, loadedAtMs } = file;
      changes.push({ path, error, groupCount: groups.length, isKept: error !== '' && loadedAtMs !== undefined });
    }
    return changes;
  }

  /** What `tenant` gets, by path and then in the order of the file. */
  groupsOf(tenant: TenantId): ProvisionedGroup[] {
    const groups: ProvisionedGroup[] = [];
    for (const [path, { found, groups: own, error }] of this.#files) {
      if (own.length === 0 || !this.#isFor(found.folder, tenant)) continue;
      for (const group of own) {
        groups.push({
          namespace: path,
          group: groupOfTenant(group, tenant),
          source: path,
          ...(error !== '' && { error }),
        });
      }
    }
    return groups;
  }

  /** By path. */
  states(): ProvisionedFile[] {
    return [...this.#files].map(([path, { groups, error, loadedAtMs }]) => ({
      path,
      groupNames: groups.map(({ name }) => name),
      error,
      loadedAtMs,
    }));
  }

  #isFor(folder: string, tenant: TenantId): boolean {
    if (folder !== EVERY_TENANT && !matchesTenant(folder, tenant)) return false;
    const exceptions = this.#files.get(`${folder}/${EXCEPT_FILE}`)?.exceptions ?? [];
    return !exceptions.some((glob) => matchesTenant(glob, tenant));
  }

  #read(found: FoundFile, known: KnownFile | undefined, nowMs: number): KnownFile {
    const failed = (error: string): KnownFile => ({
      found,
      groups: known?.groups ?? [],
      exceptions: known?.exceptions ?? [],
      error,
      loadedAtMs: known?.loadedAtMs,
    });
    if (found.problem !== '') return failed(found.problem);
    if (found.name === EXCEPT_FILE) {
      const exceptions = exceptionsOf(found.text);
      const wrong = exceptions.find((glob) => !isTenantGlob(glob));
      if (wrong !== undefined) return failed(`no tenant can be named ${JSON.stringify(wrong)}`);
      return { found, groups: [], exceptions, error: '', loadedAtMs: nowMs };
    }
    const { groups: placed, errors } = this.#readRuleFile(found.text);
    const texts = errors.map(({ line, column, message }) => `${line}:${column}: ${message}`);
    if (texts.length > 0) return failed(texts.join('; '));
    const groups = placed.map(({ group }) => group);
    // The file is the namespace here, whatever namespaces it names.
    const names = groups.map(({ name }) => name);
    const repeated = names.find((name, index) => names.indexOf(name) < index);
    if (repeated !== undefined) return failed(`groupname: ${quoteGo(repeated)} is repeated in the same file`);
    return { found, groups, exceptions: [], error: '', loadedAtMs: nowMs };
  }
}

/** A tenant or a pattern a line; what follows a `#` is a remark. */
function exceptionsOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  return lines.filter((line) => line !== '');
}
