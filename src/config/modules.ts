import { PocketCortexError } from '../model/errors.ts';
import { suggest } from './suggest.ts';

/** Cortex's modules that a target may name, and whether `all` has them. */
const modules: Readonly<Record<string, boolean>> = {
  alertmanager: true,
  all: false,
  compactor: true,
  configs: false,
  distributor: true,
  flusher: false,
  ingester: true,
  overrides: false,
  'overrides-exporter': false,
  'parquet-converter': false,
  purger: true,
  querier: true,
  'query-frontend': true,
  'query-scheduler': false,
  ruler: true,
  'store-gateway': true,
};

/** What a target may be here: everything in one process, with the API for limits, or an API that stands alone. */
const served = ['all', 'overrides', 'configs', 'parquet-converter'] as const;

export type Target = (typeof served)[number];

/** The text of `-modules`. */
export function modulesText(): string {
  const lines = Object.entries(modules).map(([name, isInAll]) => (isInAll ? `${name} *` : name));
  return `${lines.join('\n')}\n\nModules marked with * are included in target All.\n`;
}

/**
 * Reads `-target`, a list with commas.
 * @throws {PocketCortexError} `bad-config` for a module that is not known, or not served by itself
 */
export function readTargets(text: string): readonly Target[] {
  return text.split(',').map((part) => {
    const name = part.trim();
    if ((served as readonly string[]).includes(name)) return name as Target;
    if (modules[name] === undefined) {
      const meant = suggest(name, served);
      const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
      throw new PocketCortexError('bad-config', `unrecognised module name: ${name}${hint}`);
    }
    throw new PocketCortexError(
      'bad-config',
      `-target=${text}: this is Cortex in one process and runs no ${name} by itself; use -target=all, or -target=all,overrides for the API that sets limits`,
    );
  });
}
