import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadChevrotain } from '../../grammar/chevrotain.ts';
import { createPromqlParser } from '../../grammar/parser.ts';
import { ALL_FEATURES, parseExpr, parseSelector, QUERY_LIMIT_CHARACTERS } from '../../grammar/promql.ts';
import { parseSeriesNotation } from '../../grammar/series-notation.ts';
import { PocketCortexError } from '../../src/model/errors.ts';

test('the grammar passes the validations that are skipped at run time', () => {
  expect(() => createPromqlParser(loadChevrotain(), { isValidated: true })).not.toThrow();
});

const nesting = 'expression is nested too deeply (limit: 350 levels)';
const depth = 'expression is nested too deeply (limit: 1000 levels)';

test.for([
  ['parentheses', `${'('.repeat(10_000)}1${')'.repeat(10_000)}`, `1:351: parse error: ${nesting}`],
  ['open parentheses', '('.repeat(100_000), `1:351: parse error: ${nesting}`],
  ['calls', 'abs('.repeat(10_000), `1:701: parse error: ${nesting}`],
  ['aggregations', 'sum('.repeat(10_000), `1:701: parse error: ${nesting}`],
  ['durations', `up[${'('.repeat(10_000)}5m`, `1:353: parse error: ${nesting}`],
  ['a chain of operators', Array(20_000).fill('a').join('+'), `1:1: parse error: ${depth}`],
  [
    'a chain of scalars',
    Array(20_000).fill('1').join('+'),
    '1:1: parse error: expression is nested too deeply (limit: 3500 levels)',
  ],
  ['a chain from the right', Array(20_000).fill('a').join('^'), `1:2001: parse error: ${depth}`],
  ['signs', `${'-'.repeat(20_000)}a`, `1:1002: parse error: ${depth}`],
  ['subqueries', `a${'[5m:]'.repeat(10_000)}`, `1:1: parse error: ${depth}`],
  ['a chain of durations', `up[${Array(20_000).fill('5m').join('+')}]`, `1:4: parse error: ${depth}`],
  ['parts', 'a,'.repeat(50_000), '1:2: parse error: unexpected ","'],
  [
    'parts of a valid query',
    `a{${'b="c",'.repeat(20_000)}}`,
    '1:74999: parse error: query has too many parts (limit: 50000)',
  ],
  [
    'regular expressions',
    `a{${'b=~"(c+)+d",'.repeat(10_000)}}`,
    '1:39315: parse error: regular expressions of the query are too large together',
  ],
  ['digits', `0x${'f'.repeat(10)}g`, '1:1: parse error: bad number or duration syntax: "0xffffffffff"'],
  [
    'a string of 1 MB',
    `"${'a'.repeat(1 << 20)}"`,
    `1:1: parse error: query is too long (actual: 1048578, limit: ${QUERY_LIMIT_CHARACTERS} characters)`,
  ],
] as const)('refuses too many %s', ([, query, message]) => {
  expect(() => parseExpr(query, ALL_FEATURES)).toThrow(new PocketCortexError('parse-error', message));
});

test.for([
  ['parentheses', `${'('.repeat(349)}1${')'.repeat(349)}`],
  ['calls', `${'abs('.repeat(174)}a${')'.repeat(174)}`],
  ['operators', Array(1000).fill('a').join(' or ')],
  ['scalars', Array(3500).fill('1').join(' + ')],
  ['matchers', `a{${'b="c",'.repeat(10_000)}}`],
  ['labels', `sum by (${'b,'.repeat(10_000)}) (a)`],
  ['arguments', `label_join(a, "b", ${Array(10_000).fill('"c"').join(',')})`],
  ['characters of a string', `"${'\\n'.repeat(100_000)}"`],
  ['spaces', `${' '.repeat(500_000)}a`],
  ['comments', `${'#\n'.repeat(100_000)}a`],
] as const)('takes many %s', ([, query]) => {
  expect(() => parseExpr(query)).not.toThrow();
});

const pieces = fc.constantFrom(
  ...'( ) { } [ ] , : + - * / % ^ == =~ != !~ = > < >= </ >/ @ # $ \\ " \' ` \n'.split(' '),
  ...'5m 1 0x 1e .5 5x 1_ inf "a" `b` é 🚀 \ud800 \udcff \ufffd'.split(' '),
  ...'foo sum rate rate( sum( {a="b"} [5m] and or unless group_left( ignoring(a) on() by(b) offset bool'.split(' '),
  ...'start() end() step() range() max_of( min( fill( fill_left(1) anchored smoothed topk( count_values( atan2'.split(
    ' ',
  ),
  ...'{{ }} {{sum:1}} x5 _ stale buckets:[1'.split(' '),
);
const garbage = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(' '));
const anything = fc.oneof(
  garbage,
  fc.string({ unit: 'binary' }),
  fc.array(pieces).map((parts) => parts.join('')),
);

test.for([
  ['parseExpr', (text: string) => parseExpr(text)],
  ['parseExpr with everything on', (text: string) => parseExpr(text, ALL_FEATURES)],
  ['parseSelector', (text: string) => parseSelector(text)],
  ['parseSeriesNotation', (text: string) => parseSeriesNotation(text)],
] as const)('%s answers any text with a tree or a parse error with a position', ([, parse]) => {
  fc.assert(
    fc.property(anything, (text) => {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(PocketCortexError);
        expect(String(error)).toMatch(/^PocketCortexError: (?:\d+:\d+|unknown position): parse error: ./);
      }
    }),
    { numRuns: 1000 },
  );
});
