import { describe, expect, test } from 'vitest';
import type { WriteBatch } from '../../../src/model/write-batch.ts';
import { decodeOtlpJson } from '../../../src/wire/otlp/decode-json.ts';
import { type TranslationOptions, translateMetrics } from '../../../src/wire/otlp/translate.ts';
import { decodeLabels } from '../../../src/wire/remote-write-labels.ts';
import type { OtlpJson } from '../../support/otlp-encode.ts';
import { otlpPayloads } from '../../support/otlp-payloads.ts';

const TIME_MS = 1_700_000_000_000;
const payloads = new Map(otlpPayloads(TIME_MS).map(({ name, request }) => [name, request]));
const defaults: TranslationOptions = {
  metricSuffixes: true,
  targetInfo: true,
  deltaTemporality: false,
  allAttributes: false,
  promotedAttributes: [],
  typeAndUnitLabels: false,
};

function translate(request: OtlpJson, options: Partial<TranslationOptions> = {}) {
  return translateMetrics(decodeOtlpJson(Buffer.from(JSON.stringify(request))), { ...defaults, ...options });
}

/** `name{labels} value@seconds …` for every series, seconds from `TIME_MS`; of native histograms the buckets. */
function linesOf(batch: WriteBatch): string[] {
  return Array.from({ length: batch.seriesCount }, (_, i) => {
    const flat = decodeLabels(batch.body, batch.labelsStart[i]!, batch.labelsEnd[i]!);
    const pairs = flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]!] as const] : []));
    const labels = pairs.flatMap(([name, value]) => (name === '__name__' ? [] : [`${name}=${value}`]));
    const samples = [...batch.values.subarray(batch.samplesStart[i], batch.samplesStart[i + 1])].map(
      (value, k) => `${value}@${(batch.timestampsMs[batch.samplesStart[i]! + k]! - TIME_MS) / 1000}`,
    );
    const histograms = batch.histograms.filter(({ seriesIndex }) => seriesIndex === i).map(histogramText);
    const exemplars = batch.exemplars.filter(({ seriesIndex }) => seriesIndex === i).map(({ value }) => `# ${value}`);
    const name = new Map(pairs).get('__name__');
    return [`${name}{${labels.join(',')}}`, ...samples, ...histograms, ...exemplars].join(' ');
  });
}

function histogramText(histogram: WriteBatch['histograms'][number]): string {
  const { schema, count, sum, zeroCount, positiveSpans, positiveCounts, negativeSpans, negativeCounts } = histogram;
  const side = (spans: typeof positiveSpans, counts: Float64Array) =>
    `${spans.map(({ offset, length }) => `${offset}+${length}`).join(',')}[${counts.join(',')}]`;
  return `${schema}:${count}/${sum} z${zeroCount} ${side(positiveSpans, positiveCounts)} ${side(negativeSpans, negativeCounts)}`;
}

