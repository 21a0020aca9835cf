import { PocketCortexError } from '../model/errors.ts';
import type { Terminal } from './promtest.ts';

const HELP = `Usage: pocket-cortex rules check [flags] FILE...
       pocket-cortex rules test [flags] FILE...

The first form looks for mistakes in rule files, the second runs unit tests of Prometheus's form.
rules check --help and rules test --help tell more.
`;

/**
 * Runs `rules check` or `rules test`. Resolves to the exit code.
 * @throws {PocketCortexError} `bad-config` for arguments that make no sense and files that cannot be read
 */
export async function rules([command, ...args]: readonly string[], terminal: Terminal): Promise<number> {
  switch (command) {
    case 'check': {
      const { rulesCheck } = await import('./rules-check.ts');
      return rulesCheck(args, terminal);
    }
    case 'test': {
      const { rulesTest } = await import('./rules-test.ts');
      return rulesTest(args, terminal);
    }
    case 'help':
    case '-help':
    case '--help':
    case '-h':
      terminal.write(HELP);
      return 0;
    default:
      throw new PocketCortexError(
        'bad-config',
        `rules: ${command === undefined ? 'check or test?' : `unknown command ${command}`}\n${HELP}`,
      );
  }
}
