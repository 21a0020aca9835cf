import { readFileSync } from 'node:fs';

/** A template, and what it becomes or what is wrong with it. */
export interface TemplateCase {
  readonly template: string;
  readonly expected: string;
}

/** The cases of a file of this folder: a template in a line, `=>` and the expectation in the next. */
export function readTemplateCases(name: string): TemplateCase[] {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8');
  return [...text.matchAll(/^(?!#)(.+)\n=>(?: (.*))?$/gm)].map(([, template, expected = '']) => ({
    template: decoded(template!),
    expected: decoded(expected),
  }));
}

function decoded(text: string): string {
  return text.replaceAll('⏎', '\n').replaceAll('␠', ' ');
}
