import { parseSeriesNotation, type SeriesNotation } from '../../../grammar/series-notation.ts';
import { parseGoFloat } from '../../model/go-float.ts';
import { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { type Finding, YamlFile, type YamlNode } from '../../ruler/rule-file/yaml-file.ts';
import { histogramOfPoint } from '../promtest/histogram-notation.ts';

/** A file of Prometheus's unit tests for rules. Times of tests are from their start. */
export interface UnitTestFile {
  /** Patterns of file names, relative to the file's folder. */
  readonly ruleFiles: readonly string[];
  readonly evaluationIntervalMs: number;
  readonly groupEvalOrder: readonly string[];
  /** Whether values may differ in the last bit. */
  readonly isFuzzy: boolean;
  readonly tests: readonly UnitTest[];
}

/** Some series and what is expected of the rules over them. */
export interface UnitTest {
  readonly name: string;
  readonly line: number;
  readonly intervalMs: number;
  readonly startMs: number;
  readonly series: readonly SeriesNotation[];
  /** What is wrong with the series. */
  readonly seriesFaults: readonly Finding[];
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  readonly alertTests: readonly AlertTest[];
  readonly exprTests: readonly ExprTest[];
}

export interface AlertTest {
  readonly line: number;
  readonly evalTimeMs: number;
  readonly alertname: string;
  readonly expected: readonly ExpectedAlert[];
}

export interface ExpectedAlert {
  /** Empty values included: no alert has a label like that. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ExprTest {
  readonly line: number;
  readonly evalTimeMs: number;
  readonly expr: string;
  readonly expected: readonly ExpectedSample[];
  /** What is wrong with what is expected. */
  readonly faults: readonly Finding[];
}

export interface ExpectedSample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram: NativeHistogram | undefined;
}

export type UnitTestFileReading =
  | { readonly ok: true; readonly file: UnitTestFile }
  | { readonly ok: false; readonly errors: readonly Finding[] };

const FILE_KEYS = ['rule_files', 'evaluation_interval', 'group_eval_order', 'tests', 'fuzzy_compare'];
const TEST_KEYS = [
  'interval',
  'input_series',
  'alert_rule_test',
  'promql_expr_test',
  'external_labels',
  'external_url',
  'name',
  'start_timestamp',
];

const MINUTE_MS = 60_000;

/** Reads a file of unit tests, strictly. Series and expected samples that make no sense are told by their test. */
export function readUnitTestFile(text: string): UnitTestFileReading {
  const yaml = new YamlFile(text);
  const { values } = yaml.fields(yaml.root, FILE_KEYS);
  const evaluationIntervalMs = yaml.durationMs(values.get('evaluation_interval')) || MINUTE_MS;
  const groupEvalOrder = yaml.list(values.get('group_eval_order')).map((node) => yaml.text(node));
  groupEvalOrder.forEach((name, index) => {
    if (groupEvalOrder.indexOf(name) < index) {
      yaml.fail(values.get('group_eval_order'), `group name repeated in evaluation order: ${name}`);
    }
  });
  const file: UnitTestFile = {
    ruleFiles: yaml.list(values.get('rule_files')).map((node) => yaml.text(node)),
    evaluationIntervalMs,
    groupEvalOrder,
    isFuzzy: yaml.boolean(values.get('fuzzy_compare')),
    tests: yaml.list(values.get('tests')).map((node) => readTest(yaml, node, evaluationIntervalMs)),
  };
  return yaml.findings.length > 0 ? { ok: false, errors: yaml.findings } : { ok: true, file };
}

