import { createLogger } from '../config/logger.ts';
import { configOf } from '../config/settings.ts';
import { SystemClock } from '../model/clock.ts';
import { SteerableClock } from '../model/steerable-clock.ts';
import { readTenantName } from '../pocket/fixture/tenant-copies.ts';
import type { RuleTestOutcome } from '../pocket/rule-test/runner.ts';
import { checkExpectation, expectationsInTime } from '../pocket/scenario/check-expectations.ts';
import { readScenario } from '../pocket/scenario/read-scenario.ts';
import { createServer } from '../server.ts';

/** A Monday. When a scenario begins that does not say when. */
const START_MS = Date.UTC(2026, 0, 5, 12);

/** Plays a scenario file, time and all, and looks at what it expects. */
export async function testScenario(text: string): Promise<RuleTestOutcome[]> {
  const reading = readScenario(text);
  if (!reading.ok) {
    const fault = { test: '', what: '', verdict: 'failed', expected: '', actual: '' } as const;
    return reading.errors.map(({ line, column, message }) => ({
      ...fault,
      line,
      reason: `column ${column}: ${message}`,
    }));
  }
  const startMs = reading.scenario.startMs ?? START_MS;
  const scenario = { ...reading.scenario, startMs };
  const config = configOf(new Map());
  const clock = new SteerableClock(new SystemClock(), startMs);
  const logger = createLogger({ format: 'logfmt', level: 'silent', clock, write: () => {} });
  const server = await createServer(
    { ...config, server: { ...config.server, dataFile: ':memory:' } },
    { clock, logger },
  );
  try {
    await server.scenarios.play(scenario);
    const outcomes: RuleTestOutcome[] = [];
    for (const { expectation, tenant, timeMs } of expectationsInTime(scenario, startMs)) {
      if (timeMs > clock.nowMs()) await clock.advance(timeMs - clock.nowMs());
      const place = { engine: server.engine, tenant: readTenantName(tenant), timeMs };
      outcomes.push(await checkExpectation(expectation, place));
    }
    return outcomes.sort((a, b) => a.line - b.line);
  } finally {
    await server.close();
  }
}
