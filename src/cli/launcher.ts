#!/usr/bin/env node
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
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
  // Malloc has more than 32 MB mapped and unmapped by itself, and a page takes memory once it is written. It would remember a
  // smaller buffer that was freed, and from then on take such from the heap, where they leave holes.
  const room = Buffer.from(new ArrayBuffer(33 << 20));
  const source = readInto(room, path);
  const cache = existsSync(cachePath) ? { cachedData: readInto(room.subarray(source.length), cachePath) } : {};
  return new Script(source.toString('latin1'), { filename: path, ...cache });
}

/** The part of `room` that holds the file then. */
function readInto(room: Buffer, file: string): Buffer {
  const descriptor = openSync(file, 'r');
  let length = 0;
  for (let count = 1; count > 0; length += count) {
    count = readSync(descriptor, room, length, room.length - length, null);
  }
  closeSync(descriptor);
  return room.subarray(0, length);
}
