import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCatalogue } from '../../src/model/errors.ts';

const projectFolder = join(import.meta.dirname, '../..');

/** The rows of the published table, as entries of the catalogue. */
function publishedCatalogue(): object {
  const [, section = ''] = readFileSync(join(projectFolder, 'ARCHITECTURE.md'), 'utf8').split(/^## Errors$/m);
  const [table = ''] = section.split(/^## /m);
  const cell = '`?([^`|]*?)`?';
  const rows = table.matchAll(new RegExp(`^\\| \`([a-z-]+)\` +\\| ${cell} +\\| ${cell} +\\| ${cell} +\\| \\S`, 'gm'));
  return Object.fromEntries(
    Array.from(rows, ([, code, status, errorType, limit]) => [
      code,
      { status: Number(status), errorType, ...(limit ? { limit } : {}) },
    ]),
  );
}

function* sourceFiles(folder: string): Iterable<string> {
  for (const entry of readdirSync(join(projectFolder, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (path.endsWith('.ts')) yield path;
  }
}

test('the catalogue is the one that ARCHITECTURE.md publishes', () => {
  expect(publishedCatalogue()).toEqual(errorCatalogue);
});

test('every code of the catalogue is used', () => {
  const paths = [...sourceFiles('src'), ...sourceFiles('grammar')].filter((path) => path !== 'src/model/errors.ts');
  const sources = paths.map((path) => readFileSync(join(projectFolder, path), 'utf8')).join('\n');
  expect(Object.keys(errorCatalogue).filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
});