function readTest(yaml: YamlFile, node: YamlNode, evaluationIntervalMs: number): UnitTest {
  const { values } = yaml.fields(node, TEST_KEYS);
  const seriesFaults: Finding[] = [];
  const series = yaml.list(values.get('input_series')).flatMap((item) => {
    const fields = yaml.fields(item, ['series', 'values']).values;
    const notation = `${yaml.text(fields.get('series'))} ${yaml.text(fields.get('values'))}`;
    return attempt(seriesFaults, yaml.placeOf(item), () => parseSeriesNotation(notation)) ?? [];
  });
  return {
    name: yaml.text(values.get('name')),
    line: yaml.placeOf(node).line,
    intervalMs: yaml.durationMs(values.get('interval')) || evaluationIntervalMs,
    startMs: readStart(yaml, values.get('start_timestamp')),
    series,
    seriesFaults,
    externalLabels: yaml.texts(values.get('external_labels')),
    externalUrl: yaml.text(values.get('external_url')),
    alertTests: yaml.list(values.get('alert_rule_test')).map((item) => readAlertTest(yaml, item)),
    exprTests: yaml.list(values.get('promql_expr_test')).map((item) => readExprTest(yaml, item)),
  };
}

/** Seconds since 1970, or a date of RFC 3339. */
function readStart(yaml: YamlFile, node: YamlNode): number {
  const text = yaml.text(node);
  if (text === '') return 0;
  const seconds = parseGoFloat(text);
  const isDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text);
  const startMs = seconds === undefined ? (isDate ? Date.parse(text) : NaN) : Math.round(seconds * 1000);
  if (Number.isFinite(startMs)) return startMs;
  yaml.fail(node, `cannot parse "${text}" to a valid timestamp`);
  return 0;
}

function readAlertTest(yaml: YamlFile, node: YamlNode): AlertTest {
  const { values } = yaml.fields(node, ['eval_time', 'alertname', 'exp_alerts']);
  return {
    line: yaml.placeOf(node).line,
    evalTimeMs: yaml.durationMs(values.get('eval_time')) ?? 0,
    alertname: yaml.text(values.get('alertname')),
    expected: yaml.list(values.get('exp_alerts')).map((item) => {
      const fields = yaml.fields(item, ['exp_labels', 'exp_annotations']).values;
      return { labels: yaml.texts(fields.get('exp_labels')), annotations: yaml.texts(fields.get('exp_annotations')) };
    }),
  };
}

function readExprTest(yaml: YamlFile, node: YamlNode): ExprTest {
  const { values } = yaml.fields(node, ['expr', 'eval_time', 'exp_samples']);
  const faults: Finding[] = [];
  const expected = yaml.list(values.get('exp_samples')).flatMap((item): ExpectedSample[] => {
    const fields = yaml.fields(item, ['labels', 'value', 'histogram']).values;
    const value = yaml.number(fields.get('value')) ?? 0;
    const labels = yaml.text(fields.get('labels'));
    const histogram = yaml.text(fields.get('histogram'));
    const sample = attempt(faults, yaml.placeOf(item), () => ({
      labels: readLabels(labels),
      value,
      histogram: histogram === '' ? undefined : readHistogram(histogram),
    }));
    return sample ? [sample] : [];
  });
  return {
    line: yaml.placeOf(node).line,
    evalTimeMs: yaml.durationMs(values.get('eval_time')) ?? 0,
    expr: yaml.text(values.get('expr')),
    expected,
    faults,
  };
}

function readLabels(text: string): Labels {
  if (text.trim() === '') return Labels.EMPTY;
  const { labels, points } = parseSeriesNotation(text);
  if (points.length > 0) throw new Error(`unexpected values behind the labels ${labels}`);
  return labels;
}

function readHistogram(text: string): NativeHistogram {
  const { points } = parseSeriesNotation(`{} ${text}`);
  if (points.length !== 1) throw new Error(`expected 1 value, got ${points.length}`);
  const point = points[0]!;
  if (point.kind !== 'histogram') throw new Error(`expected histogram, got ${text}`);
  return histogramOfPoint(point);
}

function attempt<Result>(
  faults: Finding[],
  place: Pick<Finding, 'line' | 'column'>,
  read: () => Result,
): Result | undefined {
  try {
    return read();
  } catch (error) {
    faults.push({ ...place, message: (error as Error).message });
    return undefined;
  }
}
