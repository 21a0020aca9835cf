import { paceMs } from '../../model/clock.ts';
import type { TemplateContext } from './context.ts';
import type { ExpansionWork } from './interpreter.ts';
import { parseTemplate, TemplateSyntaxError } from './parser.ts';
import type { TemplateSet } from './tree.ts';

/** The variables that every template has. They stand before its text, also for the columns in error texts. */
const DEFINITIONS =
  '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}';

/**
 * Expands a template of an alert's label or annotation. What goes wrong stands in the text, as in Prometheus:
 * `<error expanding template: …>`. Long work makes pauses.
 */
export async function expandTemplate(text: string, context: TemplateContext): Promise<string> {
  if (!text.includes('{{')) return text;
  try {
    return await expand(text, context);
  } catch (error) {
    const message = `error ${error instanceof TemplateSyntaxError ? 'parsing' : 'executing'} template ${context.name}: ${(error as Error).message}`;
    context.onFailure?.(message);
    return `<error expanding template: ${message}>`;
  }
}

/** What is wrong with the syntax of a template, in Go's words: `template: __alert_Down:1: unclosed action`. */
export function checkTemplate(text: string, name: string): string | undefined {
  try {
    parseTemplate(name, DEFINITIONS + text);
    return undefined;
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return error.message;
    throw error;
  }
}

/** Loads what the first template would have to wait for. */
export async function loadTemplates(): Promise<void> {
  await import('./interpreter.ts');
}

async function expand(text: string, context: TemplateContext): Promise<string> {
  const { name } = context;
  const templates = parsed(name, text);
  const { runTemplate } = await import('./interpreter.ts');
  return await answerQueries(runTemplate({ templates, name, text: DEFINITIONS + text, context }), context);
}

/** Slices are about this long. */
const SLICE_MS = 10;

async function answerQueries(work: ExpansionWork, context: TemplateContext): Promise<string> {
  let sliceEndMs = paceMs() + SLICE_MS;
  let turn = work.next();
  while (!turn.done) {
    const request = turn.value;
    if (request) {
      // A query that fails is the function's error, told with the function's place.
      turn = await context.query(request.query).then(
        (result) => work.next(result),
        (error: unknown) => work.throw(error),
      );
      sliceEndMs = paceMs() + SLICE_MS;
    } else {
      if (paceMs() >= sliceEndMs) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceEndMs = paceMs() + SLICE_MS;
      }
      turn = work.next();
    }
  }
  return turn.value;
}

/** The same few templates are expanded at every evaluation. */
const REMEMBERED_LIMIT = 500;
const remembered = new Map<string, TemplateSet>();

function parsed(name: string, text: string): TemplateSet {
  const key = `${name}\n${text}`;
  const known = remembered.get(key);
  if (known) return known;
  const templates = parseTemplate(name, DEFINITIONS + text);
  if (remembered.size >= REMEMBERED_LIMIT) remembered.clear();
  remembered.set(key, templates);
  return templates;
}
