import { RE2JS } from 're2js';
import { PocketCortexError } from './errors.ts';

export interface CompiledRegex {
  /** Whether the whole text matches; `.` matches a newline too, as in Prometheus. */
  readonly matches: (text: string) => boolean;
  /** The texts that match, when they can be told from the expression: a literal or an alternation of literals. */
  readonly values?: readonly string[];
}

/** Compiling takes microseconds a character, and no slices. Lists of literals may be longer: they are not compiled. */
export const COMPILED_LIMIT_CHARACTERS = 1 << 16;

/**
 * Compiles an anchored RE2 expression. Linear time in the text, whatever the expression. Expressions that are a literal,
 * an alternation of literals, or a literal with `.*` or `.+` around it never reach the regular expression machine.
 * @throws {PocketCortexError} `bad-regex`
 */
export function compileRegex(expression: string): CompiledRegex {
  const values = literalAlternatives(expression);
  if (values) {
    if (values.length === 1) return { matches: (text) => text === values[0], values };
    const set = new Set(values);
    return { matches: (text) => set.has(text), values };
  }
  return { matches: literalWithWildcards(expression) ?? compileRe2(expression) };
}

/**
 * An RE2 expression that must match the whole text, with its capture groups: for `label_replace` and relabelling.
 * @throws {PocketCortexError} `bad-regex`
 */
export function compileAnchoredRe2(expression: string): RE2JS {
  if (expression.length > COMPILED_LIMIT_CHARACTERS) {
    throw new PocketCortexError(
      'bad-regex',
      `error parsing regexp: expression too large: \`${expression.slice(0, 40)}...\``,
    );
  }
  const anchored = `^(?s:${expression})$`;
  try {
    if (mayBreakOut(expression)) RE2JS.compile(expression);
    return RE2JS.compile(anchored);
  } catch (error) {
    throw new PocketCortexError('bad-regex', goMessage(errorOf(expression) ?? error), { cause: error });
  }
}

/**
 * Whether a parenthesis may close the group around the expression: `a)|(b` is no expression, although it makes one inside
 * of parentheses. Where parentheses may be quoted only a compilation can tell.
 */
function mayBreakOut(expression: string): boolean {
  if (!expression.includes(')')) return false;
  if (/[\\[]/.test(expression)) return true;
  let depth = 0;
  for (let i = 0; i < expression.length; i++) {
    if (expression[i] === '(') depth += 1;
    else if (expression[i] === ')' && --depth < 0) return true;
  }
  return false;
}

/** What is wrong with the expression by itself: the message that quotes what its author wrote. */
function errorOf(expression: string): unknown {
  try {
    RE2JS.compile(expression);
    return undefined;
  } catch (error) {
    return error;
  }
}

function compileRe2(expression: string): (text: string) => boolean {
  const compiled = compileAnchoredRe2(expression);
  return (text) => compiled.test(text);
}

/** re2js says `error parsing regexp: missing closing ): \`(\``, as Go does, after whatever its exception adds. */
function goMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const start = message.indexOf('error parsing regexp');
  const text = start < 0 ? `error parsing regexp: ${message}` : message.slice(start);
  // Go names the offending part in every message, here an empty one.
  return text.endsWith('trailing backslash at end of expression') ? `${text}: \`\`` : text;
}

const META = /[\\.+*?()|[\]{}^$]/;

function literalAlternatives(expression: string): readonly string[] | undefined {
  const inner = /^\((?:\?:)?([^()]*)\)$/.exec(expression)?.[1] ?? expression;
  const parts = inner.split('|').map(unescapeLiteral);
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/** The text that `part` matches literally, with `\.` and its like resolved; undefined when it has operators. */
function unescapeLiteral(part: string): string | undefined {
  let text = '';
  for (let i = 0; i < part.length; i++) {
    const character = part[i]!;
    if (character === '\\') {
      i += 1;
      const escaped = part[i];
      // RE2 escapes ASCII punctuation; a letter or digit behind the backslash is a class, an assertion or an error.
      if (escaped === undefined || !/[!-/:-@[-`{-~]/.test(escaped)) return undefined;
      text += escaped;
    } else if (META.test(character)) {
      return undefined;
    } else {
      text += character;
    }
  }
  return text;
}

/** `.*literal.*` and its relatives, as string searches. */
function literalWithWildcards(expression: string): ((text: string) => boolean) | undefined {
  const parts = /^(\.[*+])?([^\\.+*?()|[\]{}^$]*)(\.[*+])?$/.exec(expression);
  if (!parts) return undefined;
  const [, before, literal = '', after] = parts;
  // Two wildcards with nothing between them count characters, where a string counts UTF-16 units.
  if (before && after && literal === '') return undefined;
  const least = literal.length + (before === '.+' ? 1 : 0) + (after === '.+' ? 1 : 0);
  if (before && after) {
    const from = before === '.+' ? 1 : 0;
    const tail = after === '.+' ? 1 : 0;
    // The first hit from `from` on is the one with the most room behind it.
    return (text) => {
      if (text.length < least) return false;
      const at = text.indexOf(literal, from);
      return at >= 0 && at + literal.length + tail <= text.length;
    };
  }
  if (before) return (text) => text.length >= least && text.endsWith(literal);
  if (after) return (text) => text.length >= least && text.startsWith(literal);
  return undefined;
}