const cases: readonly (readonly [payload: string, ...lines: string[]])[] = [
  ['a gauge', 'room_temperature{job=a,room=kitchen} 1@0'],
  ['an integer gauge', 'queue_length{job=b} -42@0'],
  ['two points of a gauge', 'speed_meters_per_second{job=c} 1.5@-15 2.5@0'],
  [
    'units in names',
    'memory_bytes{job=d} 1@0',
    'used_ratio{job=d} 1@0',
    'share_percent{job=d} 1@0',
    'annotated{job=d} 1@0',
    'rate_of_it_per_second{job=d} 1@0',
    'heat_celsius{job=d} 1@0',
    'odd_foo_bar{job=d} 1@0',
  ],
  ['a unit that the name has', 'disk_size_bytes{job=e} 1@0', 'time_seconds_total{job=e} 7@0'],
  ['a counter', 'http_requests_total{http_method=GET,job=f} 7@0'],
  ['a sum that is no counter', 'connections{job=g} 7@0'],
  ['a counter that ends in total', 'jobs_total{job=h} 7@0'],
  ['a counter with exemplars', 'calls_total{job=i} 7@0 # 3'],
  [
    'a histogram',
    'request_duration_milliseconds_sum{job=j,path=/} 12.5@0',
    'request_duration_milliseconds_count{job=j,path=/} 6@0',
    'request_duration_milliseconds_bucket{job=j,le=1,path=/} 1@0',
    'request_duration_milliseconds_bucket{job=j,le=5,path=/} 3@0',
    'request_duration_milliseconds_bucket{job=j,le=+Inf,path=/} 6@0',
  ],
  [
    'a histogram without a sum',
    'sumless_count{job=k} 3@0',
    'sumless_bucket{job=k,le=0.25} 3@0',
    'sumless_bucket{job=k,le=+Inf} 3@0',
  ],
  [
    'a histogram of one bucket',
    'unbounded_milliseconds_sum{job=l} 12.5@0',
    'unbounded_milliseconds_count{job=l} 6@0',
    'unbounded_milliseconds_bucket{job=l,le=+Inf} 6@0',
  ],
  [
    'a histogram with exemplars',
    'traced_milliseconds_sum{job=m} 12.5@0',
    'traced_milliseconds_count{job=m} 6@0',
    'traced_milliseconds_bucket{job=m,le=1} 1@0 # 0.5',
    'traced_milliseconds_bucket{job=m,le=5} 3@0 # 3',
    'traced_milliseconds_bucket{job=m,le=+Inf} 6@0',
  ],
  [
    'a summary',
    'rpc_sum{job=n} 10@0',
    'rpc_count{job=n} 4@0',
    'rpc{job=n,quantile=0.5} 2@0',
    'rpc{job=n,quantile=0.99} 4@0',
  ],
  ['an exponential histogram', 'eh_plain{job=o} 0:4/9 z1 1+2[1,2] []'],
  ['one with negative buckets', 'eh_negative{job=p} 0:9/9 z1 1+2[1,2] -1+3[1,0,4]'],
  ['one with gaps', 'eh_gaps{job=q} 0:12/9 z1 -4+1,4+3[1,7,0,3] []'],
  ['one of a fine scale', 'eh_fine{job=r} 8:22/9 z1 1+2[15,6] []'],
  ['one that begins and ends with nothing', 'eh_edges{job=s} 0:6/9 z1 1+4[0,0,5,0] []'],
  ['one of nothing', 'eh_empty{job=t} 0:0/0 z0 [] []'],
  [
    'attributes of all kinds',
    'kinds{a=["<a&b>",1,null],b=true,big=1e+21,d=1e-7,i=-9007199254740993,inf=-Infinity,job=u,m={"a":0.5,"z":"last"},nan=NaN,s=x,y=aGVsbG8=,zero=-0} 1@0',
  ],
  [
    'attributes whose names are no labels',
    'names{__reserved__=5,_n_=7,_under=4,a_b=3,job=v,key_1digit=2,multi_dot=6,with_dot=1} 1@0',
  ],
  ['attributes that become one', 'joined{a_b=1;2,job=w} 1@0'],
  ['metric names that are none', '_1st_metric_name_with_chars{job=x} 1@0', 'a:b{job=x} 1@0', 'x{job=x} 1@0'],
  [
    'a resource that says more',
    'resourceful{instance=i-1,job=ns/y} 1@0',
    'target_info{instance=i-1,job=ns/y,region=eu} 1@0',
  ],
  ['a resource without a service', 'homeless{} 1@0'],
  ['a resource over some time', 'spread{job=z} 1@-400 2@0', 'target_info{job=z,zone=1} 1@-400 1@-250 1@-100 1@0'],
  ['a point without a value', 'gone{job=aa} NaN@0'],
  ['two resources', 'shared{job=one} 1@0', 'shared{job=two} 1@0'],
  ['a delta beside a counter', 'kept_total{job=bb} 7@0'],
  ['times within a millisecond', 'precise{job=cc} 1@0'],
];

// Worked out by hand from OpenTelemetry's rules for Prometheus and the converter of Prometheus 3.9, which Cortex 1.21 has.
test.for(cases)('%s', ([payload, ...lines]) => {
  expect(linesOf(translate(payloads.get(payload)!).batch)).toEqual(lines);
});

test('every payload has its case', () => {
  expect(cases.map(([payload]) => payload)).toEqual([...payloads.keys()]);
});

test('metadata have the type, the help and the unit of a metric, one entry each', () => {
  const metric = {
    name: 'latency',
    unit: 's',
    description: 'How long.',
    sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ asInt: '1' }, { asInt: '2' }] },
  };
  const { batch } = translate({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] });
  expect(batch.metadata).toEqual([
    { metric: 'latency_seconds_total', type: 'counter', help: 'How long.', unit: 'seconds' },
  ]);
});

