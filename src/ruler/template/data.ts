import { type BucketCounts, type CounterResetHint, NativeHistogram } from '../../model/native-histogram.ts';
import { spansOfBuckets } from '../../model/native-histogram-spans.ts';
import type { QueryResult } from '../../model/query-result.ts';
import type { TemplateContext } from './context.ts';
import { FunctionError } from './execution-error.ts';
import {
  anyValue,
  floatValue,
  type GoValue,
  intValue,
  pointerTo,
  type SliceValue,
  type StructValue,
  stringMap,
  stringValue,
} from './values.ts';

/** What `.` is at the start: labels and value of the alert. */
export function templateData({ labels, externalLabels, externalUrl, value }: TemplateContext): StructValue {
  return {
    kind: 'struct',
    type: 'struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }',
    fields: new Map<string, GoValue>([
      ['Labels', stringMap(Object.entries(labels))],
      ['ExternalLabels', stringMap(Object.entries(externalLabels))],
      ['ExternalURL', stringValue(externalUrl)],
      ['Value', anyValue(sampleValue(value))],
    ]),
  };
}

/**
 * A result as `query` gives it to a template.
 * @throws {FunctionError} for one that is no vector
 */
export function resultValue({ value }: QueryResult): SliceValue {
  if (value.kind !== 'vector' && value.kind !== 'scalar') {
    throw new FunctionError('rule result is not a vector or scalar');
  }
  const items =
    value.kind === 'scalar'
      ? [sample([], floatValue(value.value))]
      : value.labels.map((labels, index) =>
          sample(labels, sampleValue(value.histograms?.[index] ?? value.values[index]!)),
        );
  return { kind: 'slice', type: 'template.queryResult', items };
}

function sample(labels: Iterable<readonly [string, string]>, value: GoValue): GoValue {
  return pointerTo({
    kind: 'struct',
    type: 'template.sample',
    fields: new Map<string, GoValue>([
      ['Labels', stringMap(labels)],
      ['Value', anyValue(value)],
    ]),
  });
}

function sampleValue(value: number | NativeHistogram): GoValue {
  return value instanceof NativeHistogram ? pointerTo({ kind: 'histogram', histogram: value }) : floatValue(value);
}

const hintNumbers: Readonly<Record<CounterResetHint, number>> = { unknown: 0, reset: 1, 'not-reset': 2, gauge: 3 };

/** A field of Prometheus's `FloatHistogram`. */
export function histogramField(histogram: NativeHistogram, name: string): GoValue | undefined {
  switch (name) {
    case 'CounterResetHint':
      return intValue(hintNumbers[histogram.counterResetHint], 'histogram.CounterResetHint');
    case 'Schema':
      return intValue(histogram.schema, 'int32');
    case 'ZeroThreshold':
      return floatValue(histogram.zeroThreshold);
    case 'ZeroCount':
      return floatValue(histogram.zeroCount);
    case 'Count':
      return floatValue(histogram.count);
    case 'Sum':
      return floatValue(histogram.sum);
    case 'PositiveSpans':
      return spansValue(histogram.positive);
    case 'NegativeSpans':
      return spansValue(histogram.negative);
    case 'PositiveBuckets':
      return floats(histogram.positive.counts);
    case 'NegativeBuckets':
      return floats(histogram.negative.counts);
    case 'CustomValues':
      return floats(histogram.customBounds);
    default:
      return undefined;
  }
}

function floats(values: Float64Array): SliceValue {
  return { kind: 'slice', type: '[]float64', items: Array.from(values, floatValue) };
}

function spansValue(buckets: BucketCounts): SliceValue {
  const items = spansOfBuckets(buckets).map(
    ({ offset, length }): GoValue => ({
      kind: 'struct',
      type: 'histogram.Span',
      fields: new Map([
        ['Offset', intValue(offset, 'int32')],
        ['Length', intValue(length, 'uint32')],
      ]),
    }),
  );
  return { kind: 'slice', type: '[]histogram.Span', items };
}
