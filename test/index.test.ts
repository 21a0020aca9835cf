import { readFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { startPocketCortex } from '../src/index.ts';
import { matchers } from '../src/matchers.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const section = /^## In a test\n([\s\S]*?)^## /m.exec(readme)![1]!;

function snippets(language: string): string[] {
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, code]) => code!);
}

type Run = () => Promise<void>;

test('the README has snippets of the library and of HTTP', () => {
  expect([snippets('ts').length, snippets('sh').length]).toEqual([2, 1]);
});

test.for(snippets('ts'))('a snippet of the README works: %s', async (source) => {
  const withoutImports = source.replaceAll(/^import .*\n/gm, '');
  // Node 20 has no `await using`.
  const { code } = transformSync(withoutImports, { loader: 'ts', target: 'node20' });
  const tests: Run[] = [];
  const collect = (_name: string, run: Run): void => void tests.push(run);
  new Function('startPocketCortex', 'matchers', 'expect', 'test', code)(startPocketCortex, matchers, expect, collect);
  expect(tests).toHaveLength(1);
  await tests[0]!();
});

test('the HTTP requests of the README work', async () => {
  await using cortex = await startPocketCortex();
  const requests = [
    ...snippets('sh')[0]!.matchAll(/^curl -X (\w+) 'http:\/\/localhost:9009([^']+)'(?: --data-binary '(.+)')?$/gm),
  ];
  expect(requests.length).toBe(snippets('sh')[0]!.trim().split('\n').length);
  for (const [, method, path, body] of requests) {
    const answer = await cortex.request({
      method: method as 'POST' | 'PUT',
      path: path!,
      ...(body !== undefined && { body }),
    });
    expect([path, answer.status]).toEqual([path, 200]);
  }
  // Six hours later nothing is in sight any more, but it is there.
  const before = { at: '2026-01-01T00:00:00Z' };
  expect(await cortex.tenant('test-1').query('up', before)).toMatchObject([{ value: 0 }]);
  expect(await cortex.tenant('test-2').query('up', before)).toMatchObject([{ value: 0 }]);
});
