import { expect, test } from 'vitest';
import { parseSelector } from '../../grammar/promql.ts';
import { PocketCortexError } from '../../src/model/errors.ts';
import { formatMatcher } from '../../src/model/matcher.ts';

test.for([
  ['up', '__name__="up"'],
  ['up{job=~"a|b"}', 'job=~"a|b" __name__="up"'],
  ['{job!="a", "b c"="d"}', 'job!="a" "b c"="d"'],
  ['{"my.metric"}', '__name__="my.metric"'],
  ['sum', '__name__="sum"'],
  // What selects everything is for the endpoint to refuse.
  ['{}', ''],
  ['up{__name__="down"}', '__name__="down" __name__="up"'],
] as const)('reads the matchers of %s', ([text, matchers]) => {
  expect(parseSelector(text).map(formatMatcher).join(' ')).toBe(matchers);
});

test.for([
  ['', 'unknown position: parse error: unexpected end of input'],
  [' ', '1:2: parse error: unexpected end of input'],
  ['m{', '1:3: parse error: unexpected end of input inside braces'],
  ['}', "1:1: parse error: unexpected character: '}'"],
  ['sum(m)', '1:4: parse error: unexpected "("'],
  ['m offset 5m', '1:3: parse error: unexpected <offset>'],
  ['m[5m]', '1:2: parse error: unexpected "["'],
  ['1', '1:1: parse error: unexpected number "1"'],
  ['m n', '1:3: parse error: unexpected identifier "n"'],
  ['m{a=~"("}', '1:3: parse error: error parsing regexp: missing closing ): `(`'],
] as const)('refuses %j: %s', ([text, message]) => {
  expect(() => parseSelector(text)).toThrow(new PocketCortexError('parse-error', message));
});
