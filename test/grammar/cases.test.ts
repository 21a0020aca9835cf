import { describe, expect, test } from 'vitest';
import { ALL_FEATURES, type ParseOptions, parseExpr, printExpr } from '../../grammar/promql.ts';
import { PocketCortexError } from '../../src/model/errors.ts';
import { readCaseFiles } from './case-file.ts';
import { treeText } from './tree-text.ts';

describe.for(readCaseFiles())('$name', ({ hasAllFeatures, cases }) => {
  const options: ParseOptions = hasAllFeatures ? ALL_FEATURES : {};
  test.for(cases)('line $line: $query', ({ query, expected }) => {
    expect(outcome(query, options)).toBe(expected);
    if (expected.startsWith('error')) return;
    const printed = printExpr(parseExpr(query, options));
    expect(printExpr(parseExpr(printed, options))).toBe(printed);
  });
});

function outcome(query: string, options: ParseOptions): string {
  try {
    return treeText(parseExpr(query, options));
  } catch (error) {
    if (error instanceof PocketCortexError && error.code === 'parse-error') return `error ${error.message}`;
    throw error;
  }
}
