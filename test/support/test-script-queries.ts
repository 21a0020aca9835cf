import { readdirSync, readFileSync } from 'node:fs';

/** The queries of all evaluations in the `*.test` scripts of a folder, each once, in the order of the files. */
export function readScriptQueries(folder: URL): string[] {
  const queries = new Set<string>();
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.test'))) {
    for (const line of readFileSync(new URL(name, folder), 'utf8').split('\n')) {
      const query = /^eval(?:_\w+)? (?:instant(?: at \S+)?|range from \S+ to \S+ step \S+) (.+)$/.exec(line)?.[1];
      if (query) queries.add(query);
    }
  }
  return [...queries];
}
