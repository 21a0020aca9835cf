import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareText } from '../../model/labels.ts';
import { EVERY_TENANT, isTenantGlob } from './tenant-glob.ts';

/** A file of the folder, as it was found. */
export interface FoundFile {
  /** The folder it stands in, by which its tenants are named; empty at the top. */
  readonly folder: string;
  readonly name: string;
  readonly text: string;
  /** Why there is no text; empty when there is. */
  readonly problem: string;
}

/** What the folder held at one moment: files by their paths, with `/` in between. */
export interface FolderSnapshot {
  readonly files: ReadonlyMap<string, FoundFile>;
  /** All folders that were looked into, the top one included. */
  readonly folders: readonly string[];
}

/** Lists tenants that a folder's groups are not for. */
export const EXCEPT_FILE = 'except.txt';

/** Thousands of rules. */
const FILE_LIMIT_BYTES = 4 << 20;

/**
 * Reads the rule files of a folder: `<folder>/*.yaml`, and `except.txt` beside them. Names that begin with a dot are left
 * alone: Kubernetes keeps the versions of a mounted map in such folders.
 * @throws what the file system says when `root` cannot be read
 */
export async function readRuleFolder(root: string): Promise<FolderSnapshot> {
  const files = new Map<string, FoundFile>();
  const folders = [root];
  for (const name of await list(root)) {
    const path = join(root, name);
    if (await isFolder(path)) {
      folders.push(path);
      for (const inside of await listIfThere(path)) {
        if (isRuleFile(inside) || inside === EXCEPT_FILE)
          files.set(`${name}/${inside}`, await read(path, name, inside));
      }
    } else if (isRuleFile(name)) {
      const problem = `it stands in no folder: ${EVERY_TENANT} is for every tenant, other folders are named as their tenants`;
      files.set(name, { folder: '', name, text: '', problem });
    }
  }
  return { files, folders };
}

/** Whether nothing has changed between two moments. */
export function isSameSnapshot(a: FolderSnapshot, b: FolderSnapshot): boolean {
  if (a.files.size !== b.files.size) return false;
  for (const [path, { text, problem }] of a.files) {
    const other = b.files.get(path);
    if (other?.text !== text || other.problem !== problem) return false;
  }
  return true;
}

async function read(path: string, folder: string, name: string): Promise<FoundFile> {
  if (!isTenantGlob(folder)) {
    return { folder, name, text: '', problem: `no tenant can be named as its folder is: ${JSON.stringify(folder)}` };
  }
  try {
    const { size } = await stat(join(path, name));
    if (size > FILE_LIMIT_BYTES) throw new Error(`it has ${size} bytes, more than ${FILE_LIMIT_BYTES}`);
    return { folder, name, text: await readFile(join(path, name), 'utf8'), problem: '' };
  } catch (error) {
    return { folder, name, text: '', problem: `it cannot be read: ${(error as Error).message}` };
  }
}

function isRuleFile(name: string): boolean {
  return /\.ya?ml$/.test(name);
}

async function list(path: string): Promise<string[]> {
  return (await readdir(path)).filter((name) => !name.startsWith('.')).sort(compareText);
}

/** A folder may go between being found and being read. */
async function listIfThere(path: string): Promise<string[]> {
  return list(path).catch(() => []);
}

/** Links are followed. */
async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
