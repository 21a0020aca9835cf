import { quoteJsonForHtml } from '../../wire/json-text.ts';
import type { TemplateContext } from './context.ts';
import { builtinNames } from './function-names.ts';
import type { GoFunction } from './functions.ts';
import { runTemplate } from './interpreter.ts';
import { parseTemplate } from './parser.ts';
import { type GoValue, type StringValue, stringValue } from './values.ts';

export interface GeneratorUrlData {
  readonly externalUrl: string;
  /** The rule's expression as PromQL prints it. */
  readonly expression: string;
}

const NAME = 'generator_url';

/** What Cortex adds to Go's functions here. */
const functions: Readonly<Record<string, GoFunction>> = {
  jsonEscape: {
    parameters: ['string'],
    call: ([text]) => stringValue(escapeForJson((text as StringValue).value)),
  },
};

const functionNames: ReadonlySet<string> = new Set([...builtinNames, ...Object.keys(functions)]);

/**
 * The link that a tenant's `ruler_alert_generator_url_template` gives: a Go template that knows `.ExternalURL` and
 * `.Expression`.
 * @throws {Error} for a template that is broken or gives no address of http or https
 */
export async function expandGeneratorUrl(text: string, { externalUrl, expression }: GeneratorUrlData): Promise<string> {
  const templates = parseTemplate(NAME, text, (name) => functionNames.has(name));
  const data: GoValue = {
    kind: 'struct',
    type: 'ruler.generatorURLTemplateData',
    fields: new Map([
      ['ExternalURL', stringValue(externalUrl)],
      ['Expression', stringValue(expression)],
    ]),
  };
  const work = runTemplate({ templates, name: NAME, text, context: noAlert, data, functions });
  let turn = work.next();
  while (!turn.done) turn = work.next();
  assertLink(turn.value);
  return turn.value;
}

/** There is no alert in a link, and nothing here asks for one. */
const noAlert: TemplateContext = {
  name: NAME,
  labels: {},
  externalLabels: {},
  externalUrl: '',
  value: 0,
  timeMs: 0,
  query: () => Promise.reject(new Error('a link asks no queries')),
};

/** The inside of a text in JSON, as Go writes it: what means something in HTML is escaped. */
function escapeForJson(text: string): string {
  return quoteJsonForHtml(text).slice(1, -1);
}

function assertLink(text: string): void {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)[^#]*(?:#(.*))?$/is.exec(text);
  const [, scheme = '', host = '', fragment = ''] = parts ?? [];
  if (!/^https?$/i.test(scheme)) {
    throw new Error(`generator URL has unsupported scheme ${JSON.stringify(scheme)}, must be http or https`);
  }
  if (host === '') throw new Error('generator URL is missing host');
  if (/[<>]/.test(fragment)) throw new Error('generator URL fragment contains invalid characters');
}
