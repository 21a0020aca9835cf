import { RE2JS } from 're2js';
import { PocketCortexError } from './errors.ts';
import { RegexCaptures } from './regex-captures.ts';
import { RegexMatching } from './regex-matching.ts';
import { readProgram } from './regex-program.ts';
import { literalAlternatives, wildcardTest } from './regex-shortcuts.ts';
import type { Work } from './work.ts';

export interface CompiledRegex {
  /**
   * Whether the whole text matches; `.` matches a newline too, as in Prometheus.
   * @throws {PocketCortexError} `execution-error` when the expression makes too much work
   */
  readonly matches: (text: string) => boolean;
  /** As `matches`; undefined when it is time for a pause, after which it should be asked the same again. */
  readonly tryMatch: (text: string) => boolean | undefined;
  /** The texts that match, when they can be told from the expression: a literal or an alternation of literals. */
  readonly values?: readonly string[];
}

/** `matches` in slices. */
export function* passes({ tryMatch }: Pick<CompiledRegex, 'tryMatch'>, text: string): Work<boolean> {
  for (;;) {
    const verdict = tryMatch(text);
    if (verdict !== undefined) return verdict;
    yield;
  }
}

/** Compiling takes microseconds a character, and no slices. Lists of literals may be longer: they are not compiled. */
export const COMPILED_LIMIT_CHARACTERS = 1 << 16;

/**
 * Compiles an anchored RE2 expression. Linear time in the text, whatever the expression. Alternations of literals, with
 * `.*` or `.+` around them or without, never reach the regular expression machine.
 * @throws {PocketCortexError} `bad-regex`
 */
export function compileRegex(expression: string): CompiledRegex {
  const values = literalAlternatives(expression);
  if (values) {
    const set = new Set(values);
    const matches = values.length === 1 ? (text: string) => text === values[0] : (text: string) => set.has(text);
    return { matches, tryMatch: matches, values };
  }
  const matches = wildcardTest(expression);
  return matches ? { matches, tryMatch: matches } : compileAutomaton(expression);
}

function compileAutomaton(expression: string): CompiledRegex {
  const { compiled } = compileRe2(expression);
  let matching: RegexMatching | undefined;
  // Many a query is parsed and never meets a label.
  const whenNeeded = (): RegexMatching => {
    matching ??= new RegexMatching(readProgram(compiled), expression);
    return matching;
  };
  return { matches: (text) => whenNeeded().matches(text), tryMatch: (text) => whenNeeded().tryMatch(text) };
}

/** An expression that must match the whole text, with what its groups take of it. */
export interface CapturingRegex {
  /**
   * What group 0 (all), 1, 2, … take of `text`, '' for one that took no part; undefined when `text` does not match.
   * @throws {PocketCortexError} `execution-error` when the expression makes too much work
   */
  readonly match: (text: string) => Work<readonly string[] | undefined>;
  /** The groups of a name, in their order: Go takes the first that took part. */
  readonly groupsOfName: ReadonlyMap<string, readonly number[]>;
}

/**
 * Compiles an anchored RE2 expression for `label_replace` and relabelling.
 * @throws {PocketCortexError} `bad-regex`
 */
export function compileCapturing(expression: string): CapturingRegex {
  const { compiled, names } = compileRe2(expression);
  const groupsOfName = new Map<string, number[]>();
  for (const [name, group] of names) {
    const known = groupsOfName.get(name);
    if (known) known.push(group);
    else groupsOfName.set(name, [group]);
  }
  let captures: RegexCaptures | undefined;
  return {
    groupsOfName,
    *match(text) {
      captures ??= new RegexCaptures(readProgram(compiled), expression);
      const bounds = yield* captures.match(text);
      if (!bounds) return undefined;
      return Array.from({ length: bounds.length / 2 }, (_, group) =>
        bounds[2 * group]! < 0 ? '' : text.slice(bounds[2 * group], bounds[2 * group + 1]),
      );
    },
  };
}

interface Re2 {
  readonly compiled: RE2JS;
  /** The names of groups, in the order of the groups; a name may come twice. */
  readonly names: readonly (readonly [name: string, group: number])[];
}

