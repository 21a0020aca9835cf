import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { parseArguments } from '../../src/config/arguments.ts';
import { allSettings } from '../../src/config/settings.ts';
import { startPocketCortex } from '../../src/index.ts';
import { matchers } from '../../src/matchers.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { projectRoot, type Snippet, snippetsOf } from './markdown.ts';
import { outputRunner } from './outputs.ts';
import type { Outcome, Workplace } from './workplace.ts';

/** Something that knows what to do with some snippets. */
export interface Runner {
  readonly name: string;
  /** Where it runs: with the tests of the project, with real peers beside it, or not in a test but in `.ci`. */
  readonly where: 'tests' | 'end-to-end' | 'ci';
  /** Programs without which it cannot run. */
  readonly needs?: readonly string[];
  claims(snippet: Snippet): boolean;
  run(snippet: Snippet, workplace: Workplace): Promise<void>;
}

/** What runs a snippet: the first of these that claims it. */
export function runnerOf(snippet: Snippet): Runner | undefined {
  return runners.find((runner) => runner.claims(snippet));
}

const commandsOf = ({ text }: Snippet): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');

const isShell = ({ language }: Snippet): boolean => language === 'sh' || language === 'bash';
const isYamlWith = ({ language, text }: Snippet, key: string): boolean =>
  language === 'yaml' && new RegExp(`^${key}:`, 'm').test(text);

/** A server that goes on until it is stopped: `pocket-cortex` with flags only, or a demo. */
const SERVER_COMMAND = /^pocket-cortex(?: demo\b.*| -.*)?$/;
const PROJECT_COMMAND = /^(?:npm|npx|bash \.ci\/)/;

