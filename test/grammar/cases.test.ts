import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ALL_FEATURES, type ParseOptions, parseExpr, printExpr } from '../../grammar/promql.ts';
import { PocketCortexError } from '../../src/model/errors.ts';
import { treeText } from './tree-text.ts';

/**
 * The case files: a query of one or more lines, then `==>` and its tree, or `==> error` and the message. Cases stand
 * apart by blank lines; lines with `#` in front are notes. A file may begin with `features: all`. `json` in front of a
 * string makes that the query: for what would not show.
 */
interface Case {
  readonly line: number;
  readonly query: string;
  readonly expected: string;
}

const folder = new URL('.', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

describe.for(files)('%s', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const options: ParseOptions = /^features: all$/m.test(text) ? ALL_FEATURES : {};
  test.for(readCases(text))('line $line: $query', ({ query, expected }) => {
    expect(outcome(query, options)).toBe(expected);
    if (expected.startsWith('error')) return;
    const printed = printExpr(parseExpr(query, options));
    expect(printExpr(parseExpr(printed, options))).toBe(printed);
  });
});

function outcome(query: string, options: ParseOptions): string {
  try {
    return treeText(parseExpr(query, options));
  } catch (error) {
    if (error instanceof PocketCortexError && error.code === 'parse-error') return `error ${error.message}`;
    throw error;
  }
}

function readCases(text: string): Case[] {
  const cases: Case[] = [];
  let query: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#') || line.startsWith('features:')) continue;
    if (!line.startsWith('==> ')) {
      query.push(line);
      continue;
    }
    const written = query.join('\n');
    const isJson = written.startsWith('json ');
    cases.push({
      line: index + 1 - query.length,
      query: isJson ? (JSON.parse(written.slice('json '.length)) as string) : written,
      expected: line.slice('==> '.length),
    });
    query = [];
  }
  return cases;
}
