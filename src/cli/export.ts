import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import type { ExportCounts } from '../http/export-text.ts';
import { PocketCortexError } from '../model/errors.ts';
import { readText } from '../wire/text/read-text.ts';
import { TextReader } from '../wire/text/text-reader.ts';
import { argumentError, choiceOf, type DataArguments, readDataArguments, tenantOf, timeOf } from './data-arguments.ts';
import type { DataTerminal } from './load.ts';
import { countText, Progress } from './progress.ts';
import { networkText, RemoteWriteSender } from './remote-write-sender.ts';

const COMMAND = 'export';
const formats = ['openmetrics', 'jsonl', 'remote-write'] as const;

const HELP = `Usage: pocket-cortex export --tenant=ID [flags] SELECTOR...

Exports the series that any SELECTOR matches ('{}' is everything), from a running server or from a data file, as text or
to another server.

  --tenant=ID           Whose data it is.
  --url=URL             Where the server is; http://localhost:9009 by default.
  --data-file=PATH      Instead of a server: the file of one that does not run.
  --start=TIME, --end=TIME
                        From and to, both included, in seconds or RFC 3339; otherwise everything.
  --format=FORMAT       openmetrics (the default) is for other tools; it has no form for native histograms and staleness
                        markers and leaves them out. jsonl holds everything, as pocket-cortex load reads it back.
                        remote-write sends everything to --to.
  --output=FILE         Where text goes; otherwise standard output.
  --to=URL              With remote-write: where to, e.g. http://prometheus:9090/api/v1/write.
  --to-tenant=ID        With remote-write: the X-Scope-OrgID to send; otherwise that of --tenant.
  --quiet               No progress, and no counts at the end.

Remote write goes in the order of time, half an hour at a time, since few servers take old samples after new ones.
Exits with 1 when the other server refused something, with 130 when it was interrupted.
`;

const DEFAULT_URL = 'http://localhost:9009';
/** Within what a Prometheus or Cortex without an out-of-order window lets a series be behind another one. */
const WINDOW_MS = 30 * 60_000;
const INTERRUPTED = 130;

/** What `export` is given of the process. */
export interface ExportTerminal extends DataTerminal {
  readonly stdout: Writable;
}

const KNOWN_FLAGS = {
  tenant: 'value',
  url: 'value',
  'data-file': 'value',
  start: 'value',
  end: 'value',
  format: 'value',
  output: 'value',
  to: 'value',
  'to-tenant': 'value',
  quiet: 'switch',
  help: 'switch',
  h: 'switch',
} as const;

/**
 * Exports series. Resolves to the exit code.
 * @throws {PocketCortexError} `bad-config` for arguments that make no sense, `parse-error` for what is no selector,
 * `internal` when a server cannot be reached
 */
export async function exportData(args: readonly string[], terminal: ExportTerminal): Promise<number> {
  const parsed = readDataArguments(args, KNOWN_FLAGS, COMMAND);
  if (parsed.flags.has('help') || parsed.flags.has('h')) {
    terminal.write(HELP);
    return 0;
  }
  if (parsed.rest.length === 0) throw argumentError(COMMAND, "which series? '{}' selects all");
  const format = choiceOf(parsed, { name: 'format', choices: formats, command: COMMAND }) ?? 'openmetrics';
  const to = parsed.flags.get('to')?.at(-1);
  if ((format === 'remote-write') !== (to !== undefined)) {
    throw argumentError(COMMAND, '--format=remote-write and --to belong together');
  }
  const source = await openSource(parsed, format, terminal);
  try {
    if (to !== undefined) return await forward(parsed, source, to, terminal);
    await writeText(parsed, source, terminal);
    const { counts } = source;
    if (counts && !parsed.flags.has('quiet')) terminal.screen.write(`${summary(counts)}\n`);
    return 0;
  } catch (error) {
    if (!terminal.signal.aborted) throw error;
    terminal.screen.write('interrupted\n');
    return INTERRUPTED;
  } finally {
    await source.close();
  }
}

/** Text as it comes. */
interface Source {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Known at the end, and only of a data file. */
  readonly counts?: ExportCounts;
  readonly close: () => Promise<void>;
}

