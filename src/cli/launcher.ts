#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/*
 * What the command line is once it has been built: the program is one file beside this one, compiled with the code cache that the
 * build left there, as most of a cold start is the compiler otherwise. A cache that another version of Node made is not
 * taken: the program is compiled then, and starts as well, only later.
 */
const path = fileURLToPath(new URL('./program.cjs', import.meta.url));

/** The compiled program; the build asks it for the cache. */
export const program = compile(`${path}.cache`);

program.runInThisContext()(createRequire(import.meta.url), path, dirname(path), import.meta.url);

function compile(cachePath: string): Script {
  const cachedData = existsSync(cachePath) ? { cachedData: readFileSync(cachePath) } : {};
  return new Script(readFileSync(path, 'latin1'), { filename: path, ...cachedData });
}
