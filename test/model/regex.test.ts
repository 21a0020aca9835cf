import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { Labels } from '../../src/model/labels.ts';
import { createMatcher, formatMatcher, matchesAll } from '../../src/model/matcher.ts';
import { compileCapturing, compileRegex } from '../../src/model/regex.ts';
import { runAtOnce } from '../../src/model/work.ts';
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
  ['a.*|b.+|.*c|d', 'd', true],
  ['a.*|b.+|.*c|d', 'b', false],
  ['a.*|b.+|.*c|d', 'bb', true],
  ['a.*|b.+|.*c|d', 'xc', true],
  ['(a.*|.*b.+)', 'xbx', true],
  ['a\\.*', 'a...', true],
  ['a\\.*', 'ab', false],
  ['a\\\\.*', 'a\\b', true],
  ['a\\.b.*|c', 'axb', false],
  ['a\\.b.*|c', 'a.bc', true],
  ['.|ab', 'ab', true],
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

test.for([
  ['(?P<name>.*):(\\d+)', 'host:80', ['host:80', 'host', '80']],
  ['(a*)(a*)', 'aa', ['aa', 'aa', '']],
  ['(a*?)(a*)', 'aa', ['aa', '', 'aa']],
  ['(?:(a)|b)*', 'ab', ['ab', 'a']],
  ['(a)|(b)', 'b', ['b', '', 'b']],
  ['(a|ab)(c|bcd)(d*)', 'abcd', ['abcd', 'a', 'bcd', '']],
  ['(.)(\\b)(.*)', '🎉a', ['🎉a', '🎉', '', 'a']],
  ['(x+)', 'a', undefined],
] as const)('the groups of %j take of %j: %j', ([expression, text, expected]) => {
  expect(runAtOnce(compileCapturing(expression).match(text))).toEqual(expected);
});

test.for([
  ['(?P<n>a)(?P<n>b)', { n: [1, 2] }],
  ['(x)(?P<n>a|(?P<m>b))(?<n>c)', { n: [2, 4], m: [3] }],
  ['[(?P<n>](?P<n>a)\\(?P<n>(?P<n>b)', { n: [1, 2] }],
  ['\\Q(?P<n>\\E(?P<n>a)[]\\](?P<n>](?P<n>b)', { n: [1, 2] }],
  ['[[:alpha:](?P<n>](?P<n>a)(?P<n>b)', { n: [1, 2] }],
] as const)('takes a name twice, as Go does: %j', ([expression, expected]) => {
  expect(Object.fromEntries(compileCapturing(expression).groupsOfName)).toEqual(expected);
});

describe('expressions that are made to be slow', () => {
  const long = 'a'.repeat(2000);

  /** How often it asks for a pause, and what it says in the end. */
  function verdictInSlices(expression: string, text: string): [isMatch: boolean, hasPaused: boolean] {
    const { tryMatch } = compileRegex(expression);
    for (let pauseCount = 0; ; pauseCount++) {
      const verdict = tryMatch(text);
      if (verdict !== undefined) return [verdict, pauseCount > 0];
    }
  }

  test.for([
    ['3,000 optional characters', 'a?'.repeat(3000), long, true],
    ['3,000 optional characters and one that is not', `${'a?'.repeat(3000)}b`, long, false],
    ['optional counts', '(a?){1000}(a?){1000}a{1000}', long, true],
    ['a wide window', '[ab]*a[ab]{901}', 'ab'.repeat(1000), true],
  ] as const)('%s take pauses, and give the right answer', ([, expression, text, isMatch]) => {
    expect(verdictInSlices(expression, text)).toEqual([isMatch, true]);
  });

  test('are given up when they are too slow', () => {
    let bits = 1;
    // No two places of it look alike, so it is a new state at every character.
    const random = Array.from({ length: 200_000 }, () => {
      bits = (Math.imul(bits, 1_103_515_245) + 12_345) & 0x7fffffff;
      return bits & 0x10000 ? 'a' : 'b';
    }).join('');
    expect(failureOf(() => compileRegex(`[ab]*a[ab]{900}c`).matches(random))).toEqual({
      code: 'execution-error',
      message: 'matching the regular expression `[ab]*a[ab]{900}c` takes too much work',
    });
  });

  test('serve for ever when every text is cheap', () => {
    const { matches: isMatch } = compileRegex('.*b.{8}c');
    const texts = Array.from({ length: 20_000 }, (_, i) => `b${i.toString(2).replaceAll('0', 'b').padStart(8, 'b')}c`);
    expect(texts.filter((text) => text.length === 10).every(isMatch)).toBe(true);
  });
});

test('agrees with plain RE2, groups included', () => {
  const leaf = fc.constantFrom(
    ...['a', 'b', 'ab', '.', '[ab]', '[^a]', '\\b', '\\B', '^', '$', '(?m:^)', '(?m:$)', '\\n', 'é', '🎉', ''],
    ...['(?i:k)', '(?i:s)', '\\w', '\\d', '\\pL', '(?-s:.)', '\\z', '\\A'],
  );
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => a + b),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a}|${b})`),
      tie('expression').map((a) => `(${a})`),
      fc
        .tuple(tie('expression'), fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?'))
        .map(([a, repetition]) => `(?:${a})${repetition}`),
    ),
  }));
  const text = fc.string({ unit: fc.constantFrom(...'abkK\u212asſ\né🎉_1 '), maxLength: 7 });
  fc.assert(
    fc.property(expression, fc.array(text, { minLength: 1, maxLength: 6 }), (pattern, texts) => {
      let plain: RE2JS;
      try {
        plain = RE2JS.compile(`^(?s:${pattern})$`);
      } catch {
        return;
      }
      const { matches: isMatch } = compileRegex(pattern);
      const capturing = compileCapturing(pattern);
      for (const candidate of texts) {
        const matcher = plain.matcher(candidate);
        const groups = matcher.find()
          ? Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? '')
          : undefined;
        expect([pattern, candidate, isMatch(candidate)]).toEqual([pattern, candidate, groups !== undefined]);
        expect([pattern, candidate, runAtOnce(capturing.match(candidate))]).toEqual([pattern, candidate, groups]);
      }
    }),
    { numRuns: 2000 },
  );
});

test('agrees with plain RE2 on expressions that take a short cut', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    'ab',
    '.*',
    '.+',
    '|',
    '(',
    ')',
    '\\.',
    '\\\\',
    '.',
    'é',
    '🎉',
    '\n',
    '-',
    '\\-',
    '?',
  );
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