async function openSource(
  parsed: DataArguments,
  format: (typeof formats)[number],
  terminal: DataTerminal,
): Promise<Source> {
  const tenant = tenantOf(parsed, COMMAND);
  const textFormat = format === 'openmetrics' ? 'openmetrics' : 'jsonl';
  const windowMs = format === 'remote-write' ? WINDOW_MS : 0;
  const startMs = timeOf(parsed, 'start', COMMAND);
  const endMs = timeOf(parsed, 'end', COMMAND);
  const dataFile = parsed.flags.get('data-file')?.at(-1);
  if (dataFile !== undefined) {
    const [{ openLocalData }, { exportText }, { readSelectors }] = await Promise.all([
      import('./local-data.ts'),
      import('../http/export-text.ts'),
      import('../http/pocket-data-routes.ts'),
    ]);
    const selectors = await readSelectors(parsed.rest);
    const { store } = openLocalData(dataFile, terminal.clock);
    await store.load(tenant);
    const range = { startMs: startMs ?? -Infinity, endMs: endMs ?? Infinity };
    const { text, counts } = exportText(store, { tenant, selectors, ...range, format: textFormat, windowMs });
    return { chunks: encoded(text), counts, close: () => store.close() };
  }
  const base = (parsed.flags.get('url')?.at(-1) ?? DEFAULT_URL).replace(/\/+$/, '');
  const query = new URLSearchParams({ format: textFormat, window_ms: `${windowMs}` });
  for (const selector of parsed.rest) query.append('match[]', selector);
  if (startMs !== undefined) query.set('start', `${startMs / 1000}`);
  if (endMs !== undefined) query.set('end', `${endMs / 1000}`);
  const response = await fetch(`${base}/pocket/v1/export?${query}`, {
    headers: { 'x-scope-orgid': tenant },
    signal: terminal.signal,
  }).catch((error: unknown) => {
    throw new PocketCortexError('internal', `${base}: ${networkText(error)}`);
  });
  if (response.status !== 200 || response.body === null) {
    throw new PocketCortexError('internal', `${base}: ${response.status} ${(await response.text()).trim()}`);
  }
  return { chunks: response.body as unknown as AsyncIterable<Uint8Array>, close: async () => {} };
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array, void> {
  for await (const text of texts) yield Buffer.from(text);
}

async function writeText(parsed: DataArguments, { chunks }: Source, terminal: ExportTerminal): Promise<void> {
  const output = parsed.flags.get('output')?.at(-1);
  const target = output === undefined ? terminal.stdout : createWriteStream(output);
  let failure: NodeJS.ErrnoException | undefined;
  const onError = (error: NodeJS.ErrnoException): void => {
    failure = error;
  };
  target.on('error', onError);
  for await (const chunk of chunks) {
    // Resolves when it was taken: that is the back-pressure.
    await new Promise<void>((resolve) => target.write(chunk, () => resolve()));
    terminal.signal.throwIfAborted();
    if (failure !== undefined) break;
  }
  if (output !== undefined) await new Promise<void>((resolve) => target.end(() => resolve()));
  target.off('error', onError);
  // Whoever reads has seen enough, as `head` does.
  if (failure === undefined || failure.code === 'EPIPE') return;
  throw argumentError(COMMAND, failure.message);
}

async function forward(
  parsed: DataArguments,
  { chunks }: Source,
  url: string,
  { screen, clock, signal }: ExportTerminal,
): Promise<number> {
  const isQuiet = parsed.flags.has('quiet');
  const progress = new Progress({ ...screen, isTerminal: screen.isTerminal && !isQuiet }, clock);
  const sender = new RemoteWriteSender({
    url,
    headers: { 'x-scope-orgid': parsed.flags.get('to-tenant')?.at(-1) ?? tenantOf(parsed, COMMAND) },
    clock,
    signal,
    onRetry: (reason, delayMs) => {
      progress.clear();
      screen.write(`${url}: ${reason}; again in ${delayMs} ms\n`);
    },
  });
  let sampleCount = 0;
  let refusedRequests = 0;
  let firstRefusal = '';
  const reader = new TextReader({ format: 'jsonl', defaultTimestampMs: 0 });
  await readText(
    chunks,
    reader,
    async (batch) => {
      const { status, text } = await sender.send(batch);
      sampleCount += batch.timestampsMs.length + batch.histograms.length;
      if (status >= 300) {
        refusedRequests += 1;
        firstRefusal ||= `${status} ${text}`;
      }
      progress.update(undefined, sampleCount);
    },
    signal,
  );
  progress.clear();
  if (refusedRequests > 0) {
    screen.write(`${url} refused something of ${countText(refusedRequests)} requests, the first: ${firstRefusal}\n`);
  }
  if (!isQuiet) {
    const time = `${progress.elapsedSeconds.toFixed(1)} s (${progress.rateText(sampleCount)})`;
    screen.write(`sent ${countText(sampleCount)} samples to ${url} in ${time}\n`);
  }
  return refusedRequests > 0 ? 1 : 0;
}

function summary({ series, samples, staleMarkers, histograms, exemplars }: ExportCounts): string {
  const left = [
    [staleMarkers, 'staleness markers'],
    [histograms, 'native histograms'],
    [exemplars, 'exemplars'],
  ] as const;
  const texts = left.filter(([count]) => count > 0).map(([count, what]) => `${countText(count)} ${what}`);
  const text = `exported ${countText(samples)} samples of ${countText(series)} series`;
  return texts.length === 0 ? text : `${text}; left out, as OpenMetrics has no form for them: ${texts.join(', ')}`;
}
