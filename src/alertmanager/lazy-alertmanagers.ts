import { readFile } from 'node:fs/promises';
import type { Clock } from '../model/clock.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { Store } from '../storage/types.ts';
import type { Alertmanagers } from './alertmanagers.ts';

export interface LazyAlertmanagersOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** The file with the configuration of tenants that have none; '' for none. */
  readonly fallbackFile: string;
}

/**
 * The Alertmanagers, loaded by whoever asks first: most servers never need them, and YAML takes its time.
 * @throws {PocketCortexError} `bad-config` when asked, if the fallback cannot be used
 */
export function lazyAlertmanagers(options: LazyAlertmanagersOptions): () => Promise<Alertmanagers> {
  let loading: Promise<Alertmanagers> | undefined;
  return () => (loading ??= load(options));
}

async function load({ store, clock, fallbackFile }: LazyAlertmanagersOptions): Promise<Alertmanagers> {
  const [{ Alertmanagers }, { loadConfig }] = await Promise.all([import('./alertmanagers.ts'), import('./config.ts')]);
  if (fallbackFile === '') return new Alertmanagers({ store, clock, fallback: undefined });
  const text = await readFile(fallbackFile, 'utf8').catch((error: Error) => {
    throw new PocketCortexError(
      'bad-config',
      `unable to read fallback config ${JSON.stringify(fallbackFile)}: ${error.message}`,
    );
  });
  const loaded = loadConfig(text);
  if (!loaded.ok) {
    const message = `unable to load fallback config ${JSON.stringify(fallbackFile)}: ${loaded.message}`;
    throw new PocketCortexError('bad-config', message);
  }
  return new Alertmanagers({ store, clock, fallback: loaded.config });
}
