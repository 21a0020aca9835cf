/** Whether a text matches, found with string operations. */
export type TextTest = (text: string) => boolean;

/** The texts that an expression matches, when it is a literal or an alternation of literals. */
export function literalAlternatives(expression: string): readonly string[] | undefined {
  const parts = alternativesOf(expression).map(unescapeLiteral);
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/** For expressions whose alternatives are literals with `.*` or `.+` before or after them; undefined for others. */
export function wildcardTest(expression: string): TextTest | undefined {
  const alternatives = alternativesOf(expression).map(parseWildcards);
  if (!alternatives.every((alternative) => alternative !== undefined)) return undefined;
  if (alternatives.length === 1) return testOf(alternatives[0]!);
  const inner = alternatives.filter(({ before, after }) => before && after);
  const ends = new EndSet();
  for (const alternative of alternatives) if (!alternative.before || !alternative.after) ends.add(alternative);
  if (inner.length > INNER_LIMIT || ends.lengthCount > LENGTHS_LIMIT) return undefined;
  const innerTests = inner.map(testOf);
  return (text) => ends.has(text) || innerTests.some((test) => test(text));
}

/** What has to be searched for one by one soon takes longer than an automaton. */
const INNER_LIMIT = 4;
/** Each length of a literal costs a look-up. */
const LENGTHS_LIMIT = 16;

/** Alternatives, as long as nothing but the whole is in parentheses. Those that are not so simple have a `(` in them. */
function alternativesOf(expression: string): readonly string[] {
  const inner = /^\((?:\?:)?([^()]*)\)$/.exec(expression)?.[1] ?? expression;
  return inner.split('|');
}

const META = /[\\.+*?()|[\]{}^$]/;

/** The text that `part` matches literally, with `\.` and its like resolved; undefined when it has operators. */
function unescapeLiteral(part: string): string | undefined {
  if (!META.test(part)) return part;
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

type Wildcard = '.*' | '.+' | undefined;

interface Wildcards {
  readonly before: Wildcard;
  readonly literal: string;
  readonly after: Wildcard;
}

function parseWildcards(part: string): Wildcards | undefined {
  const before = wildcardAt(part, 0);
  const rest = before ? part.slice(2) : part;
  const after = isEscaped(rest, rest.length - 2) ? undefined : wildcardAt(rest, rest.length - 2);
  const literal = unescapeLiteral(after ? rest.slice(0, -2) : rest);
  // Two wildcards with nothing between them count characters, where a string counts UTF-16 units.
  if (literal === undefined || (before && after && literal === '')) return undefined;
  return { before, literal, after };
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === '\\') first -= 1;
  return (at - first) % 2 === 1;
}

function wildcardAt(text: string, at: number): Wildcard {
  if (at < 0) return undefined;
  if (text.startsWith('.*', at)) return '.*';
  return text.startsWith('.+', at) ? '.+' : undefined;
}

function testOf({ before, literal, after }: Wildcards): TextTest {
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
  return (text) => text === literal;
}

/** Literals that texts are, begin with or end with: one look-up for each length that there is. */
class EndSet {
  readonly #whole = new Set<string>();
  readonly #heads = new Map<number, LiteralsOfLength>();
  readonly #tails = new Map<number, LiteralsOfLength>();

  add({ before, literal, after }: Wildcards): void {
    if (!before && !after) this.#whole.add(literal);
    else addLiteral(before ? this.#tails : this.#heads, literal, before ?? after);
  }

  get lengthCount(): number {
    return this.#heads.size + this.#tails.size;
  }

  has(text: string): boolean {
    if (this.#whole.has(text)) return true;
    for (const [length, literals] of this.#heads) {
      if (length <= text.length && isIn(literals, text.slice(0, length), length < text.length)) return true;
    }
    for (const [length, literals] of this.#tails) {
      if (length <= text.length && isIn(literals, text.slice(text.length - length), length < text.length)) return true;
    }
    return false;
  }
}

interface LiteralsOfLength {
  readonly withAny: Set<string>;
  /** Those that must not be all of the text. */
  readonly withMore: Set<string>;
}

function addLiteral(byLength: Map<number, LiteralsOfLength>, literal: string, wildcard: Wildcard): void {
  let literals = byLength.get(literal.length);
  if (!literals) {
    literals = { withAny: new Set(), withMore: new Set() };
    byLength.set(literal.length, literals);
  }
  (wildcard === '.+' ? literals.withMore : literals.withAny).add(literal);
}

function isIn({ withAny, withMore }: LiteralsOfLength, part: string, hasMore: boolean): boolean {
  return withAny.has(part) || (hasMore && withMore.has(part));
}