describe('settings', () => {
  const resource = {
    attributes: [
      { key: 'service.name', value: { stringValue: 's' } },
      { key: 'region', value: { stringValue: 'eu' } },
    ],
  };
  const counter = {
    name: 'c',
    unit: 's',
    sum: {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [{ timeUnixNano: `${TIME_MS}000000`, asInt: '1' }],
    },
  };
  const request = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [counter] }] }] };

  test.for<readonly [about: string, options: Partial<TranslationOptions>, lines: readonly string[]]>([
    ['none', {}, ['c_seconds_total{job=s} 1@0', 'target_info{job=s,region=eu} 1@0']],
    ['no suffixes', { metricSuffixes: false }, ['c{job=s} 1@0', 'target_info{job=s,region=eu} 1@0']],
    ['no target_info', { targetInfo: false }, ['c_seconds_total{job=s} 1@0']],
    [
      'promoted attributes',
      { promotedAttributes: ['region'], targetInfo: false },
      ['c_seconds_total{job=s,region=eu} 1@0'],
    ],
    [
      'all attributes',
      { allAttributes: true, targetInfo: false },
      ['c_seconds_total{job=s,region=eu,service_name=s} 1@0'],
    ],
    [
      'type and unit',
      { typeAndUnitLabels: true, targetInfo: false },
      ['c_seconds_total{__type__=counter,__unit__=seconds,job=s} 1@0'],
    ],
  ])('%s', ([, options, lines]) => {
    expect(linesOf(translate(request, options).batch)).toEqual(lines);
  });

  test('deltas, which become a metric of no type', () => {
    const delta = { ...counter, sum: { ...counter.sum, aggregationTemporality: 1 } };
    const { batch, problems } = translate(
      { resourceMetrics: [{ scopeMetrics: [{ metrics: [delta] }] }] },
      { deltaTemporality: true },
    );
    expect(problems).toBe('');
    expect(batch.metadata).toMatchObject([{ type: 'unknown' }]);
    expect(linesOf(batch)).toEqual(['c_seconds_total{} 1@0']);
  });
});

describe('problems', () => {
  const only = (metric: OtlpJson) => translate({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] });
  test.for<readonly [about: string, metric: OtlpJson, problems: string]>([
    ['no points', { name: 'g', gauge: { dataPoints: [] } }, 'empty data points. g is dropped'],
    ['no data', { name: 'g' }, 'could not get aggregation temporality for g as it has unsupported metric type Empty'],
    [
      'deltas',
      { name: 'd', sum: { aggregationTemporality: 1, dataPoints: [{}] } },
      'invalid temporality and type combination for metric "d"',
    ],
    ['no name', { name: '', gauge: { dataPoints: [{}] } }, 'normalization for metric "" resulted in empty name'],
    [
      'an attribute without a key',
      { name: 'g', gauge: { dataPoints: [{ attributes: [{ key: '', value: { stringValue: 'x' } }] }] } },
      'label name is empty',
    ],
    [
      'a scale that is too coarse',
      { name: 'e', exponentialHistogram: { aggregationTemporality: 2, dataPoints: [{ scale: -5 }] } },
      'cannot convert exponential to native histogram. Scale must be >= -4, was -5',
    ],
    [
      'an exemplar without a value',
      { name: 's', sum: { aggregationTemporality: 2, dataPoints: [{ exemplars: [{}] }] } },
      'unsupported exemplar value type: Empty',
    ],
  ])('%s', ([, metric, problems]) => {
    const translation = only(metric);
    expect({ problems: translation.problems, isEmpty: translation.isEmpty }).toEqual({ problems, isEmpty: true });
  });

  test('points that lie decades apart get no target_info for all the time between', () => {
    const resource = {
      attributes: [
        { key: 'service.name', value: { stringValue: 's' } },
        { key: 'a', value: { stringValue: 'b' } },
      ],
    };
    const points = [{ asInt: '1' }, { timeUnixNano: `${TIME_MS}000000`, asInt: '1' }];
    const metrics = [{ name: 'g', gauge: { dataPoints: points } }];
    const { batch, problems } = translate({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] });
    expect(batch.seriesCount).toBe(1);
    expect(problems).toBe('the times of the points lie too far apart for a target_info');
  });
});
