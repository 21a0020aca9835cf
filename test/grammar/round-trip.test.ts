import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Expr } from '../../grammar/ast.ts';
import { ALL_FEATURES, parseExpr, prettyPrint, printExpr } from '../../grammar/promql.ts';

const name = fc.constantFrom('up', 'node:cpu:rate5m', 'sum', 'offset', 'by', 'fill', 'step', 'http_requests_total');
const label = fc.constantFrom('job', 'le', 'by', 'on', '"label name"', '`ü`');
// U+FFFD is what broken UTF-8 looks like to Go.
const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\ufffd', ''));
const matcher = fc
  .tuple(fc.constantFrom('job', 'on', '"a b"'), fc.constantFrom('=', '!=', '=~', '!~'), text)
  .map(([key, op, value]) => `${key}${op}${JSON.stringify(op.includes('~') ? value.replace(/\W/gu, '.') : value)}`);
const amount = fc.constantFrom('5m', '1h30m', '90s', '300', '1.5', '0x10', '1w', '1e3', '250ms');
const duration = fc.oneof(
  { weight: 4, arbitrary: amount },
  fc.tuple(amount, fc.constantFrom('+', '-', '*', '/', '%', '^'), amount).map((parts) => parts.join('')),
  fc.constantFrom('step()', 'range() * 2', '(5m)', '((1m + 2))*3', 'max_of(1m, step())', 'min_of(2, -(3m))'),
);
const offset = fc.oneof(amount, fc.constantFrom('-5m', '-(1m + 1)', 'step()', '-max_of(1, 2)'));
const labels = fc.array(label, { maxLength: 3 }).map((all) => `(${all.join(',')})`);
const modifiers = fc
  .tuple(
    fc.option(offset.map((text) => ` offset ${text}`)),
    fc.option(fc.constantFrom(' @ 1.5', ' @ -7', ' @ start()', ' @ end()')),
    fc.boolean(),
  )
  .map(([first, second, isSwapped]) => (isSwapped ? `${second ?? ''}${first ?? ''}` : `${first ?? ''}${second ?? ''}`));
const series = fc
  .tuple(name, fc.option(fc.array(matcher, { maxLength: 3 })))
  .map(([metric, matchers]) => (matchers ? `${metric}{${matchers.join(',')}}` : metric));
const extension = fc.constantFrom('', '', ' anchored', ' smoothed');
const range = fc
  .tuple(series, duration, extension, modifiers)
  .map(([text, length, extended, more]) => `${text}[${length}]${extended}${more}`);

const { vector } = fc.letrec<{ vector: string; scalar: string }>((tie) => ({
  scalar: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    // Infinity prints with its sign, which binds less than `^`.
    fc.double({ noDefaultInfinity: true }).map((value) => `${value}`),
    fc.constantFrom('5m', '-1', '- -2', '0x1F', 'time()', '(1)', 'step()', '(-Inf)'),
    tie('vector').map((text) => `scalar(${text})`),
    fc
      .tuple(tie('scalar'), fc.constantFrom('+', '-', '*', '^', 'atan2', '<= bool'), tie('scalar'))
      .map((parts) => `(${parts.join(' ')})`),
  ),
  vector: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(series, extension, modifiers).map((parts) => parts.join('')),
    range.map((text) => `rate(${text})`),
    // Behind parentheses of an offset an operator would still belong to it.
    fc.constantFrom('(up offset (5m * 2))', '(up offset (1m) + 3)', '(up offset ((1m)) ^ 2 @ 7)'),
    fc
      .tuple(tie('vector'), amount, duration, modifiers)
      .map(([text, length, step, more]) => `max_over_time((${text})[${length}:${step}]${more})`),
    fc
      .tuple(tie('vector'), fc.constantFrom('by', 'without'), labels)
      .map(([text, word, by]) => `sum(${text}) ${word} ${by}`),
    fc.tuple(tie('scalar'), tie('vector'), labels).map(([param, text, by]) => `topk by ${by} (${param}, ${text})`),
    tie('vector').map((text) => `-${text}`),
    tie('vector').map((text) => `(${text})`),
    fc
      .tuple(tie('vector'), fc.constantFrom('+', '/', '^', '> bool', '==', 'atan2', '</'), tie('scalar'))
      .map((parts) => parts.join(' ')),
    fc
      .tuple(
        tie('vector'),
        fc.constantFrom('+', '*', '^', '> bool', '=='),
        labels,
        fc.constantFrom('', 'fill(1)', 'fill_left(-5m) fill_right(NaN)'),
        tie('vector'),
      )
      .map(([left, op, by, fill, right]) => `(${left}) ${op} on ${by} group_left () ${fill} (${right})`),
    fc
      .tuple(tie('vector'), fc.constantFrom('and', 'or', 'unless'), labels, tie('vector'))
      .map(([left, op, by, right]) => `(${left}) ${op} ignoring ${by} ${right}`),
  ),
}));

/** What a tree says, apart from where it stood and in which order its matchers came. */
function essence(expr: Expr): unknown {
  return JSON.parse(
    JSON.stringify(expr, (key, value: unknown) => {
      if (key === 'span') return undefined;
      if (key === 'matchers')
        return (value as { name: string; op: string; value: string }[]).map((m) => `${m.name}${m.op}${m.value}`).sort();
      // In a top-level duration units come back for a plain number, and JSON has no words for these.
      if (key === 'isNumber') return undefined;
      return typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value;
    }),
  );
}

test('parsing what was printed gives the same tree', () => {
  fc.assert(
    fc.property(vector, (query) => {
      const expr = parseExpr(query, ALL_FEATURES);
      const printed = printExpr(expr);
      expect(essence(parseExpr(printed, ALL_FEATURES))).toEqual(essence(expr));
      expect(printExpr(parseExpr(printed, ALL_FEATURES))).toBe(printed);
      expect(printExpr(parseExpr(prettyPrint(expr), ALL_FEATURES))).toBe(printed);
    }),
    { numRuns: 300 },
  );
});
