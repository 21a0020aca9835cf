import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file that comes with this package: the first of these, from its folder, that is there. Bundled, a module does not know how deep it is. */
export function packageFile(...candidates: readonly string[]): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const found = candidates.map((path) => join(folder, path)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (folder === dirname(folder)) return candidates[0]!;
    folder = dirname(folder);
  }
}
