import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { startPocketCortex } from '../../src/index.ts';
import { encodeRemoteWrite } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';
import { eventually } from '../support/eventually.ts';
import { projectRoot, type Snippet } from './markdown.ts';
import type { Runner } from './runners.ts';
import type { Workplace } from './workplace.ts';

/** Blocks without a language: what something prints, and drawings. Each is looked at in a way of its own. */
export const outputRunner: Runner = {
  name: 'what is printed, or a drawing',
  where: 'tests',
  claims: (snippet) => checkOf(snippet) !== undefined,
  run: async (snippet, workplace) => checkOf(snippet)!(snippet.text, workplace),
};

type Check = (text: string, workplace: Workplace) => Promise<void>;

const checks: readonly (readonly [begins: RegExp, check: Check])[] = [
  [/^prepare\(\) /, operatorHasMethods],
  [/^rules\/\n {2}_all\//, foldersAreOfTenants],
  [/^rules\.yml:/, printedBy(['rules', 'check', 'rules.yml'])],
  [/^tests\.yml:/, printedBy(['rules', 'test', 'tests.yml'])],
  [/^rates\.test:/, printedBy(['promtest', 'rates.test'])],
  [/^X-Pocket-Cortex-Would-Refuse: /, lenientServerSays],
];

function checkOf({ language, text }: Snippet): Check | undefined {
  return language === '' || language === 'text' ? checks.find(([begins]) => begins.test(text))?.[1] : undefined;
}

/** A command that finds fault. */
function printedBy(command: readonly string[]): Check {
  return async (text, workplace) => {
    await workplace.addCommandLine();
    const { exitCode, stdout } = await workplace.run('pocket-cortex', command);
    expect({ exitCode, stdout: trimmed(stdout) }).toEqual({ exitCode: 1, stdout: trimmed(text) });
  };
}

function trimmed(text: string): string {
  return text.replaceAll(/ +$/gm, '').trim();
}

async function operatorHasMethods(text: string): Promise<void> {
  const source = readFileSync(`${projectRoot}src/promql/operators/operator.ts`, 'utf8');
  const methods = [...text.matchAll(/^(\w+)\(/gm)].map(([, name]) => name!);
  expect(methods).toEqual(['prepare', 'next', 'close']);
  for (const method of methods) expect(source).toMatch(new RegExp(`^  ${method}\\(`, 'm'));
}

/** The folder as it is drawn, with a group in each file named after it: who has which? */
async function foldersAreOfTenants(text: string, workplace: Workplace): Promise<void> {
  const paths = [...text.matchAll(/^ {2}(\S+) {2,}(.*)$/gm)].map(([, path, about]) => ({ path: path!, about: about! }));
  for (const { path, about } of paths) {
    const rules = `groups:\n  - name: ${path.replaceAll('*', 'x')}\n    rules: [{ record: r, expr: "1" }]\n`;
    workplace.write(`drawn/${path}`, path.endsWith('.txt') ? `${/: (\S+)$/.exec(about)![1]}\n` : rules);
  }
  await using cortex = await startPocketCortex({ rulesDir: `${workplace.folder}/drawn` });
  const groupsOf = async (name: string): Promise<string[]> => {
    const tenant = cortex.tenant(name);
    await tenant.push([{ labels: { __name__: 'up' }, samples: [[cortex.nowMs, 1]] }]);
    const { body } = await cortex.request({ path: '/prometheus/api/v1/rules', tenant: name });
    const { data } = JSON.parse(body) as { data: { groups: { name: string }[] } };
    return data.groups.map((group) => group.name).sort();
  };
  const expected: Readonly<Record<string, readonly string[]>> = {
    demo: ['_all/http.yaml'],
    'team-1': ['_all/http.yaml', 'team-x/slo.yaml'],
    'customer-7': ['_all/http.yaml', 'customer-7/own.yaml'],
    'load-test-1': [],
  };
  for (const [tenant, groups] of Object.entries(expected)) {
    await eventually(`${tenant} has ${groups}`, async () => {
      expect(await groupsOf(tenant)).toEqual(groups);
      return true;
    });
  }
}

async function lenientServerSays(text: string): Promise<void> {
  const [, name, value, timestampMs] = /^(\S+): (.*too new: (\d+) metric: "up")\n$/.exec(text)!;
  await using cortex = await startPocketCortex({
    nowMs: Date.UTC(2026, 0, 1),
    flags: { 'pocket.ingest': 'lenient' },
  });
  const { status, headers } = await cortex.request({
    method: 'POST',
    path: '/api/v1/push',
    tenant: 'team-a',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body: compressSnappy(
      encodeRemoteWrite({ series: [{ labels: [['__name__', 'up']], samples: [[Number(timestampMs), 1]] }] }),
    ),
  });
  expect([status, headers[name!.toLowerCase()]]).toEqual([200, value]);
}
