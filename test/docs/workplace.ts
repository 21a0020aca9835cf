import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { type PocketCortex, startPocketCortex } from '../../src/index.ts';
import { findProgram, type RunningProgram, startProgram } from '../support/child-process.ts';
import { projectRoot } from './markdown.ts';

/** What a program printed, and how it ended. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Where somebody sits who reads a document and does what it says: a folder, a server on the port that documents name, a Prometheus
 * to write to, and `pocket-cortex` on the path.
 */
export class Workplace {
  readonly folder: string;
  /** What the last commands printed. */
  lastOutput = '';
  readonly #server: PocketCortex;
  readonly #receiver: PocketCortex;
  #isBuilt = false;

  private constructor(server: PocketCortex, receiver: PocketCortex) {
    this.#server = server;
    this.#receiver = receiver;
    this.folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-docs-'));
    cpSync(join(projectRoot, 'test/docs/files'), this.folder, { recursive: true });
    mkdirSync(join(this.folder, 'bin'));
    // What a person sees is an error for a test.
    const curl = findProgram('curl');
    if (curl) this.#addProgram('curl', `exec ${curl} --silent --show-error --fail --max-time 30 "$@"`);
  }

  static async open(): Promise<Workplace> {
    // Nobody's name has to stand before what is written to a Prometheus.
    const receiver = await startPocketCortex({ port: 0, authEnabled: false, flags: { 'pocket.ingest': 'lenient' } });
    return new Workplace(await startPocketCortex({ port: 0 }), receiver);
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.#receiver.close();
    rmSync(this.folder, { recursive: true });
  }

  get url(): string {
    return this.#server.url!;
  }

  get env(): Record<string, string> {
    return { CORTEX: this.url, PATH: `${join(this.folder, 'bin')}:${process.env['PATH']}` };
  }

  /** The addresses that documents name, as they are here. */
  withAddresses(text: string): string {
    return text
      .replaceAll('http://localhost:9009', this.url)
      .replaceAll('http://prometheus:9090/api/v1/write', `${this.#receiver.url}/api/v1/push`);
  }

  /** @param path from the folder */
  write(path: string, text: string): string {
    const target = join(this.folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    return target;
  }

  /** Runs a program in the folder. */
  run(program: string, programArguments: readonly string[]): Promise<Outcome> {
    const { env, folder: cwd } = this;
    return new Promise((resolve) => {
      const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 1 << 24 };
      execFile(program, programArguments, options, (error, stdout, stderr) => {
        this.lastOutput = stdout;
        const code = error ? error.code : 0;
        resolve({ exitCode: typeof code === 'number' ? code : 1, stdout, stderr: stderr || (error ? `${error}` : '') });
      });
    });
  }

  /** Starts what goes on until it is told to stop. */
  start(program: string, programArguments: readonly string[]): RunningProgram {
    return startProgram(program, programArguments, { cwd: this.folder, env: this.env });
  }

  /** Puts `pocket-cortex` on the path. */
  async addCommandLine(): Promise<void> {
    if (this.#isBuilt) return;
    this.#isBuilt = true;
    const outfile = join(this.folder, 'built/main.js');
    const toRequire =
      "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";
    await build({
      entryPoints: [join(projectRoot, 'src/cli/main.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      external: ['better-sqlite3'],
      banner: { js: toRequire },
      logLevel: 'warning',
    });
    // The fleet of `pocket-cortex demo`, where a build has it.
    cpSync(join(projectRoot, 'src/pocket/scenario/shop.yaml'), join(this.folder, 'built/dist/scenarios/shop.yaml'));
    writeFileSync(join(this.folder, 'built/package.json'), '{ "type": "module" }');
    symlinkSync(join(projectRoot, 'node_modules'), join(this.folder, 'built/node_modules'), 'dir');
    // Data goes to the server that is running here.
    const toServer = `case "$1" in load|export) set -- "$@" --url=${this.url};; esac`;
    this.#addProgram('pocket-cortex', `${toServer}; exec ${process.execPath} ${outfile} "$@"`);
  }

  #addProgram(name: string, script: string): void {
    const path = join(this.folder, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }
}
