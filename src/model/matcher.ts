import { quoteGo } from './go-quote.ts';
import { isLegacyLabelName, type Labels } from './labels.ts';
import { compileRegex } from './regex.ts';

export type MatchOp = '=' | '!=' | '=~' | '!~';

/** One condition on one label. An absent label is matched as the empty value. */
export interface Matcher {
  readonly name: string;
  readonly op: MatchOp;
  readonly value: string;
  /** Whether a label with this value (or '' when absent) passes. */
  readonly matches: (labelValue: string) => boolean;
  /** As `matches`; undefined when it is time for a pause, after which it should be asked the same again. */
  readonly tryMatch: (labelValue: string) => boolean | undefined;
  /**
   * For `=` and for a `=~` that is a plain alternation: the values that pass, and no others. An index looks them up
   * instead of trying every value it knows.
   */
  readonly values?: readonly string[];
}

/**
 * @throws {PocketCortexError} `bad-regex` when `op` is a regular expression match and `value` is no RE2 expression.
 */
export function createMatcher(name: string, op: MatchOp, value: string): Matcher {
  switch (op) {
    case '=': {
      const matches = (labelValue: string) => labelValue === value;
      return { name, op, value, matches, tryMatch: matches, values: [value] };
    }
    case '!=': {
      const matches = (labelValue: string) => labelValue !== value;
      return { name, op, value, matches, tryMatch: matches };
    }
    case '=~':
      return { name, op, value, ...compileRegex(value) };
    case '!~': {
      const { matches, tryMatch } = compileRegex(value);
      return {
        name,
        op,
        value,
        matches: (labelValue) => !matches(labelValue),
        tryMatch: (labelValue) => {
          const verdict = tryMatch(labelValue);
          return verdict === undefined ? undefined : !verdict;
        },
      };
    }
  }
}

/** Whether a series with `labels` passes all `matchers`. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  for (const matcher of matchers) if (!matcher.matches(labels.get(matcher.name))) return false;
  return true;
}

/** `job="api"`, as PromQL writes it. */
export function formatMatcher(matcher: Matcher): string {
  const name = isLegacyLabelName(matcher.name) ? matcher.name : quoteGo(matcher.name);
  return `${name}${matcher.op}${quoteGo(matcher.value)}`;
}
