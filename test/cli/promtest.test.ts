import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { promtest } from '../../src/cli/promtest.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promtest-'));
  await writeFile(join(folder, 'a.test'), 'eval instant at 0 1 + 1\n  2\n');
  await writeFile(
    join(folder, 'b.test'),
    'eval instant at 0 vector(1)\n  {} 2\n\neval instant at 0 min_of(1, 2)\n  1\n',
  );
  await writeFile(join(folder, 'c.txt'), 'no script');
  await writeFile(join(folder, 'd.txt'), '# engine: cortex\n\neval instant at 0 max_of(1, 2)\n  2\n');
});

afterAll(() => rm(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number; output: string }> {
  let output = '';
  const code = await promtest(args, {
    write: (text) => {
      output += text;
    },
    columns: 120,
    hasColour: false,
  });
  return { code, output: output.replaceAll(`${folder}/`, '').replaceAll(/ +/g, ' ') };
}

test('runs every script of a folder and prints what failed and a table', async () => {
  const { code, output } = await run('-engine=prometheus', folder);
  expect({ code, output }).toEqual({
    code: 1,
    output: `b.test:1 failed vector(1) at 0s
 expected 2 for {}
 expected actual
 {} 2 | {} 1

script passed failed
a.test 1 0
b.test 1 1
total 2 1

2 passed, 1 failed
`,
  });
});

test('is content when all passes', async () => {
  expect((await run(join(folder, 'a.test'))).code).toBe(0);
});

test("speaks the newest PromQL unless asked for Cortex's", async () => {
  expect((await run('-engine=cortex', join(folder, 'b.test'))).output).toContain('unknown function with name "min_of"');
  expect((await run(join(folder, 'b.test'))).output).not.toContain('unknown function');
});

test('lets a script ask for its engine', async () => {
  expect((await run(join(folder, 'd.txt'))).output).toContain('unknown function with name "max_of"');
});

test.for([
  { args: [], message: 'no scripts named' },
  { args: ['-engine=other', '.'], message: 'unknown argument -engine=other' },
  { args: ['/nowhere/at/all'], message: 'no such file or directory' },
  { args: [import.meta.dirname], message: 'no *.test files in' },
])('refuses $args', async ({ args, message }) => {
  await expect(run(...args)).rejects.toThrow(message);
});

test('counts a file that is no script as a failure, says where, and goes on', async () => {
  expect(await run(join(folder, 'c.txt'), join(folder, 'a.test'))).toEqual({
    code: 1,
    output: `c.txt:1 failed
 invalid command "no script"

script passed failed
c.txt 0 1
a.test 1 0
total 1 1

1 passed, 1 failed
`,
  });
});

test('tells every evaluation when asked to', async () => {
  expect((await run('-verbose', join(folder, 'a.test'))).output).toBe(`a.test:1 passed 1 + 1
script passed failed
a.test 1 0

1 passed, 0 failed
`);
});

test('explains itself', async () => {
  const { code, output } = await run('--help');
  expect({ code, start: output.slice(0, 29) }).toEqual({ code: 0, start: 'Usage: pocket-cortex promtest' });
});