/** The anchors are left to whoever runs it: it is only ever asked about whole texts. */
function compileRe2(expression: string): Re2 {
  assertCompilable(expression);
  try {
    // Says what is wrong with it.
    if (breaksOut(expression)) RE2JS.compile(expression);
    const compiled = RE2JS.compile(`(?s:${expression})`);
    return { compiled, names: Object.entries(compiled.namedGroups()) };
  } catch (error) {
    const reason = errorOf(expression) ?? error;
    if (isAboutNames(reason)) return compileWithRepeatedNames(expression);
    throw new PocketCortexError('bad-regex', goMessage(reason), { cause: error });
  }
}

/**
 * Compiles an RE2 expression that may match anywhere in a text, for templates; `.` matches no newline there. Takes linear
 * time in the text, in one piece.
 * @throws {PocketCortexError} `bad-regex`
 */
export function compileSearch(expression: string): RE2JS {
  assertCompilable(expression);
  try {
    return RE2JS.compile(expression);
  } catch (error) {
    throw new PocketCortexError('bad-regex', goMessage(error), { cause: error });
  }
}

function assertCompilable(expression: string): void {
  if (expression.length > COMPILED_LIMIT_CHARACTERS) {
    throw new PocketCortexError(
      'bad-regex',
      `error parsing regexp: expression too large: \`${expression.slice(0, 40)}...\``,
    );
  }
}

/** Go takes one name for two groups, re2js does not. */
function isAboutNames(error: unknown): boolean {
  return error instanceof Error && error.message.includes('duplicate capture group name');
}

function compileWithRepeatedNames(expression: string): Re2 {
  const names: string[] = [];
  let renamed = '';
  let copied = 0;
  for (const { start, end, name } of groupNamesIn(expression)) {
    names.push(name);
    renamed += `${expression.slice(copied, start)}_${names.length}`;
    copied = end;
  }
  renamed += expression.slice(copied);
  try {
    const compiled = RE2JS.compile(`(?s:${renamed})`);
    const groups = compiled.namedGroups();
    return { compiled, names: names.map((name, i) => [name, groups[`_${i + 1}`]!] as const) };
  } catch (error) {
    throw new PocketCortexError('bad-regex', goMessage(error).replaceAll(renamed, expression), { cause: error });
  }
}

/** Where names of groups stand. */
function* groupNamesIn(expression: string): Generator<{ start: number; end: number; name: string }> {
  const group = /\(\?P?<(\w+)>/y;
  for (let at = 0; at < expression.length; at = nextPart(expression, at)) {
    group.lastIndex = at;
    const name = group.exec(expression)?.[1];
    if (name === undefined) continue;
    const end = group.lastIndex - 1;
    yield { start: end - name.length, end, name };
  }
}

/** The end of the character, escape, quotation or class that starts at `at`: parentheses inside of these are none. */
function nextPart(expression: string, at: number): number {
  if (expression[at] === '[') return endOfClass(expression, at);
  if (expression[at] !== '\\') return at + 1;
  if (expression[at + 1] !== 'Q') return at + 2;
  const end = expression.indexOf('\\E', at);
  return end < 0 ? expression.length : end + 2;
}

function endOfClass(expression: string, start: number): number {
  const named = /\[:\^?\w+:\]/y;
  let at = start + 1;
  if (expression[at] === '^') at += 1;
  // The first bracket closes nothing.
  if (expression[at] === ']') at += 1;
  while (at < expression.length && expression[at] !== ']') {
    named.lastIndex = at;
    if (named.test(expression)) at = named.lastIndex;
    else at += expression[at] === '\\' ? 2 : 1;
  }
  return at + 1;
}

/** Whether a parenthesis would close the group around the expression: `a)|(b` is no expression, although it makes one there. */
function breaksOut(expression: string): boolean {
  if (!expression.includes(')')) return false;
  let depth = 0;
  for (let at = 0; at < expression.length; at = nextPart(expression, at)) {
    if (expression[at] === '(') depth += 1;
    else if (expression[at] === ')' && --depth < 0) return true;
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

/** re2js says `error parsing regexp: missing closing ): \`(\``, as Go does, after whatever its exception adds. */
function goMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const start = message.indexOf('error parsing regexp');
  const text = start < 0 ? `error parsing regexp: ${message}` : message.slice(start);
  // Go names the offending part in every message, here an empty one.
  return text.endsWith('trailing backslash at end of expression') ? `${text}: \`\`` : text;
}
