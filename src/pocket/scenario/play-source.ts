import type { TenantId } from '../../model/tenant.ts';
import { type DurationInput, readSpan, readTime, type TimeInput } from '../fixture/clock-control.ts';
import type { PlayedScenario } from './player.ts';
import type { Scenario } from './scenario.ts';
import { changed, readScenarioFile, readScenarioText, type Scenarios } from './scenarios.ts';

/** A scenario file: its path, or what stands in it. */
export type ScenarioSource = string | URL | { readonly text: string };

/** What may be said otherwise than in the file. */
export interface ScenarioOptions {
  readonly seed?: string;
  /** How far its past reaches back. */
  readonly history?: DurationInput;
  /** When it begins to be live: before that is its past. Where the file says nothing either, that is now. */
  readonly start?: TimeInput;
  /** Whether it ends now. By default it goes on as the clock does. */
  readonly isStill?: boolean;
}

/** Plays a scenario into its tenants, or one of those into another tenant. @throws {PocketCortexError} `bad-data` */
export async function playSource(
  scenarios: Scenarios,
  source: ScenarioSource,
  { seed, history, start, isStill = false }: ScenarioOptions,
  only?: { readonly name: string; readonly as: TenantId },
): Promise<PlayedScenario> {
  const changes = {
    seed,
    historyMs: history === undefined ? undefined : readSpan(history),
    startMs: start === undefined ? undefined : readTime(start),
  };
  return scenarios.play(changed(await readSource(source), changes), { isStill, only });
}

function readSource(source: ScenarioSource): Promise<Scenario> {
  if (typeof source === 'object' && 'text' in source) return readScenarioText(source.text);
  return readScenarioFile(source);
}
