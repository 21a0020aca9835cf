import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { promtool, runProgram } from '../support/promtool.ts';
import { unitTestFiles } from '../support/unit-test-files.ts';

const folder = fileURLToPath(new URL('../pocket/rule-test/files/', import.meta.url));

// The tests of the command hold our own verdicts to the same table.
describe.skipIf(promtool === undefined)('promtool', () => {
  test.for(unitTestFiles)('has the same verdict on $file', async ({ file, failed }) => {
    const { exitCode } = await runProgram(promtool!, ['test', 'rules', file], folder);
    expect(exitCode).toBe(failed > 0 ? 1 : 0);
  });
});
