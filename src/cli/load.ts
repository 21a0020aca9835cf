import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { addOutcomes, type ImportOutcome, NOTHING_IMPORTED } from '../ingest/distributor.ts';
import type { Clock } from '../model/clock.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import type { WriteBatch } from '../model/write-batch.ts';
import { guessFormat } from '../wire/text/guess-format.ts';
import { readText } from '../wire/text/read-text.ts';
import { TextError } from '../wire/text/text-error.ts';
import { type TextFormat, TextReader, textFormats } from '../wire/text/text-reader.ts';
import { argumentError, choiceOf, type DataArguments, readDataArguments, tenantOf, timeOf } from './data-arguments.ts';
import { countText, Progress, type ProgressScreen } from './progress.ts';
import { RemoteWriteSender } from './remote-write-sender.ts';

const COMMAND = 'load';

const HELP = `Usage: pocket-cortex load --tenant=ID [flags] FILE...

Loads samples from text into a running server, or into a data file: any time in any order, without Cortex's limits on age,
rates and numbers of series. FILE is OpenMetrics, Prometheus's text format or JSON lines as VictoriaMetrics exports them,
plain or in gzip; - is standard input.

  --tenant=ID           Whose data it is.
  --url=URL             Where the server is; http://localhost:9009 by default.
  --data-file=PATH      Instead of a server: the file of one that does not run.
  --format=FORMAT       ${textFormats.join(', ')}; otherwise what the text looks like.
  --timestamp=TIME      The time of samples without one, in seconds or RFC 3339; otherwise now.
  --skip-lines=N        Pass N lines of the first file over: a load that broke off says how many.
  --quiet               No progress, and no counts at the end.

What was loaded before a mistake stays. A sample at a time that its series has already is not taken.
Exits with 1 when something was refused or a file cannot be read, with 130 when it was interrupted.
`;

const DEFAULT_URL = 'http://localhost:9009';
const READ_BYTES = 256 << 10;

/** What a command for data is given of the process. */
export interface DataTerminal {
  readonly write: (text: string) => void;
  readonly screen: ProgressScreen;
  readonly clock: Clock;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Where batches go. */
interface Target {
  readonly write: (batch: WriteBatch) => Promise<ImportOutcome>;
  readonly close: () => Promise<void>;
}

/**
 * Loads files. Resolves to the exit code.
 * @throws {PocketCortexError} `bad-config` for arguments that make no sense and files that cannot be read
 */
export async function load(args: readonly string[], terminal: DataTerminal): Promise<number> {
  const parsed = readDataArguments(args, KNOWN_FLAGS, COMMAND);
  if (parsed.flags.has('help') || parsed.flags.has('h')) {
    terminal.write(HELP);
    return 0;
  }
  if (parsed.rest.length === 0) throw argumentError(COMMAND, 'no files named');
  const run = new LoadRun(parsed, terminal);
  const totalBytes = await sizeOf(parsed.rest);
  const target = await openTarget(parsed, tenantOf(parsed, COMMAND), terminal);
  try {
    return await run.files(parsed.rest, totalBytes, target);
  } finally {
    await target.close();
  }
}

const KNOWN_FLAGS = {
  tenant: 'value',
  url: 'value',
  'data-file': 'value',
  format: 'value',
  timestamp: 'value',
  'skip-lines': 'value',
  quiet: 'switch',
  help: 'switch',
  h: 'switch',
} as const;

class LoadRun {
  readonly #terminal: DataTerminal;
  readonly #format: TextFormat | undefined;
  readonly #defaultTimestampMs: number;
  readonly #skipLines: number;
  readonly #isQuiet: boolean;
  readonly #progress: Progress;
  #readBytes = 0;
  #outcome: ImportOutcome = NOTHING_IMPORTED;