const runners: readonly Runner[] = [
  {
    name: 'a test with the library',
    where: 'tests',
    claims: ({ language, text }) => language === 'ts' && text.includes("from 'pocket-cortex"),
    run: async ({ text }, { folder }) => {
      const withoutImports = text.replaceAll(/^import .* from '(.*)';\n/gm, (_, from: string) => {
        expect(['pocket-cortex', 'pocket-cortex/matchers', 'vitest', 'node:test']).toContain(from);
        return '';
      });
      // A file that a snippet names lies in the folder.
      const withPaths = withoutImports.replaceAll(/'([\w./-]+\.\w+)'/g, (quoted, path: string) => {
        return existsSync(join(folder, path)) ? `'${join(folder, path)}'` : quoted;
      });
      const isTest = /^test\(/m.test(withPaths);
      const source = isTest ? withPaths : `test('of a document', async () => {\n${withPaths}\n});`;
      // Node 20 has no `await using`.
      const { code } = transformSync(source, { loader: 'ts', target: 'node20' });
      const tests: (() => Promise<void>)[] = [];
      const collect = (_name: string, run: () => Promise<void>): void => void tests.push(run);
      const names = ['startPocketCortex', 'matchers', 'expect', 'test'];
      new Function(...names, code)(startPocketCortex, matchers, expect, collect);
      expect(tests.length).toBeGreaterThan(0);
      for (const run of tests) await run();
    },
  },
  {
    name: 'a part of the source',
    where: 'tests',
    claims: ({ language }) => language === 'ts',
    run: async ({ text }) => {
      const sources = [...filesBelow('src', '.ts'), ...filesBelow('grammar', '.ts')];
      expect(sources.some((source) => flat(source).includes(flat(text)))).toBe(true);
    },
  },
  {
    name: 'commands of the project',
    where: 'tests',
    claims: (snippet) => isShell(snippet) && commandsOf(snippet).every((command) => PROJECT_COMMAND.test(command)),
    // `.ci/run` runs them; here they have to be there.
    run: async (snippet) => {
      const { scripts } = JSON.parse(readFileSync(`${projectRoot}package.json`, 'utf8')) as {
        scripts: Record<string, string>;
      };
      const files = readdirSync(projectRoot, { recursive: true, encoding: 'utf8' });
      for (const command of commandsOf(snippet).flatMap((line) => line.split(' && '))) {
        const [program, ...words] = command.split(' ');
        if (program === 'npm' && words[0] !== 'ci')
          expect(Object.keys(scripts)).toContain(words[0] === 'run' ? words[1] : words[0]);
        if (program === 'bash') expect(files).toContain(words[0]);
      }
    },
  },
  {
    name: 'a scenario',
    where: 'tests',
    claims: (snippet) => isYamlWith(snippet, 'history') || isYamlWith(snippet, 'expect'),
    // It plays, and what it expects is so.
    run: async ({ text }, workplace) => {
      workplace.write('fleet.yaml', text);
      await workplace.addCommandLine();
      succeeded(await workplace.run('pocket-cortex', ['rules', 'test', 'fleet.yaml']));
    },
  },
  {
    name: 'a scenario',
    where: 'tests',
    claims: (snippet) => isYamlWith(snippet, 'tenants'),
    run: async ({ text }, workplace) => {
      const path = /^# (\S+\.yaml)/.exec(text)?.[1] ?? 'scenario.yaml';
      workplace.write(path, text);
      await workplace.addCommandLine();
      succeeded(await workplace.run('pocket-cortex', ['rules', 'test', path]));
    },
  },
  {
    name: 'a compose file',
    where: 'tests',
    claims: (snippet) => isYamlWith(snippet, 'services'),
    // `.ci/compose-docs` starts it.
    run: async ({ text }) => {
      const { services } = parse(text) as { services: Record<string, { image: string; command?: string[] }> };
      const ours = Object.values(services).filter(({ image }) => image === 'pocket-cortex');
      expect(ours.length).toBeGreaterThan(0);
      for (const { command = [] } of ours) {
        const flags = command.filter((flag) => !flag.startsWith('-config.file'));
        expect(() => parseArguments(flags, allSettings)).not.toThrow();
      }
    },
  },
  {
    name: 'docker compose',
    where: 'ci',
    claims: (snippet) => isShell(snippet) && commandsOf(snippet).every((command) => command.startsWith('docker ')),
    run: async (snippet) => {
      expect(readFileSync(`${projectRoot}.ci/compose`, 'utf8')).toMatch(/^"\$\{compose\[@\]\}" up /m);
      expect(commandsOf(snippet)).toEqual(['docker compose up --build']);
    },
  },
  {
    name: 'a configuration of Prometheus',
    where: 'end-to-end',
    needs: ['promtool'],
    claims: (snippet) => isYamlWith(snippet, 'remote_write'),
    run: async ({ text }, workplace) => {
      workplace.write('prometheus.yml', text);
      succeeded(await workplace.run('promtool', ['check', 'config', 'prometheus.yml']));
    },
  },
  {
    name: 'a file of rules',
    where: 'tests',
    claims: (snippet) => isYamlWith(snippet, 'groups'),
    run: async ({ text }, workplace) => {
      const path = /^# (\S+\.ya?ml)/.exec(text)?.[1] ?? 'rules.yaml';
      workplace.write(path, text);
      await workplace.addCommandLine();
      succeeded(await workplace.run('pocket-cortex', ['rules', 'check', '-tenant=demo', path]));
    },
  },
  {
    name: 'a server',
    where: 'tests',
    claims: (snippet) => isShell(snippet) && commandsOf(snippet).every((command) => SERVER_COMMAND.test(command)),
    run: async (snippet, workplace) => {
      await workplace.addCommandLine();
      for (const command of commandsOf(snippet)) {
        const port = await freePort();
        const words = command.split(' ');
        const own = [`-server.http-listen-port=${port}`, '-server.http-listen-address=127.0.0.1'];
        const program = workplace.start(words[0]!, [...words.slice(1), ...own, '-pocket.data-file=:memory:']);
        try {
          await eventually(`${command} is ready\n${program.output()}`, async () => {
            const answer = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
            return answer?.ok === true || undefined;
          });
        } finally {
          expect(await program.stop()).toMatchObject({ exitCode: 0 });
        }
      }
    },
  },
  {
    name: 'a shell with tools of Prometheus',
    where: 'end-to-end',
    needs: ['sh', 'curl', 'promtool'],
    claims: (snippet) => isShell(snippet) && /\bpromtool\b/.test(snippet.text),
    run: runShell,
  },
  {
    name: 'a shell',
    where: 'tests',
    needs: ['sh', 'curl'],
    claims: isShell,
    run: runShell,
  },
  {
    name: 'what the commands before it print',
    where: 'tests',
    needs: ['sh', 'curl'],
    claims: ({ language }) => language === 'json',
    run: async ({ text }, { lastOutput }) => {
      const last = lastOutput.trim().split('\n').at(-1) ?? '';
      expect(JSON.parse(last)).toMatchObject(JSON.parse(text) as object);
    },
  },
  {
    name: 'Python',
    where: 'tests',
    needs: ['python3'],
    claims: ({ language }) => language === 'python',
    run: async ({ text }, workplace) => {
      workplace.write('snippet.py', text);
      succeeded(await workplace.run('python3', ['snippet.py']));
    },
  },
  {
    name: 'Java',
    where: 'tests',
    needs: ['java'],
    claims: ({ language }) => language === 'java',
    run: async ({ text }, workplace) => {
      const path = `${/public class (\w+)/.exec(text)![1]}.java`;
      workplace.write(path, text);
      succeeded(await workplace.run('java', ['-ea', path]));
    },
  },
  {
    name: 'Go',
    where: 'end-to-end',
    needs: ['go'],
    claims: ({ language }) => language === 'go',
    run: async ({ text }, workplace) => {
      workplace.write('snippet/snippet_test.go', text);
      // Without a C compiler less has to be compiled.
      const variables = ['CGO_ENABLED=0', 'GO111MODULE=off', 'GOFLAGS=', 'GOTOOLCHAIN=local'];
      succeeded(await workplace.run('env', [...variables, 'go', 'test', 'snippet/snippet_test.go']));
    },
  },
  {
    name: 'a script of tests for PromQL',
    where: 'tests',
    claims: ({ language, text }) => language === 'promtest' && text.startsWith('load'),
    run: async (snippet, workplace) => {
      // The block behind it may be what it prints when it fails; that is looked at there.
      const all = snippetsOf(snippet.document);
      const printed = all[all.findIndex(({ line }) => line === snippet.line) + 1]?.text ?? '';
      const [, path = 'snippet.test'] = /^(\S+\.test):\d+ failed /.exec(printed) ?? [];
      workplace.write(path, snippet.text);
      if (path !== 'snippet.test') return;
      await workplace.addCommandLine();
      succeeded(await workplace.run('pocket-cortex', ['promtest', path]));
    },
  },
  {
    name: 'lines of a script of tests for PromQL',
    where: 'tests',
    claims: ({ language }) => language === 'promtest',
    run: async ({ text }) => {
      expect(filesBelow('test/promql', '.test').some((script) => script.includes(text))).toBe(true);
    },
  },
  {
    name: 'JSON lines',
    where: 'tests',
    claims: ({ language }) => language === 'jsonl',
    run: async ({ text }, { url }) => {
      // Lines of the document that are indented go on from the one before; … is where more may stand.
      const body = text.replaceAll(/\n\s+/g, '').replaceAll(',…', '');
      const rows = body.trim().split('\n');
      for (const row of rows) JSON.parse(row);
      const headers = { 'x-scope-orgid': 'json-lines', 'content-type': 'application/x-ndjson' };
      const answer = await fetch(`${url}/pocket/v1/import`, { method: 'POST', headers, body: withEvenColumns(rows) });
      expect(await answer.json()).toMatchObject({ status: 'success', data: { refused: 0 } });
    },
  },
  outputRunner,
];

async function runShell({ text }: Snippet, workplace: Workplace): Promise<void> {
  if (/\bpocket-cortex\b/.test(text)) await workplace.addCommandLine();
  succeeded(await workplace.run('sh', ['-e', '-c', workplace.withAddresses(text)]));
}

function succeeded({ exitCode, stdout, stderr }: Outcome): void {
  expect({ exitCode, said: exitCode === 0 ? '' : `${stdout}${stderr}` }).toEqual({ exitCode: 0, said: '' });
}

/** A column that ends in … in the document is as long as the others. */
function withEvenColumns(rows: readonly string[]): string {
  return rows
    .map((row) => {
      const parsed = JSON.parse(row) as { values?: unknown[]; timestamps?: number[] };
      const { values, timestamps } = parsed;
      if (values && timestamps) while (timestamps.length < values.length) timestamps.push(timestamps.at(-1)! + 15_000);
      return JSON.stringify(parsed);
    })
    .join('\n');
}

function filesBelow(folder: string, extension: string): readonly string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .map((name) => readFileSync(join(projectRoot, folder, name), 'utf8'));
}

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
