import { createMatcher, type Matcher, type MatchOp } from '../model/matcher.ts';

/** Labels of an alert. */
export type LabelMap = Readonly<Record<string, string>>;

/**
 * Reads matchers as the Alertmanager writes them: `{severity="page", team=~"a|b"}`, braces and quotes optional.
 * @throws {Error} with the Alertmanager's text
 */
export function parseMatchers(text: string): Matcher[] {
  const inner = text.replace(/^\{/, '').replace(/\}$/, '');
  return splitMatchers(inner).map((one) => parseMatcher(one));
}

/** Reads one. @throws {Error} with the Alertmanager's text */
export function parseMatcher(text: string): Matcher {
  const parts = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*(.*?)\s*$/s.exec(text);
  if (!parts) throw new Error(`bad matcher format: ${text}`);
  const [, name, op, value] = parts;
  const unquoted = unquote(value!);
  try {
    return createMatcher(name!, op as MatchOp, unquoted);
  } catch (error) {
    // The Alertmanager anchors an expression before it is read, which shows where all of it is quoted.
    const message = (error as Error).message.replace(`\`${unquoted}\``, () => `\`^(?:${unquoted})$\``);
    throw new Error(message, { cause: error });
  }
}

/** Whether an alert passes a filter of the API: a label that is not there is empty. */
export function passesAll(matchers: readonly Matcher[], labels: LabelMap): boolean {
  return matchers.every(({ name, matches }) => matches(labels[name] ?? ''));
}

/** At commas that stand outside of quotes; one at the end is allowed. */
function splitMatchers(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  let isEscaped = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === ',' && !isQuoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    } else if (character === '"') {
      if (!isEscaped) isQuoted = !isQuoted;
      isEscaped = false;
    } else {
      isEscaped = character === '\\' && !isEscaped;
    }
  }
  const rest = text.slice(start).trim();
  return rest === '' ? parts : [...parts, rest];
}

/** OpenMetrics's escapes; a backslash before anything else stands for itself. Quotes are where a value begins and ends. */
function unquote(written: string): string {
  const isQuoted = written.startsWith('"');
  const body = isQuoted ? written.slice(1) : written;
  let text = '';
  for (let i = 0; i < body.length; i++) {
    const character = body[i]!;
    if (character === '"') {
      if (!isQuoted || i < body.length - 1) throw unescapedQuote(written);
      return text;
    }
    if (character === '\\' && i < body.length - 1) {
      i += 1;
      const escaped = body[i]!;
      if (escaped === 'n') text += '\n';
      else text += escaped === '"' || escaped === '\\' ? escaped : `\\${escaped}`;
    } else {
      text += character;
    }
  }
  if (isQuoted) throw unescapedQuote(written);
  return text;
}

function unescapedQuote(written: string): Error {
  return new Error(`matcher value contains unescaped double quote: ${written}`);
}