  constructor(parsed: DataArguments, terminal: DataTerminal) {
    const { clock, screen } = terminal;
    this.#terminal = terminal;
    this.#format = choiceOf(parsed, { name: 'format', choices: textFormats, command: COMMAND });
    this.#defaultTimestampMs = timeOf(parsed, 'timestamp', COMMAND) ?? clock.nowMs();
    this.#skipLines = Number(parsed.flags.get('skip-lines')?.at(-1) ?? 0);
    if (!Number.isSafeInteger(this.#skipLines) || this.#skipLines < 0) {
      throw argumentError(COMMAND, '--skip-lines is a whole number');
    }
    this.#isQuiet = parsed.flags.has('quiet');
    this.#progress = new Progress({ ...screen, isTerminal: screen.isTerminal && !this.#isQuiet }, clock);
  }

  async files(files: readonly string[], totalBytes: number | undefined, target: Target): Promise<number> {
    let exitCode = 0;
    for (const [index, file] of files.entries()) {
      const code = await this.#file(file, index === 0 ? this.#skipLines : 0, totalBytes, target);
      exitCode = Math.max(exitCode, code);
      if (code === INTERRUPTED) break;
    }
    this.#progress.clear();
    const { refused, firstRefusal } = this.#outcome;
    if (refused > 0) this.#tell(`${countText(refused)} refused, the first: ${firstRefusal}`);
    if (!this.#isQuiet) this.#tell(summary(this.#outcome, this.#progress));
    return exitCode > 0 ? exitCode : refused > 0 ? 1 : 0;
  }

  async #file(file: string, skipLines: number, totalBytes: number | undefined, target: Target): Promise<number> {
    let reader: TextReader | undefined;
    const write = async (batch: WriteBatch): Promise<void> => {
      this.#outcome = addOutcomes(this.#outcome, await target.write(batch));
      this.#progress.update(totalBytes && this.#readBytes / totalBytes, this.#outcome.samples);
    };
    // Until a batch is written the lines in it are not loaded.
    let loadedLines = skipLines;
    try {
      const chunks = this.#chunks(file)[Symbol.asyncIterator]();
      const first = await chunks.next();
      if (first.done) return 0;
      reader = new TextReader({
        format: this.#format ?? formatOfName(file) ?? guessFormat(first.value),
        defaultTimestampMs: this.#defaultTimestampMs,
        skipLines,
      });
      const { signal } = this.#terminal;
      await readText(
        joined(first.value, chunks),
        reader,
        async (batch) => {
          await write(batch);
          loadedLines = reader!.takenLines;
        },
        signal,
      );
      return 0;
    } catch (error) {
      this.#progress.clear();
      const resume = `--skip-lines=${loadedLines} ${file}`;
      if (error instanceof TextError) {
        this.#tell(`${file}:${error.line}:${error.column}: ${error.reason}`);
        if (error.line <= loadedLines + 1) this.#tell(`loaded up to there; when it is set right: ${resume}`);
        return 1;
      }
      if (this.#terminal.signal.aborted) {
        this.#tell(`interrupted; to go on: ${resume}`);
        return INTERRUPTED;
      }
      if (loadedLines > 0) this.#tell(`broke off; to go on: ${resume}`);
      throw error;
    }
  }

  async *#chunks(file: string): AsyncGenerator<Uint8Array, void> {
    const raw = this.#counted(file === '-' ? this.#terminal.stdin : fileChunks(file));
    const iterator = raw[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done) return;
    const all = joined(first.value, iterator);
    const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b;
    if (!isGzip) return yield* all;
    const { Readable } = await import('node:stream');
    const gunzip = createGunzip();
    Readable.from(all, { objectMode: false })
      .on('error', (error) => gunzip.destroy(error))
      .pipe(gunzip);
    try {
      yield* gunzip as AsyncIterable<Uint8Array>;
    } catch (error) {
      if (error instanceof PocketCortexError) throw error;
      throw argumentError(COMMAND, `${file}: ${(error as Error).message}`);
    }
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of chunks) {
      this.#readBytes += chunk.length;
      yield chunk;
    }
  }

  #tell(line: string): void {
    this.#terminal.screen.write(`${line}\n`);
  }
}

const INTERRUPTED = 130;

function summary(outcome: ImportOutcome, progress: Progress): string {
  const { samples, histograms, exemplars, metadata, duplicates } = outcome;
  const parts = [`${countText(samples)} samples`];
  if (histograms > 0) parts.push(`${countText(histograms)} of them native histograms`);
  if (exemplars > 0) parts.push(`${countText(exemplars)} exemplars`);
  if (metadata > 0) parts.push(`${countText(metadata)} metadata`);
  if (duplicates > 0) parts.push(`${countText(duplicates)} left out whose time had another value`);
  return `loaded ${parts.join(', ')} in ${progress.elapsedSeconds.toFixed(1)} s (${progress.rateText(samples)})`;
}

async function* fileChunks(file: string): AsyncGenerator<Uint8Array, void> {
  try {
    yield* createReadStream(file, { highWaterMark: READ_BYTES }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw argumentError(COMMAND, (error as Error).message);
  }
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** Of all files together; undefined when one has no end that is known. */
async function sizeOf(files: readonly string[]): Promise<number | undefined> {
  let totalBytes = 0;
  for (const file of files) {
    if (file === '-') return undefined;
    const status = await stat(file).catch((error: Error) => {
      throw argumentError(COMMAND, error.message);
    });
    if (!status.isFile()) return undefined;
    totalBytes += status.size;
  }
  return totalBytes;
}

function formatOfName(file: string): TextFormat | undefined {
  const name = file.replace(/\.gz$/, '');
  if (/\.(?:om|openmetrics)$/.test(name)) return 'openmetrics';
  return /\.(?:jsonl|ndjson)$/.test(name) ? 'jsonl' : undefined;
}

async function openTarget(parsed: DataArguments, tenant: TenantId, terminal: DataTerminal): Promise<Target> {
  const dataFile = parsed.flags.get('data-file')?.at(-1);
  if (dataFile !== undefined) {
    const { openLocalData } = await import('./local-data.ts');
    const { store, distributor } = openLocalData(dataFile, terminal.clock);
    return { write: (batch) => distributor.import(tenant, batch), close: () => store.close() };
  }
  const base = (parsed.flags.get('url')?.at(-1) ?? DEFAULT_URL).replace(/\/+$/, '');
  const sender = new RemoteWriteSender({
    url: `${base}/pocket/v1/import`,
    headers: { 'x-scope-orgid': tenant },
    clock: terminal.clock,
    onRetry: (reason, delayMs) => terminal.screen.write(`\r${base}: ${reason}; again in ${delayMs} ms\u001b[K\n`),
  });
  return { write: async (batch) => outcomeOf(await sender.send(batch), base), close: async () => {} };
}

/** @throws {PocketCortexError} `internal` for an answer that is none of ours */
function outcomeOf({ status, text }: { readonly status: number; readonly text: string }, url: string): ImportOutcome {
  const body: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
  const { data, error } = (body ?? {}) as { readonly data?: ImportOutcome; readonly error?: string };
  if (data === undefined) throw new PocketCortexError('internal', `${url}: ${status} ${text}`);
  return { ...data, firstRefusal: error };
}
