import { ALL_FEATURES } from '../../../grammar/promql.ts';
import type { SeriesSource } from '../../model/series-source.ts';
import { Engine } from '../../promql/engine.ts';

const MINUTE_MS = 60_000;

/** The engine that scripts of Prometheus's test language expect: its defaults, everything that has a flag switched on. */
export function createScriptEngine(source: SeriesSource): Engine {
  return new Engine({
    source,
    lookbackMs: 5 * MINUTE_MS,
    defaultStepMs: MINUTE_MS,
    maxSamples: 50_000_000,
    parse: ALL_FEATURES,
    features: { prometheus314: true },
  });
}
