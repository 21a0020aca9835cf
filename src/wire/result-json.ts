import { unreachable } from '../model/assert.ts';
import { FLOAT, HISTOGRAM, type SampleColumns, type StepColumn, type StepGrid } from '../model/columns.ts';
import { formatFloat } from '../model/go-float.ts';
import type { Labels } from '../model/labels.ts';
import type {
  MatrixValue,
  QueryResult,
  QueryStatistics,
  QueryValue,
  RawMatrixValue,
  VectorValue,
} from '../model/query-result.ts';
import { histogramJson } from './histogram-json.ts';
import { type JsonBytes, type JsonChunks, writeJson } from './json-bytes.ts';
import { quoteJson, quoteJsonForHtml } from './json-text.ts';
import { stepHeads } from './step-heads.ts';

export interface QueryResponseOptions {
  /** Adds `stats`, as a query with any `stats` parameter gets them. */
  readonly withStatistics?: boolean;
  /** How long the query took: Cortex tells it for scalars and strings, and only with `stats`. */
  readonly durationMs?: number;
}

/** A part of an answer: whoever runs it takes a chunk whenever there is enough for one. */
type Part = Iterable<Uint8Array>;

/** The answer to `query` and `query_range` as JSON, byte by byte what Cortex's frontend writes. */
export function queryResponseJson(result: QueryResult, options: QueryResponseOptions = {}): JsonChunks {
  return writeJson((json) => responseJson(json, result, options));
}

function* responseJson(json: JsonBytes, result: QueryResult, options: QueryResponseOptions): Part {
  const { value, annotations, statistics } = result;
  json.addText(`{"status":"success","data":{"resultType":"${resultTypeOf(value)}","result":`);
  yield* valueJson(json, value);
  if (options.withStatistics) json.addText(`,"stats":${statisticsJson(value, statistics, options.durationMs ?? 0)}`);
  json.addText(`}${textsJson('warnings', annotations.warnings)}${textsJson('infos', annotations.infos)}}`);
}

function resultTypeOf(value: QueryValue): string {
  return value.kind === 'raw-matrix' ? 'matrix' : value.kind;
}

function* valueJson(json: JsonBytes, value: QueryValue): Part {
  switch (value.kind) {
    case 'scalar':
      // Of the frontend's own making only vectors and matrices are: there a negative zero has lost its sign.
      json.addText(`[${timestampJson(value.timestampMs)},"${formatFloat(value.value)}"]`);
      return;
    case 'string':
      json.addText(`[${timestampJson(value.timestampMs)},${quoteJsonForHtml(value.value)}]`);
      return;
    case 'vector':
      yield* vectorJson(json, value);
      return;
    case 'matrix':
      yield* matrixJson(json, value);
      return;
    case 'raw-matrix':
      yield* rawMatrixJson(json, value);
      return;
    default:
      unreachable(value);
  }
}

function* vectorJson(json: JsonBytes, { timestampMs, labels, values, histograms }: VectorValue): Part {
  const time = timestampJson(timestampMs);
  const valueHead = `,"value":[${time},"`;
  json.addText('[');
  for (let i = 0; i < labels.length; i++) {
    if (json.isFull) yield json.take();
    json.addText(i === 0 ? '{"metric":' : ',{"metric":');
    json.addLabels(labels[i]!);
    const histogram = histograms?.[i];
    if (histogram) {
      json.addText(`,"histogram":[${time},${histogramJson(histogram)}]}`);
      continue;
    }
    json.addText(valueHead);
    json.addFloat(values[i]!);
    json.addText('"]}');
  }
  json.addText(']');
}

function* matrixJson(json: JsonBytes, { grid, series }: MatrixValue): Part {
  // All series share the texts of the steps' times.
  const heads = stepHeads(grid, timestampJson);
  json.addText('[');
  let isFirst = true;
  for (const { labels, column } of series) {
    if (json.isFull) yield json.take();
    json.addText(isFirst ? '{"metric":' : ',{"metric":');
    isFirst = false;
    json.addLabels(labels);
    const first = column.present.indexOf(FLOAT);
    if (first >= 0) {
      json.addText(`,"values":[[${timestampJson(grid.startMs + first * grid.stepMs)},"`);
      json.addFloat(column.values[first]!);
      const steps = { values: column.values, present: column.present, kind: FLOAT };
      for (let step = first + 1; ; ) {
        step = json.addSteps(steps, heads, step);
        if (step === grid.count) break;
        yield json.take();
      }
      json.addText('"]]');
    }
    if (column.histograms) yield* stepHistogramsJson(json, column, grid);
    json.addText('}');
  }
  json.addText(']');
}

