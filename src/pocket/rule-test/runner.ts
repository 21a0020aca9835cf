import type { ParseOptions } from '../../../grammar/promql.ts';
import { formatDuration } from '../../model/duration.ts';
import { formatFloat } from '../../model/go-float.ts';
import { compareText, Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { compact } from '../../model/native-histogram-buckets.ts';
import type { QueryResult } from '../../model/query-result.ts';
import type { RuleGroup } from '../../ruler/rule-group.ts';
import { formatHistogram } from '../promtest/histogram-notation.ts';
import { RuleEvaluation } from './rule-evaluation.ts';
import type { AlertTest, ExprTest, UnitTest, UnitTestFile } from './unit-test-file.ts';

/** What came of one expectation of a unit test, or of what stopped the test before it. */
export interface RuleTestOutcome {
  readonly line: number;
  /** Of the test; empty when it has none. */
  readonly test: string;
  /** The alert or expression, and the time. */
  readonly what: string;
  readonly verdict: 'passed' | 'failed';
  readonly reason: string;
  readonly expected: string;
  readonly actual: string;
}

export interface UnitTestOptions {
  readonly file: Pick<UnitTestFile, 'evaluationIntervalMs' | 'isFuzzy'>;
  /** In the order of their evaluation. */
  readonly groups: readonly RuleGroup[];
  /** What is wrong with the rule files, each with its place: no test runs then. */
  readonly ruleFaults: readonly string[];
  readonly parse: ParseOptions | undefined;
}

/** Groups in the order that the file asks for. Those that it does not name stand beside the first. */
export function orderGroups(groups: readonly RuleGroup[], order: readonly string[]): RuleGroup[] {
  const rankOf = ({ name }: RuleGroup): number => Math.max(0, order.indexOf(name));
  return [...groups].sort((a, b) => rankOf(a) - rankOf(b));
}

/** Runs one unit test: an outcome for each of its expectations that could be looked at. */
export async function runUnitTest(unit: UnitTest, options: UnitTestOptions): Promise<RuleTestOutcome[]> {
  const failure = (line: number, reason: string): RuleTestOutcome => ({
    line,
    test: unit.name,
    what: '',
    verdict: 'failed',
    reason,
    expected: '',
    actual: '',
  });
  const { ruleFaults, file, groups, parse } = options;
  if (unit.seriesFaults.length > 0) return unit.seriesFaults.map(({ line, message }) => failure(line, message));
  if (ruleFaults.length > 0) return ruleFaults.map((fault) => failure(unit.line, fault));
  const unnamed = unit.alertTests.find(({ alertname }) => alertname === '');
  if (unnamed) {
    const time = formatDuration(unnamed.evalTimeMs);
    const reason = `an item under alert_rule_test misses required attribute alertname at eval_time ${time}`;
    return [failure(unnamed.line, reason)];
  }
  const { evaluationIntervalMs } = file;
  const evaluation = new RuleEvaluation({ unit, evaluationIntervalMs, groups, parse });
  const outcomes: RuleTestOutcome[] = [];
  const alertTests = [...unit.alertTests].sort((a, b) => a.evalTimeMs - b.evalTimeMs);
  const lastMs = Math.max(0, ...[...unit.alertTests, ...unit.exprTests].map(({ evalTimeMs }) => evalTimeMs));
  for (let sinceStartMs = 0; sinceStartMs <= lastMs; sinceStartMs += evaluationIntervalMs) {
    const timeMs = unit.startMs + sinceStartMs;
    try {
      const failures = await evaluation.evaluate(timeMs);
      if (failures.length > 0) {
        const time = formatDuration(timeMs);
        return [
          ...outcomes,
          ...failures.map(({ rule, reason }) => failure(unit.line, `rule: ${rule}, time: ${time}, err: ${reason}`)),
        ];
      }
    } catch (error) {
      return [...outcomes, failure(unit.line, (error as Error).message)];
    }
    // What is asked for between two evaluations is as the first left it.
    while (alertTests.length > 0 && alertTests[0]!.evalTimeMs < sinceStartMs + evaluationIntervalMs) {
      outcomes.push(checkAlerts(unit, alertTests.shift()!, evaluation));
    }
  }
  for (const exprTest of unit.exprTests) {
    outcomes.push(await checkExpr(unit, exprTest, { evaluation, isFuzzy: file.isFuzzy }));
  }
  return outcomes;
}

function checkAlerts(unit: UnitTest, alertTest: AlertTest, evaluation: RuleEvaluation): RuleTestOutcome {
  const { alertname, evalTimeMs, line } = alertTest;
  const expected = alertTest.expected.map(({ labels, annotations }) =>
    alertText({ ...labels, alertname }, annotations),
  );
  const actual = evaluation
    .firingAlerts(alertname)
    .map(({ labels, annotations }) => alertText(labels.toRecord(), annotations));
  const outcome = {
    line,
    test: unit.name,
    what: `alert ${alertname} at ${formatDuration(evalTimeMs)}`,
    expected: expected.sort(compareText).join('\n'),
    actual: actual.sort(compareText).join('\n'),
  };
  const isSame = outcome.expected === outcome.actual;
  return { ...outcome, verdict: isSame ? 'passed' : 'failed', reason: isSame ? '' : 'other alerts fire' };
}

/** Labels and annotations, one in a line: in a comparison side by side the lines that differ stand out. */
function alertText(labels: Readonly<Record<string, string>>, annotations: Readonly<Record<string, string>>): string {
  const lines = (record: Readonly<Record<string, string>>, indent: string): string[] =>
    Object.entries(record)
      .sort(([a], [b]) => compareText(a, b))
      .map(([name, value]) => `${indent}${name}=${JSON.stringify(value)}`);
  const { alertname = '', ...others } = labels;
  return [`alert ${alertname}`, ...lines(others, '  '), ...lines(annotations, '  annotation ')].join('\n');
}

interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram: NativeHistogram | undefined;
}

