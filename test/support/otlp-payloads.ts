import type { OtlpJson } from './otlp-encode.ts';

export interface OtlpPayload {
  readonly name: string;
  readonly request: OtlpJson;
}

const service = (name: string, ...more: readonly OtlpJson[]) => [text('service.name', name), ...more];
const text = (key: string, stringValue: string): OtlpJson => ({ key, value: { stringValue } });

/** Payloads of all kinds, their points at `timeMs` and shortly before. Metric names differ from payload to payload. */
export function otlpPayloads(timeMs: number): OtlpPayload[] {
  const timeUnixNano = `${timeMs}000000`;
  const startTimeUnixNano = `${timeMs - 60_000}000000`;
  const at = { startTimeUnixNano, timeUnixNano };
  const earlier = { startTimeUnixNano, timeUnixNano: `${timeMs - 15_000}000000` };
  const of = (attributes: readonly OtlpJson[], ...metrics: readonly OtlpJson[]): OtlpJson => ({
    resourceMetrics: [
      { resource: { attributes }, scopeMetrics: [{ scope: { name: 'lib', version: '1.2' }, metrics }] },
    ],
  });
  const gauge = (name: string, point: OtlpJson, unit = ''): OtlpJson => ({
    name,
    unit,
    gauge: { dataPoints: [{ timeUnixNano, asDouble: 1, ...point }] },
  });
  const sum = (name: string, point: OtlpJson, more: OtlpJson = {}, unit = ''): OtlpJson => ({
    name,
    unit,
    sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...at, asInt: '7', ...point }], ...more },
  });
  const histogram = (name: string, point: OtlpJson): OtlpJson => ({
    name,
    unit: 'ms',
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [{ ...at, count: '6', sum: 12.5, bucketCounts: ['1', '2', '3'], explicitBounds: [1, 5], ...point }],
    },
  });
  const exponential = (name: string, point: OtlpJson): OtlpJson => ({
    name,
    exponentialHistogram: {
      aggregationTemporality: 2,
      dataPoints: [
        {
          ...at,
          count: '4',
          sum: 9,
          scale: 0,
          zeroCount: '1',
          positive: { offset: 0, bucketCounts: ['1', '2'] },
          ...point,
        },
      ],
    },
  });
  const exemplar = {
    timeUnixNano,
    asDouble: 3,
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
  };
  const payloads: Readonly<Record<string, OtlpJson>> = {
    'a gauge': of(service('a'), gauge('room.temperature', { attributes: [text('room', 'kitchen')] })),
    'an integer gauge': of(service('b'), gauge('queue.length', { asDouble: 0, asInt: '-42' })),
    'two points of a gauge': of(service('c'), {
      name: 'speed',
      unit: 'm/s',
      gauge: {
        dataPoints: [
          { ...earlier, asDouble: 1.5 },
          { ...at, asDouble: 2.5 },
        ],
      },
    }),
    'units in names': of(
      service('d'),
      gauge('memory', {}, 'By'),
      gauge('ratio.used', {}, '1'),
      gauge('share', {}, '%'),
      gauge('annotated', {}, '{requests}'),
      gauge('rate.of.it', {}, '{requests}/s'),
      gauge('heat', {}, 'Cel'),
      gauge('odd', {}, 'foo bar'),
    ),
    'a unit that the name has': of(
      service('e'),
      gauge('disk.size.bytes', {}, 'By'),
      sum('time.seconds.total', {}, {}, 's'),
    ),
    'a counter': of(service('f'), sum('http.requests', { attributes: [text('http.method', 'GET')] })),
    'a sum that is no counter': of(service('g'), sum('connections', {}, { isMonotonic: false })),
    'a counter that ends in total': of(service('h'), sum('jobs.total', {})),
    'a counter with exemplars': of(service('i'), sum('calls', { exemplars: [exemplar] })),
    'a histogram': of(service('j'), histogram('request.duration', { attributes: [text('path', '/')] })),
    'a histogram without a sum': of(service('k'), {
      name: 'sumless',
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [{ ...at, count: '3', bucketCounts: ['3', '0'], explicitBounds: [0.25] }],
      },
    }),
    'a histogram of one bucket': of(service('l'), histogram('unbounded', { bucketCounts: ['6'], explicitBounds: [] })),
    'a histogram with exemplars': of(
      service('m'),
      histogram('traced', { exemplars: [{ ...exemplar, asDouble: 0.5 }, exemplar] }),
    ),
    'a summary': of(service('n'), {
      name: 'rpc',
      summary: {
        dataPoints: [
          {
            timeUnixNano,
            count: '4',
            sum: 10,
            quantileValues: [
              { quantile: 0.5, value: 2 },
              { quantile: 0.99, value: 4 },
            ],
          },
        ],
      },
    }),
    'an exponential histogram': of(service('o'), exponential('eh.plain', {})),
    'one with negative buckets': of(
      service('p'),
      exponential('eh.negative', { count: '9', negative: { offset: -2, bucketCounts: ['1', '0', '4'] } }),
    ),
    'one with gaps': of(
      service('q'),
      exponential('eh.gaps', {
        count: '12',
        positive: { offset: -5, bucketCounts: ['1', '0', '0', '0', '0', '7', '0', '3'] },
      }),
    ),
    'one of a fine scale': of(
      service('r'),
      exponential('eh.fine', {
        count: '22',
        scale: 11,
        positive: { offset: 3, bucketCounts: ['1', '2', '3', '4', '5', '6'] },
      }),
    ),
    'one that begins and ends with nothing': of(
      service('s'),
      exponential('eh.edges', { count: '6', positive: { offset: 0, bucketCounts: ['0', '0', '5', '0'] } }),
    ),
    'one of nothing': of(service('t'), exponential('eh.empty', { count: '0', sum: 0, zeroCount: '0', positive: {} })),
    'attributes of all kinds': of(
      service('u'),
      gauge('kinds', {
        attributes: [
          text('s', 'x'),
          { key: 'b', value: { boolValue: true } },
          { key: 'i', value: { intValue: '-9007199254740993' } },
          { key: 'd', value: { doubleValue: 1e-7 } },
          { key: 'big', value: { doubleValue: 1e21 } },
          { key: 'inf', value: { doubleValue: '-Infinity' } },
          { key: 'nan', value: { doubleValue: 'NaN' } },
          { key: 'zero', value: { doubleValue: '-0' } },
          { key: 'a', value: { arrayValue: { values: [{ stringValue: '<a&b>' }, { intValue: '1' }, {}] } } },
          {
            key: 'm',
            value: { kvlistValue: { values: [text('z', 'last'), { key: 'a', value: { doubleValue: 0.5 } }] } },
          },
          { key: 'y', value: { bytesValue: 'aGVsbG8=' } },
          { key: 'e', value: {} },
        ],
      }),
    ),
    'attributes whose names are no labels': of(
      service('v'),
      gauge('names', {
        attributes: [
          text('with.dot', '1'),
          text('1digit', '2'),
          text('a-b', '3'),
          text('_under', '4'),
          text('__reserved__', '5'),
          text('multi..dot', '6'),
          text('ünï', '7'),
        ],
      }),
    ),
    'attributes that become one': of(
      service('w'),
      gauge('joined', { attributes: [text('a_b', '2'), text('a.b', '1')] }),
    ),
    'metric names that are none': of(
      service('x'),
      gauge('1st.metric-name/with chars', {}),
      gauge('a:b', {}),
      gauge('__x__', {}),
    ),
    'a resource that says more': of(
      service('y', text('service.namespace', 'ns'), text('service.instance.id', 'i-1'), text('region', 'eu')),
      gauge('resourceful', {}),
    ),
    'a resource without a service': of([text('host.name', 'h')], gauge('homeless', {})),
    'a resource over some time': of(service('z', text('zone', '1')), {
      name: 'spread',
      gauge: {
        dataPoints: [
          { timeUnixNano: `${timeMs - 400_000}000000`, asDouble: 1 },
          { timeUnixNano, asDouble: 2 },
        ],
      },
    }),
    'a point without a value': of(service('aa'), gauge('gone', { flags: 1 })),
    'two resources': {
      resourceMetrics: ['one', 'two'].map((name) => ({
        resource: { attributes: service(name) },
        scopeMetrics: [{ metrics: [gauge('shared', {})] }],
      })),
    },
    'a delta beside a counter': of(service('bb'), sum('deltas', {}, { aggregationTemporality: 1 }), sum('kept', {})),
    'times within a millisecond': of(service('cc'), gauge('precise', { timeUnixNano: `${timeMs}999999` })),
  };
  return Object.entries(payloads).map(([name, request]) => ({ name, request }));
}
