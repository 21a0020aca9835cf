#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

/*
 * What the command line is once it has been built: the program is one file beside this one, compiled with the code cache that the
 * build left there, as most of a cold start is the compiler otherwise. A cache that another version of Node made is not
 * taken: the program is compiled then, and starts as well, only later. It is a CommonJS module, as Node starts these without its
 * loader of ES modules.
 */
const path = join(__dirname, 'program.cjs');

/** The compiled program; the build asks it for the cache. */
export const program = compile(`${path}.cache`);

program.runInThisContext()(require, path, __dirname, pathToFileURL(path).href);

function compile(cachePath: string): Script {
  const cachedData = existsSync(cachePath) ? { cachedData: readFileSync(cachePath) } : {};
  return new Script(readFileSync(path, 'latin1'), { filename: path, ...cachedData });
}
