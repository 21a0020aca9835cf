import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../support/child-process.ts';
import { documents, placeOf, readSnippets, snippetsOf } from './markdown.ts';
import { runnerOf } from './runners.ts';
import { Workplace } from './workplace.ts';

/*
 * What the documents show works. Each block between fences is run by the first runner that claims it (`runners.ts`); a block that
 * nobody claims fails here. Those that need real peers run in `test/e2e/docs.e2e.ts`.
 */

describe.for(documents)('%s', (document) => {
  const snippets = snippetsOf(document);
  let workplace: Workplace;
  beforeAll(async () => {
    workplace = await Workplace.open();
  });
  afterAll(() => workplace.close());

  for (const snippet of snippets) {
    const runner = runnerOf(snippet);
    if (runner?.where === 'end-to-end') continue;
    const missing = runner?.needs?.filter((program) => !findProgram(program)) ?? [];
    const because = missing.length > 0 ? ` (skipped: ${missing.join(', ')} not on PATH)` : '';
    test.skipIf(missing.length > 0)(
      `${placeOf(snippet)} is ${runner?.name ?? 'run by something'}${because}`,
      async () => {
        expect(runner, `no runner claims the block of "${snippet.language}" at ${placeOf(snippet)}`).toBeDefined();
        await runner!.run(snippet, workplace);
      },
    );
  }
});

test('the second screen of the README shows a test in ten lines', () => {
  const first = snippetsOf('README.md').find(({ language }) => language === 'ts')!;
  expect(first.text).toContain('startPocketCortex(');
  expect(first.text.trim().split('\n').length).toBeLessThanOrEqual(10);
  // A screen has some forty lines.
  expect(first.line).toBeGreaterThan(40);
  expect(first.line + 10).toBeLessThanOrEqual(80);
});

test('a block that no runner knows is found', () => {
  const [snippet] = readSnippets('x.md', 'text\n\n```cobol\nSTOP RUN.\n```\n');
  expect(snippet).toEqual({ document: 'x.md', line: 3, language: 'cobol', text: 'STOP RUN.\n' });
  expect(runnerOf(snippet!)).toBeUndefined();
  expect(() => readSnippets('x.md', '```sh\nls')).toThrow('x.md:1: the block is not closed');
});
