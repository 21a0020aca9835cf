import { builtinNames } from '../ruler/template/function-names.ts';
import { parseTemplate, TemplateSyntaxError } from '../ruler/template/parser.ts';

/** Go's own functions, and the Alertmanager's. */
const functionNames: ReadonlySet<string> = new Set([
  ...builtinNames,
  'append',
  'date',
  'dict',
  'humanizeDuration',
  'join',
  'list',
  'match',
  'now',
  'reReplaceAll',
  'safeHtml',
  'safeUrl',
  'since',
  'stringSlice',
  'title',
  'toJson',
  'toLower',
  'toUpper',
  'trimSpace',
  'tz',
  'urlUnescape',
]);

/** What is wrong with the syntax of a template file, in Go's words: `template: t.tmpl:1: unexpected EOF`. */
export function templateProblem(name: string, text: string): string | undefined {
  try {
    parseTemplate(name, text, (called) => functionNames.has(called));
    return undefined;
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return error.message;
    throw error;
  }
}
