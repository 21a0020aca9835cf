import { Writable } from 'node:stream';
import type { ExportTerminal } from '../../src/cli/export.ts';
import { SystemClock } from '../../src/model/clock.ts';

export interface TestTerminal extends ExportTerminal {
  /** What went to standard output, and to standard error. */
  readonly output: () => string;
  readonly errors: () => string;
  readonly interrupt: () => void;
}

/** A process for `load` and `export`, with text where a terminal would be. */
export function dataTerminal({
  stdin = '',
  isTerminal = false,
}: {
  readonly stdin?: string;
  readonly isTerminal?: boolean;
} = {}): TestTerminal {
  const abort = new AbortController();
  let output = '';
  let errors = '';
  return {
    write: (text) => {
      output += text;
    },
    screen: {
      write: (text) => {
        errors += text;
      },
      isTerminal,
      columns: 100,
    },
    clock: new SystemClock(),
    stdin: (async function* () {
      yield Buffer.from(stdin);
    })(),
    stdout: new Writable({
      write: (chunk: Buffer, _, done) => {
        output += chunk.toString();
        done();
      },
    }),
    signal: abort.signal,
    output: () => output,
    // How long it took differs from run to run.
    errors: () => errors.replaceAll(/in [\d.]+ s \([\d,]+\/s\)/g, 'in T'),
    interrupt: () => abort.abort(new Error('interrupted')),
  };
}
