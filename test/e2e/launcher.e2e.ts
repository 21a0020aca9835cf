import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = new URL('../../dist/src/cli/main.js', import.meta.url);

test('the built program is compiled from its code cache', () => {
  const script = `
    process.argv = [process.execPath, 'pocket-cortex', '--version'];
    const { program } = await import(${JSON.stringify(main)});
    process.stdout.write(String(program.cachedDataRejected));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(printed).toMatch(/false$/);
});

test('the built program requires what it loads later: an import of a script that is compiled by itself fails', () => {
  const program = readFileSync(new URL('./program.cjs', main), 'latin1');
  expect(program.match(/\bimport\(["'][^"']+["']\)/g)).toBeNull();
});

test('a link to the program starts it', () => {
  const printed = execFileSync(fileURLToPath(main), ['--version'], { encoding: 'utf8' });
  expect(printed).toMatch(/^pocket-cortex \d/);
});
