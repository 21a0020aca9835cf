import { formatDuration } from '../../model/duration.ts';
import { formatFloat } from '../../model/go-float.ts';
import { quoteGo } from '../../model/go-quote.ts';
import type { QueryValue } from '../../model/query-result.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { Engine } from '../../promql/engine.ts';
import type { RuleTestOutcome } from '../rule-test/runner.ts';
import { timeOf } from './occurrences.ts';
import type { Expectation, ExpectedAlert, ExpectedValue, Scenario } from './scenario.ts';

export interface CheckPlace {
  readonly engine: Pick<Engine, 'instant'>;
  readonly tenant: TenantId;
  readonly timeMs: number;
}

/** What a scenario expects, each with its time, in the order of the times. */
export function expectationsInTime(
  { expectations, tenants }: Scenario,
  startMs: number,
): { readonly expectation: Expectation; readonly tenant: string; readonly timeMs: number }[] {
  return expectations
    .map((expectation) => ({
      expectation,
      tenant: expectation.tenant || tenants[0]!.name,
      timeMs: timeOf(expectation.when, startMs),
    }))
    .sort((a, b) => a.timeMs - b.timeMs);
}

/** Looks whether it is so: the series of alerts, and what a query gives, at that time. */
export async function checkExpectation(expectation: Expectation, place: CheckPlace): Promise<RuleTestOutcome> {
  const { line } = expectation;
  const time =
    expectation.when.kind === 'at' ? new Date(place.timeMs).toISOString() : offsetText(expectation.when.offsetMs);
  const subject = expectation.kind === 'alert' ? `alert ${expectation.alert}` : expectation.query;
  const head = { line, test: place.tenant, what: `${subject} at ${time}` };
  try {
    const { expected, actual, isFine } =
      expectation.kind === 'alert' ? await lookAtAlert(expectation, place) : await lookAtValue(expectation, place);
    const reason = isFine ? '' : 'it is not so';
    return { ...head, verdict: isFine ? 'passed' : 'failed', reason, expected, actual };
  } catch (error) {
    return { ...head, verdict: 'failed', reason: (error as Error).message, expected: '', actual: '' };
  }
}

interface Look {
  readonly expected: string;
  readonly actual: string;
  readonly isFine: boolean;
}

async function lookAtAlert({ alert, state, labels }: ExpectedAlert, place: CheckPlace): Promise<Look> {
  const { engine, tenant, timeMs } = place;
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${quoteGo(value)}`);
  const { value } = await engine.instant({
    tenant,
    query: `ALERTS{${[`alertname=${quoteGo(alert)}`, ...matchers].join(',')}}`,
    timeMs,
  });
  const found = value.kind === 'vector' ? value.labels : [];
  const isFine = state === 'inactive' ? found.length === 0 : found.some((one) => one.get('alertstate') === state);
  const what = matchers.length === 0 ? alert : `${alert}{${matchers.join(', ')}}`;
  const actual = found.map((one) => `${one.get('alertstate')}: ${one}`).sort();
  return { expected: `${what} is ${state}`, actual: actual.join('\n') || `no such alert`, isFine };
}

async function lookAtValue({ query, atLeast, atMost }: ExpectedValue, place: CheckPlace): Promise<Look> {
  const { engine, tenant, timeMs } = place;
  const { value } = await engine.instant({ tenant, query, timeMs });
  const numbers = numbersOf(value);
  const isFine = numbers.length === 1 && numbers[0]! >= atLeast && numbers[0]! <= atMost;
  return { expected: rangeText(atLeast, atMost), actual: numbers.map(formatFloat).join('\n') || 'nothing', isFine };
}

/** @throws {Error} for what has no single number */
function numbersOf(value: QueryValue): readonly number[] {
  if (value.kind === 'scalar') return [value.value];
  if (value.kind === 'vector') return Array.from(value.values).slice(0, value.labels.length);
  throw new Error(`expected an expression of one number, not a ${value.kind}`);
}

function rangeText(atLeast: number, atMost: number): string {
  if (atLeast === atMost) return formatFloat(atLeast);
  if (atLeast === -Infinity) return `at most ${formatFloat(atMost)}`;
  if (atMost === Infinity) return `at least ${formatFloat(atLeast)}`;
  return `${formatFloat(atLeast)} to ${formatFloat(atMost)}`;
}

function offsetText(offsetMs: number): string {
  return offsetMs < 0 ? formatDuration(offsetMs) : `+${formatDuration(offsetMs)}`;
}
