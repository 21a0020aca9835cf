import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type Chevrotain = typeof import('chevrotain');

/**
 * Chevrotain, loaded when the first query is parsed. Its entry point is 150 files (0.2 s and more on a cold start); the
 * package also holds itself as one file, which loads ten times faster, so that one is taken where it is there.
 */
export function loadChevrotain(): Chevrotain {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('chevrotain');
  const bundle = join(dirname(entry), '..', 'chevrotain.mjs');
  return require(existsSync(bundle) ? bundle : entry) as Chevrotain;
}
