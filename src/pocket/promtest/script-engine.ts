import { ALL_FEATURES } from '../../../grammar/promql.ts';
import type { SeriesSource } from '../../model/series-source.ts';
import { Engine, type EngineOptions } from '../../promql/engine.ts';

const MINUTE_MS = 60_000;

/** Whose engine a script is written for. */
export type EngineProfile = keyof typeof profiles;

const profiles = {
  /** What a tenant of Cortex gets, and experimental functions. */
  cortex: { parse: { enableExperimentalFunctions: true } },
  /** What Prometheus's own scripts are written for: the newest language, everything that has a flag switched on. */
  prometheus: { parse: ALL_FEATURES, features: { prometheus314: true, delayedNameRemoval: true } },
} as const satisfies Record<string, Pick<EngineOptions, 'parse' | 'features'>>;

/** The profile that a script asks for in its first line, `# engine: cortex` or `# engine: prometheus`, if it does. */
export function profileOf(script: string): EngineProfile | undefined {
  return /^# engine: (cortex|prometheus)\s*$/.exec(script.split('\n', 1)[0]!)?.[1] as EngineProfile | undefined;
}

/** Creates engines for scripts; lookback and the step of subqueries are Prometheus's defaults. */
export function scriptEngine(profile: EngineProfile): (source: SeriesSource) => Engine {
  return (source) =>
    new Engine({
      source,
      lookbackMs: 5 * MINUTE_MS,
      defaultStepMs: MINUTE_MS,
      maxSamples: 50_000_000,
      ...profiles[profile],
    });
}
