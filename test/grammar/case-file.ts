import { readdirSync, readFileSync } from 'node:fs';

/**
 * The case files: a query of one or more lines, then `==>` and its tree, or `==> error` and the message. Cases stand
 * apart by blank lines; lines with `#` in front are notes. A file may begin with `features: all`. `json` in front of a
 * string makes that the query: for what would not show.
 */
export interface CaseFile {
  readonly name: string;
  readonly hasAllFeatures: boolean;
  readonly cases: readonly GrammarCase[];
}

export interface GrammarCase {
  readonly line: number;
  readonly query: string;
  /** The tree, or `error` and the message. */
  readonly expected: string;
}

export function readCaseFiles(): CaseFile[] {
  const folder = new URL('.', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  return names.map((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    return { name, hasAllFeatures: /^features: all$/m.test(text), cases: readCases(text) };
  });
}

function readCases(text: string): GrammarCase[] {
  const cases: GrammarCase[] = [];
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
