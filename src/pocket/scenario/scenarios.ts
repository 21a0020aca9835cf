import { readFile } from 'node:fs/promises';
import { PocketCortexError } from '../../model/errors.ts';
import type { TenantId } from '../../model/tenant.ts';
import { packageFile } from './package-file.ts';
import type { PlayedScenario, PlayOptions, ScenarioPlayer, ScenarioPlayerOptions } from './player.ts';
import type { Scenario } from './scenario.ts';

/** What stands in the file may be said otherwise. */
export interface ScenarioChanges {
  readonly seed?: string | undefined;
  readonly historyMs?: number | undefined;
  readonly startMs?: number | undefined;
}

/** Scenarios of a server. Nothing of them is loaded before the first one is played. */
export class Scenarios {
  readonly #options: ScenarioPlayerOptions;
  #player: Promise<ScenarioPlayer> | undefined;
  #loaded: ScenarioPlayer | undefined;

  constructor(options: ScenarioPlayerOptions) {
    this.#options = options;
  }

  /**
   * As `ScenarioPlayer.play`, of the text of a scenario file.
   * @throws {PocketCortexError} `bad-data` with all that is wrong with the text, a line each
   */
  async playText(text: string, changes: ScenarioChanges = {}, options: PlayOptions = {}): Promise<PlayedScenario> {
    const scenario = await readScenarioText(text);
    return (await this.#get()).play(changed(scenario, changes), options);
  }

  async play(scenario: Scenario, options: PlayOptions = {}): Promise<PlayedScenario> {
    return (await this.#get()).play(scenario, options);
  }

  list(): ReturnType<ScenarioPlayer['list']> {
    return this.#loaded?.list() ?? [];
  }

  stop(tenant: TenantId): void {
    this.#loaded?.stop(tenant);
  }

  /** Ends what plays. Idempotent. */
  close(): void {
    this.#loaded?.close();
  }

  #get(): Promise<ScenarioPlayer> {
    this.#player ??= import('./player.ts').then(({ ScenarioPlayer }) => {
      this.#loaded = new ScenarioPlayer(this.#options);
      return this.#loaded;
    });
    return this.#player;
  }
}

/** @throws {PocketCortexError} `bad-data` with all that is wrong, a line each, as `file:1:2: …` */
export async function readScenarioText(text: string, file?: string): Promise<Scenario> {
  const { expectScenario } = await import('./read-scenario.ts');
  return expectScenario(text, file);
}

/** @throws {PocketCortexError} `bad-data` for a file that cannot be read or is wrong */
export async function readScenarioFile(path: string | URL): Promise<Scenario> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new PocketCortexError('bad-data', `cannot read the scenario: ${error.message}`);
  });
  return readScenarioText(text, `${path}`);
}

/** The file of the scenario that comes with the program. */
export function defaultScenarioFile(): string {
  return packageFile('dist/scenarios/shop.yaml', 'src/pocket/scenario/shop.yaml');
}

export function changed(scenario: Scenario, { seed, historyMs, startMs }: ScenarioChanges): Scenario {
  return {
    ...scenario,
    ...(seed !== undefined && { seed }),
    ...(historyMs !== undefined && { historyMs }),
    ...(startMs !== undefined && { startMs }),
  };
}
