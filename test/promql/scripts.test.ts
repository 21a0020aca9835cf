import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatOutcome } from '../../src/pocket/promtest/report.ts';
import { runScript } from '../../src/pocket/promtest/runner.ts';
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
    const outcomes = await runScript({ file, text }, scriptEngine(profileOf(text) ?? 'cortex'));
    expect(outcomes.filter(({ verdict }) => verdict !== 'passed').map((outcome) => formatOutcome(outcome))).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(0);
  });
});
