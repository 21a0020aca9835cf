import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { Labels } from '../../src/model/labels.ts';
import { createMatcher, formatMatcher, matchesAll } from '../../src/model/matcher.ts';
import { compileAnchoredRe2, compileRegex } from '../../src/model/regex.ts';
import { failureOf } from '../support/failure.ts';

const matches: readonly [expression: string, text: string, isMatch: boolean][] = [
  ['', '', true],
  ['', 'a', false],
  ['api', 'api', true],
  ['api', 'api2', false],
  ['api|web', 'web', true],
  ['(api|web)', 'web', true],
  ['(?:api|web)', 'webs', false],
  ['api|', '', true],
  ['a\\.b', 'a.b', true],
  ['a\\.b', 'axb', false],
  ['\\Qa.b\\E', 'a.b', true],
  ['.*', '', true],
  ['.+', '', false],
  ['.*', 'two\nlines', true],
  ['.+\n', 'a\n', true],
  ['a', 'a\n', false],
  ['.*err.*', 'an error', true],
  ['.+err.*', 'error', false],
  ['.*err.+', 'an err', false],
  ['.+err.+', 'err err err', true],
  ['aba.*', 'ab', false],
  ['.+.+', '🎉', false],
  ['.+.+', 'ab', true],
  ['(?i)api', 'API', true],
  ['(?i:a)b', 'AB', false],
  ['[0-9]+', '12', true],
  ['a{2}', 'aa', true],
  ['x|y.*', 'yz', true],
  ['(a|b)c', 'bc', true],
  ['^a$', 'a', true],
  ['\\d', '7', true],
];

test.for(matches)('%j over %j is %s', ([expression, text, isMatch]) => {
  expect(compileRegex(expression).matches(text)).toBe(isMatch);
});

const values: readonly [expression: string, values: readonly string[] | undefined][] = [
  ['a', ['a']],
  ['a|b', ['a', 'b']],
  ['(a|b\\.c)', ['a', 'b.c']],
  ['a|', ['a', '']],
  ['a|b.', undefined],
  ['a+', undefined],
  ['a\\d', undefined],
];

test.for(values)('tells that %j matches %j and nothing else', ([expression, expected]) => {
  expect(compileRegex(expression).values).toEqual(expected);
});

const refused: readonly [expression: string, message: string][] = [
  ['(', 'error parsing regexp: missing closing ): `(`'],
  ['a)|(b', 'error parsing regexp: unexpected ): `a)|(b`'],
  ['*a', 'error parsing regexp: missing argument to repetition operator: `*`'],
  ['[b-a]', 'error parsing regexp: invalid character class range: `b-a`'],
  ['\\q', 'error parsing regexp: invalid escape sequence: `\\q`'],
  ['\\é', 'error parsing regexp: invalid escape sequence: `\\é`'],
  ['a\\', 'error parsing regexp: trailing backslash at end of expression: ``'],
  ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
  ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
];

test.for(refused)('refuses %j with the words of Go', ([expression, message]) => {
  expect(failureOf(() => compileRegex(expression))).toEqual({ code: 'bad-regex', message });
});

test('is not slowed down by expressions that backtrack elsewhere', () => {
  expect(compileRegex('(a*)*(b|c)').matches('a'.repeat(20_000))).toBe(false);
});

test('finds one of ten thousand alternatives', () => {
  const { matches: isMatch } = compileRegex(Array.from({ length: 10_000 }, (_, i) => `host-${i}`).join('|'));
  expect([isMatch('host-9999'), isMatch('host-10000')]).toEqual([true, false]);
});

test('has capture groups for relabelling', () => {
  const matcher = compileAnchoredRe2('(?P<name>.*):(\\d+)').matcher('host:80');
  expect([matcher.find(), matcher.group('name'), matcher.group(2)]).toEqual([true, 'host', '80']);
});

test('agrees with plain RE2 on expressions that take a short cut', () => {
  const atom = fc.constantFrom('a', 'b', 'ab', '.*', '.+', '|', '(', ')', '\\.', '.', 'é', '🎉', '\n', '-', '\\-', '?');
  const expression = fc.array(atom, { maxLength: 7 }).map((parts) => parts.join(''));
  const text = fc
    .array(fc.constantFrom('a', 'b', '.', 'é', '🎉', '\n', '-', '\udcff'), { maxLength: 6 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(expression, fc.array(text, { minLength: 1, maxLength: 5 }), (pattern, texts) => {
      let plain: RE2JS;
      try {
        RE2JS.compile(pattern);
        plain = RE2JS.compile(`^(?s:${pattern})$`);
      } catch {
        expect(failureOf(() => compileRegex(pattern)).code).toBe('bad-regex');
        return;
      }
      const { matches: isMatch, values: known } = compileRegex(pattern);
      for (const candidate of [...texts, ...(known ?? [])]) {
        expect([pattern, candidate, isMatch(candidate)]).toEqual([pattern, candidate, plain.test(candidate)]);
      }
    }),
    { numRuns: 1500 },
  );
});

describe('matchers', () => {
  const labels = Labels.fromRecord({ __name__: 'up', job: 'api' });
  const conditions: readonly [matcher: Parameters<typeof createMatcher>, passes: boolean, text: string][] = [
    [['job', '=', 'api'], true, 'job="api"'],
    [['job', '!=', 'api'], false, 'job!="api"'],
    [['job', '=~', 'a.*'], true, 'job=~"a.*"'],
    [['job', '!~', 'a.*'], false, 'job!~"a.*"'],
    // An absent label is an empty one.
    [['zone', '=', ''], true, 'zone=""'],
    [['zone', '!=', ''], false, 'zone!=""'],
    [['zone', '=~', '.*'], true, 'zone=~".*"'],
    [['zone', '!~', 'x'], true, 'zone!~"x"'],
    [['a.b', '=', '"'], false, '"a.b"="\\""'],
  ];

  test.for(conditions)('%j passes: %s', ([parts, passes, text]) => {
    const matcher = createMatcher(...parts);
    expect([matchesAll([matcher], labels), formatMatcher(matcher)]).toEqual([passes, text]);
  });

  test('say which values pass, when those can be told', () => {
    expect([createMatcher('a', '=', 'x').values, createMatcher('a', '=~', 'x|y').values]).toEqual([['x'], ['x', 'y']]);
    expect([createMatcher('a', '!=', 'x').values, createMatcher('a', '=~', 'x.').values]).toEqual([
      undefined,
      undefined,
    ]);
  });
});
