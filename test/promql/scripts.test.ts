import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatOutcome, formatTable } from '../../src/pocket/promtest/report.ts';
import { type EvaluationOutcome, runScript } from '../../src/pocket/promtest/runner.ts';
import { profileOf, scriptEngine } from '../../src/pocket/promtest/script-engine.ts';

/**
 * Our own scripts, one a family of the language. They say what a tenant of Cortex gets; one that begins with
 * `# engine: prometheus` is about what is newer than Cortex's engine or behind a flag there.
 */
const folder = new URL('./', import.meta.url);
const scripts = readdirSync(folder).filter((name) => name.endsWith('.test'));

describe.for(scripts)('%s', (file) => {
  test('holds line by line', async () => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const outcomes = await runScript({ file, text }, scriptEngine(profileOf(text)));
    expect(outcomes.filter(({ verdict }) => verdict !== 'passed').map((outcome) => formatOutcome(outcome))).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(0);
  });
});

/** Prometheus's own scripts, where a copy of them is at hand: none may fail. */
const upstream = process.env['POCKET_CORTEX_PROMQLTEST'];

describe('the scripts of Prometheus', () => {
  test('pass', async ({ skip }) => {
    if (!upstream) return skip('POCKET_CORTEX_PROMQLTEST names no folder with *.test files');
    const outcomes: EvaluationOutcome[] = [];
    for (const file of readdirSync(upstream).filter((name) => name.endsWith('.test'))) {
      outcomes.push(
        ...(await runScript({ file, text: readFileSync(`${upstream}/${file}`, 'utf8') }, scriptEngine('prometheus'))),
      );
    }
    process.stdout.write(`\n${formatTable(outcomes)}\n`);
    expect(outcomes.filter(({ verdict }) => verdict === 'failed').map((outcome) => formatOutcome(outcome))).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(0);
  }, 120_000);
});
