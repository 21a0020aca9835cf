import { expect, test } from 'vitest';
import { functionSignatures } from '../../grammar/functions.ts';
import { ALL_FEATURES, formatPosition, parseExpr, typeOf } from '../../grammar/promql.ts';
import { PocketCortexError } from '../../src/model/errors.ts';

test.for([
  ['1', 'scalar'],
  ['time() * 2', 'scalar'],
  ['-(1 > bool 2)', 'scalar'],
  ['"a"', 'string'],
  ['("a")', 'string'],
  ['up', 'vector'],
  ['up + 1', 'vector'],
  ['1 + up', 'vector'],
  ['-up', 'vector'],
  ['sum(up)', 'vector'],
  ['rate(up[5m])', 'vector'],
  ['up[5m]', 'matrix'],
  ['up[5m:]', 'matrix'],
  ['(up[5m])', 'matrix'],
] as const)('%s is a %s', ([query, type]) => {
  expect(typeOf(parseExpr(query))).toBe(type);
});

test.for([
  ['', 0, 'unknown position'],
  ['up', 0, '1:1'],
  ['up', 2, '1:3'],
  ['up', 3, 'invalid position'],
  ['a\nb\n  c', 2, '2:1'],
  ['a\nb\n  c', 6, '3:3'],
  // The line break itself ends its line.
  ['a\nb', 1, '1:2'],
  ['"é" + x', 6, '1:8'],
  ['"🚀" + x', 7, '1:10'],
  ['"\udcff" + x', 6, '1:7'],
] as const)('in %j offset %d is at %s', ([query, offset, position]) => {
  expect(formatPosition(query, offset)).toBe(position);
});

test('spans say where a node stands', () => {
  const query = ' sum by (job) ( rate( up{job="a"} [5m] offset 1m ) ) / 2';
  const expr = parseExpr(query);
  const texts: string[] = [];
  for (let node: typeof expr | undefined = expr; node; ) {
    texts.push(query.slice(node.span.start, node.span.end));
    if (node.kind === 'binary') node = node.left;
    else if (node.kind === 'aggregate') node = node.expr;
    else if (node.kind === 'call') node = node.args[0];
    else if (node.kind === 'matrix-selector') node = node.selector;
    else node = undefined;
  }
  expect(texts).toEqual([
    'sum by (job) ( rate( up{job="a"} [5m] offset 1m ) ) / 2',
    'sum by (job) ( rate( up{job="a"} [5m] offset 1m ) )',
    'rate( up{job="a"} [5m] offset 1m )',
    'up{job="a"} [5m] offset 1m',
    'up{job="a"}',
  ]);
});

/** Arguments of the right types and the least number, for every function there is. */
const samples = { scalar: '1', string: '"a"', vector: 'up', matrix: 'up[5m]' } as const;
const calls = Object.entries(functionSignatures).map(([name, { argTypes, variadic, ...signature }]) => {
  const count = variadic === 0 ? argTypes.length : argTypes.length - 1;
  const args = argTypes.slice(0, count).map((type) => samples[type]);
  return { ...signature, name, query: `${name}(${args.join(', ')})` };
});

test.for(calls)('$query is known in 3.14', ({ query, returnType }) => {
  expect(typeOf(parseExpr(query, ALL_FEATURES))).toBe(returnType);
});

test.for(calls.filter(({ isExperimental, language }) => isExperimental && language === undefined))(
  '$query has to be enabled',
  ({ query, name }) => {
    const message = `1:1: parse error: function "${name}" is not enabled`;
    expect(() => parseExpr(query)).toThrow(new PocketCortexError('parse-error', message));
    expect(() => parseExpr(query, { enableExperimentalFunctions: true })).not.toThrow();
  },
);