async function checkExpr(
  unit: UnitTest,
  exprTest: ExprTest,
  { evaluation, isFuzzy }: { readonly evaluation: RuleEvaluation; readonly isFuzzy: boolean },
): Promise<RuleTestOutcome> {
  const { line, expr, evalTimeMs, faults } = exprTest;
  const head = { line, test: unit.name, what: `${expr} at ${formatDuration(evalTimeMs)}` };
  const expected = sorted(exprTest.expected);
  let actual: Sample[];
  try {
    actual = sorted(samplesOf(await evaluation.query(expr, unit.startMs + evalTimeMs)));
  } catch (error) {
    return { ...head, verdict: 'failed', reason: (error as Error).message, expected: '', actual: '' };
  }
  const fault = faults[0];
  if (fault) {
    return { ...head, line: fault.line, verdict: 'failed', reason: fault.message, expected: '', actual: '' };
  }
  const isSame =
    expected.length === actual.length && expected.every((sample, index) => areSame(sample, actual[index]!, isFuzzy));
  return {
    ...head,
    verdict: isSame ? 'passed' : 'failed',
    reason: isSame ? '' : 'other samples come out',
    expected: expected.map(sampleText).join('\n'),
    actual: actual.map(sampleText).join('\n'),
  };
}

/** @throws {Error} for a result that is no instant vector, in Prometheus's words */
function samplesOf({ value }: QueryResult): Sample[] {
  if (value.kind === 'scalar') return [{ labels: Labels.EMPTY, value: value.value, histogram: undefined }];
  if (value.kind !== 'vector') throw new Error('rule result is not a vector or scalar');
  return value.labels.map((labels, index) => {
    const histogram = value.histograms?.[index];
    return { labels, value: histogram ? 0 : value.values[index]!, histogram };
  });
}

function sorted(samples: readonly Sample[]): Sample[] {
  return [...samples].sort((a, b) => a.labels.compare(b.labels));
}

/** NaN is never the same, as in promtool. */
function areSame(expected: Sample, actual: Sample, isFuzzy: boolean): boolean {
  if (!expected.labels.equals(actual.labels)) return false;
  if (histogramText(expected.histogram) !== histogramText(actual.histogram)) return false;
  if (expected.value === actual.value) return true;
  return isFuzzy && (next(actual.value, 1) === expected.value || next(actual.value, -1) === expected.value);
}

const bits = new DataView(new ArrayBuffer(8));

/** The neighbour of a double, upwards or downwards. */
function next(value: number, direction: 1 | -1): number {
  if (value === 0) return direction * Number.MIN_VALUE;
  bits.setFloat64(0, value);
  const towards = value > 0 === direction > 0 ? 1n : -1n;
  bits.setBigInt64(0, bits.getBigInt64(0) + towards);
  return bits.getFloat64(0);
}

function histogramText(histogram: NativeHistogram | undefined): string {
  return histogram ? formatHistogram(compact(histogram)) : '';
}

function sampleText({ labels, value, histogram }: Sample): string {
  return `${labels} ${histogram ? histogramText(histogram) : formatFloat(value)}`;
}
