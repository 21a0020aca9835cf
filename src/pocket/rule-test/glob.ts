import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/**
 * The files that a pattern of Go's `filepath.Glob` names, sorted: `*`, `?` and `[a-z]` within a part of the path. A
 * relative pattern starts in `folder`.
 */
export async function glob(pattern: string, folder: string): Promise<string[]> {
  const full = isAbsolute(pattern) ? pattern : join(folder, pattern);
  let found = [isAbsolute(full) ? '/' : '.'];
  for (const part of full.split('/').filter((text) => text !== '')) {
    found = (await Promise.all(found.map((parent) => entriesOf(parent, part)))).flat();
  }
  return found;
}

async function entriesOf(parent: string, part: string): Promise<string[]> {
  if (!/[*?[\\]/.test(part)) {
    const path = join(parent, part);
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    return isThere ? [path] : [];
  }
  const names = await readdir(parent).catch(() => []);
  const expression = expressionOf(part);
  return names
    .filter((name) => expression.test(name))
    .sort()
    .map((name) => join(parent, name));
}

function expressionOf(part: string): RegExp {
  const source = part.replace(/\\(.)|\[(\^?)((?:\\.|[^\]])+)\]|[\s\S]/g, (piece, escaped, negation, set) => {
    if (escaped !== undefined) return quoted(escaped);
    if (set !== undefined) return `[${negation}${set.replace(/[[\]]/g, '\\$&')}]`;
    return piece === '*' ? '.*' : piece === '?' ? '.' : quoted(piece);
  });
  return new RegExp(`^${source}$`, 's');
}

function quoted(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
}
