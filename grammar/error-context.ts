import type { Language } from './language.ts';

/** What a syntax error says beyond the token it met: `unexpected … in <within>, expected <expected>`. */
export interface ErrorContext {
  readonly within: string;
  readonly expected: string | Readonly<Record<Language, string>>;
}

const durationStart = {
  '3.9': 'number, duration, or step()',
  '3.14': 'number, duration, step(), or range()',
} as const;

/**
 * The contexts of a syntax error. The parser notes the innermost one that it is in; a construct that has none of its
 * own (a call, parentheses) leaves that of its surroundings in force.
 */
export const errorContexts = {
  query: { within: '', expected: '' },
  aggregation: { within: 'aggregation', expected: '' },
  groupingStart: { within: 'grouping opts', expected: '"("' },
  groupingLabel: { within: 'grouping opts', expected: 'label' },
  groupingNext: { within: 'grouping opts', expected: '"," or ")"' },
  matcherStart: { within: 'label matching', expected: 'identifier or "}"' },
  matcherOperator: { within: 'label matching', expected: 'label matching operator' },
  matcherValue: { within: 'label matching', expected: 'string' },
  matcherNext: { within: 'label matching', expected: '"," or "}"' },
  offset: { within: 'offset', expected: durationStart },
  at: { within: '@', expected: 'timestamp' },
  range: { within: 'subquery or range selector', expected: durationStart },
  rangeNext: { within: 'subquery or range', expected: '":" or "]"' },
  subqueryStep: {
    within: 'subquery selector',
    expected: {
      '3.9': 'number, duration, or step() or "]"',
      '3.14': 'number, duration, step(), range(), or "]"',
    },
  },
  subqueryEnd: { within: 'subquery selector', expected: '"]"' },
} as const satisfies Record<string, ErrorContext>;

/** `unexpected <op:*> in offset, expected …`; `token` as `describeToken` names it. */
export function unexpectedMessage(token: string, { within, expected }: ErrorContext, language: Language): string {
  const what = typeof expected === 'string' ? expected : expected[language];
  return `unexpected ${token}${within && ` in ${within}`}${what && `, expected ${what}`}`;
}

/** What Chevrotain itself would say: it is never shown. */
export const noMessages = {
  buildMismatchTokenMessage: () => '',
  buildNotAllInputParsedMessage: () => '',
  buildNoViableAltMessage: () => '',
  buildEarlyExitMessage: () => '',
};
