import { unreachable } from '../model/assert.ts';
import { FLOAT, HISTOGRAM, type SampleColumns, type StepColumn, type StepGrid } from '../model/columns.ts';
import { formatFloat } from '../model/go-float.ts';
import type { Labels } from '../model/labels.ts';
import type { QueryResult, QueryStatistics, QueryValue } from '../model/query-result.ts';
import { histogramJson } from './histogram-json.ts';
import { CHUNK_CHARACTERS, inChunks, quoteJson, quoteJsonForHtml } from './json-text.ts';

export interface QueryResponseOptions {
  /** Adds `stats`, as a query with any `stats` parameter gets them. */
  readonly withStatistics?: boolean;
  /** How long the query took: Cortex tells it for scalars and strings, and only with `stats`. */
  readonly durationMs?: number;
}

/**
 * The answer to `query` and `query_range` as JSON text, byte by byte what Cortex's frontend writes, in chunks of about
 * 64 kB. Ask for a chunk only when it can go out: the work happens in between.
 */
export function queryResponseJson(result: QueryResult, options: QueryResponseOptions = {}): Generator<string, void> {
  return inChunks(responsePieces(result, options));
}

function* responsePieces(result: QueryResult, options: QueryResponseOptions): Generator<string, void> {
  const { value, annotations, statistics } = result;
  yield `{"status":"success","data":{"resultType":"${resultTypeOf(value)}","result":`;
  yield* valueJson(value);
  if (options.withStatistics) yield `,"stats":${statisticsJson(value, statistics, options.durationMs ?? 0)}`;
  yield `}${textsJson('warnings', annotations.warnings)}${textsJson('infos', annotations.infos)}}`;
}

function resultTypeOf(value: QueryValue): string {
  return value.kind === 'raw-matrix' ? 'matrix' : value.kind;
}

function* valueJson(value: QueryValue): Generator<string, void> {
  switch (value.kind) {
    case 'scalar':
      // Of the frontend's own making only vectors and matrices are: there a negative zero has lost its sign.
      yield `[${timestampJson(value.timestampMs)},"${formatFloat(value.value)}"]`;
      return;
    case 'string':
      yield `[${timestampJson(value.timestampMs)},${quoteJsonForHtml(value.value)}]`;
      return;
    case 'vector': {
      const time = timestampJson(value.timestampMs);
      for (let i = 0; i < value.labels.length; i++) {
        const histogram = value.histograms?.[i];
        const sample = histogram
          ? `"histogram":[${time},${histogramJson(histogram)}]`
          : `"value":[${time},"${sampleText(value.values[i]!)}"]`;
        yield `${i === 0 ? '[' : ','}{"metric":${labelsJson(value.labels[i]!)},${sample}}`;
      }
      yield value.labels.length === 0 ? '[]' : ']';
      return;
    }
    case 'matrix': {
      const stepHeads = stepHeadsOf(value.grid);
      yield '[';
      let separator = '';
      for (const { labels, column } of value.series) {
        yield `${separator}{"metric":${labelsJson(labels)}`;
        if (column.present.includes(FLOAT)) {
          yield ',"values":[';
          yield* stepsJson(column, stepHeads);
          yield ']';
        }
        if (column.histograms) yield* stepHistogramsJson(column, value.grid);
        yield '}';
        separator = ',';
      }
      yield ']';
      return;
    }
    case 'raw-matrix': {
      yield '[';
      let separator = '';
      for (const { labels, samples } of value.series) {
        yield `${separator}{"metric":${labelsJson(labels)}`;
        if (hasFloats(samples)) {
          yield ',"values":[';
          yield* samplesJson(samples);
          yield ']';
        }
        if (samples.histograms) yield* sampleHistogramsJson(samples);
        yield '}';
        separator = ',';
      }
      yield ']';
      return;
    }
    default:
      unreachable(value);
  }
}

/** `[1700000000.123,"` for every step of the grid: all series of a matrix share it. */
function stepHeadsOf(grid: StepGrid): string[] {
  return Array.from({ length: grid.count }, (_, step) => `[${timestampJson(grid.startMs + step * grid.stepMs)},"`);
}

function* stepsJson({ values, present }: StepColumn, stepHeads: readonly string[]): Generator<string, void> {
  let text = '';
  let end = '';
  for (let step = 0; step < stepHeads.length; step++) {
    if (present[step] !== FLOAT) continue;
    text += end + stepHeads[step]! + sampleText(values[step]!);
    end = '"],';
    if (text.length < CHUNK_CHARACTERS) continue;
    yield text;
    text = '';
  }
  yield end === '' ? text : `${text}"]`;
}

function* samplesJson({ timestampsMs, values, histograms, count }: SampleColumns): Generator<string, void> {
  let text = '';
  let end = '';
  for (let i = 0; i < count; i++) {
    if (histograms !== undefined && histograms[i] !== undefined) continue;
    text += `${end}[${timestampJson(timestampsMs[i]!)},"${sampleText(values[i]!)}`;
    end = '"],';
    if (text.length < CHUNK_CHARACTERS) continue;
    yield text;
    text = '';
  }
  yield end === '' ? text : `${text}"]`;
}

function hasFloats({ histograms, count }: SampleColumns): boolean {
  if (histograms === undefined) return true;
  for (let i = 0; i < count; i++) if (histograms[i] === undefined) return true;
  return false;
}

/** `,"histograms":[[1700000000,{…}]]`, or nothing when no step has one. */
function* stepHistogramsJson({ present, histograms }: StepColumn, grid: StepGrid): Generator<string, void> {
  let separator = ',"histograms":[';
  for (let step = 0; step < present.length; step++) {
    if (present[step] !== HISTOGRAM) continue;
    const time = timestampJson(grid.startMs + step * grid.stepMs);
    yield `${separator}[${time},${histogramJson(histograms![step]!)}]`;
    separator = ',';
  }
  if (separator === ',') yield ']';
}

function* sampleHistogramsJson({ timestampsMs, histograms, count }: SampleColumns): Generator<string, void> {
  let separator = ',"histograms":[';
  for (let i = 0; i < count; i++) {
    const histogram = histograms![i];
    if (histogram === undefined) continue;
    yield `${separator}[${timestampJson(timestampsMs[i]!)},${histogramJson(histogram)}]`;
    separator = ',';
  }
  if (separator === ',') yield ']';
}

/** Seconds, with decimals where there are any. */
function timestampJson(timestampMs: number): string {
  return `${timestampMs / 1000}`;
}

/** A sample's value as the frontend prints it: never with an exponent, a negative zero without its sign. */
function sampleText(value: number): string {
  return value === 0 ? '0' : formatFloat(value);
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
