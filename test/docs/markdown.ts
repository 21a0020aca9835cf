import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/** A block between fences. */
export interface Snippet {
  /** From the project's root. */
  readonly document: string;
  /** Of its first fence, from 1. */
  readonly line: number;
  /** '' where none is named. */
  readonly language: string;
  readonly text: string;
}

/** The documents of the project, but for the list of changes. */
export const documents: readonly string[] = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(`${projectRoot}docs`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

export function snippetsOf(document: string): readonly Snippet[] {
  return readSnippets(document, readFileSync(projectRoot + document, 'utf8'));
}

/** All of them in order; @throws when a fence is not closed. */
export function readSnippets(document: string, markdown: string): readonly Snippet[] {
  const snippets: Snippet[] = [];
  let open:
    | { readonly line: number; readonly language: string; readonly indent: string; readonly lines: string[] }
    | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^(\s*)(?:```|~~~)(.*)$/.exec(line);
    if (open === undefined && fence) {
      open = { line: index + 1, language: fence[2]!.trim(), indent: fence[1]!, lines: [] };
    } else if (open !== undefined && fence) {
      const { language, lines } = open;
      snippets.push({ document, line: open.line, language, text: `${lines.join('\n')}\n` });
      open = undefined;
    } else {
      open?.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    }
  }
  if (open !== undefined) throw new Error(`${document}:${open.line}: the block is not closed`);
  return snippets;
}

/** `README.md:8` */
export function placeOf({ document, line }: Snippet): string {
  return `${document}:${line}`;
}