function* rawMatrixJson(json: JsonBytes, { series }: RawMatrixValue): Part {
  json.addText('[');
  let isFirst = true;
  for (const { labels, samples } of series) {
    json.addText(isFirst ? '{"metric":' : ',{"metric":');
    isFirst = false;
    json.addLabels(labels);
    if (hasFloats(samples)) yield* samplesJson(json, samples);
    if (samples.histograms) yield* sampleHistogramsJson(json, samples);
    json.addText('}');
  }
  json.addText(']');
}

function* samplesJson(json: JsonBytes, { timestampsMs, values, histograms, count }: SampleColumns): Part {
  let head = ',"values":[[';
  for (let i = 0; i < count; i++) {
    if (histograms !== undefined && histograms[i] !== undefined) continue;
    json.addText(head);
    json.addTime(timestampsMs[i]!);
    json.addText(',"');
    json.addFloat(values[i]!);
    head = '"],[';
    if (json.isFull) yield json.take();
  }
  json.addText('"]]');
}

function hasFloats({ histograms, count }: SampleColumns): boolean {
  if (histograms === undefined) return true;
  for (let i = 0; i < count; i++) if (histograms[i] === undefined) return true;
  return false;
}

/** `,"histograms":[[1700000000,{…}]]`, or nothing when no step has one. */
function* stepHistogramsJson(json: JsonBytes, { present, histograms }: StepColumn, grid: StepGrid): Part {
  let separator = ',"histograms":[';
  for (let step = 0; step < present.length; step++) {
    if (present[step] !== HISTOGRAM) continue;
    const time = timestampJson(grid.startMs + step * grid.stepMs);
    json.addText(`${separator}[${time},${histogramJson(histograms![step]!)}]`);
    separator = ',';
    if (json.isFull) yield json.take();
  }
  if (separator === ',') json.addText(']');
}

function* sampleHistogramsJson(json: JsonBytes, { timestampsMs, histograms, count }: SampleColumns): Part {
  let separator = ',"histograms":[';
  for (let i = 0; i < count; i++) {
    const histogram = histograms![i];
    if (histogram === undefined) continue;
    json.addText(`${separator}[${timestampJson(timestampsMs[i]!)},${histogramJson(histogram)}]`);
    separator = ',';
    if (json.isFull) yield json.take();
  }
  if (separator === ',') json.addText(']');
}

/** Seconds, with decimals where there are any. */
function timestampJson(timestampMs: number): string {
  return `${timestampMs / 1000}`;
}

/** `{"__name__":"up","job":"api"}` */
export function labelsJson(labels: Labels): string {
  let text = '{';
  for (let i = 0; i < labels.size; i++) {
    text += `${i === 0 ? '' : ','}${quoteJson(labels.nameAt(i))}:${quoteJson(labels.valueAt(i))}`;
  }
  return `${text}}`;
}

function statisticsJson(value: QueryValue, statistics: QueryStatistics, durationMs: number): string {
  const { totalQueryableSamples, peakSamples } = statistics;
  if (value.kind !== 'scalar' && value.kind !== 'string') {
    return `{"samples":{"totalQueryableSamples":${totalQueryableSamples},"totalQueryableSamplesPerStep":[],"peakSamples":${peakSamples}}}`;
  }
  // These two the frontend passes on as the querier wrote them.
  const seconds = durationMs / 1000;
  const timings = {
    evalTotalTime: seconds,
    resultSortTime: 0,
    queryPreparationTime: 0,
    innerEvalTime: seconds,
    execQueueTime: 0,
    execTotalTime: seconds,
  };
  return JSON.stringify({ timings, samples: { totalQueryableSamples, peakSamples } });
}

/** `,"warnings":["…"]`, or nothing when there are none. */
function textsJson(name: string, texts: readonly string[]): string {
  return texts.length === 0 ? '' : `,"${name}":[${texts.map(quoteJson).join(',')}]`;
}
