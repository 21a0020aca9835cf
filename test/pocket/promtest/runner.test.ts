import { describe, expect, test } from 'vitest';
import { formatOutcome, formatTable } from '../../../src/pocket/promtest/report.ts';
import { runScript } from '../../../src/pocket/promtest/runner.ts';
import { scriptEngine } from '../../../src/pocket/promtest/script-engine.ts';

const data = `
load 1m
  x{a="1"} 1 2 3 4
  x{a="2"} 10 _ stale 40
  named 1

`;

async function verdictsOf(script: string): Promise<string[]> {
  const outcomes = await runScript({ file: 'case.test', text: data + script }, scriptEngine('cortex'));
  return outcomes.map(({ verdict, reason }) => (reason === '' ? verdict : `${verdict}: ${reason}`));
}

describe('passes', () => {
  test.for([
    ['an instant vector', 'eval instant at 1m x{a="1"}\n  x{a="1"} 2'],
    ['the lookback', 'eval instant at 1m30s x\n  x{a="1"} 2\n  x{a="2"} 10'],
    ['a staleness marker', 'eval instant at 2m x\n  x{a="1"} 3'],
    ['a range with gaps', 'eval range from 0 to 3m step 1m x\n  x{a="1"} 1 2 3 4\n  x{a="2"} 10 10 _ 40'],
    ['an empty result', 'eval instant at 0 nothing'],
    ['a scalar', 'eval instant at 0 1 + 1\n  2'],
    ['a scalar in other digits', 'eval instant at 0 16\n  0x10'],
    ['a string', 'eval instant at 0 "a\\tb"\n  expect string "a\\tb"'],
    [
      'a range vector',
      'eval instant at 3m x[3m]\n  expect range vector from 1m to 3m step 1m\n  x{a="1"} 2 3 4\n  x{a="2"} _ _ 40',
    ],
    ['a value close by', 'eval instant at 0 sum(x) * 1.0000001\n  {} 11'],
    ['an order', 'eval instant at 0 sort_desc(x)\n  expect ordered\n  x{a="2"} 10\n  x{a="1"} 1'],
    ['an error of any text', 'eval instant at 0 x + on() x\n  expect fail'],
    ['an error by its text', 'eval instant at 0 +\n  expect fail msg: 1:2: parse error: unexpected end of input'],
    ['an error by a pattern', 'eval instant at 0 +\n  expect fail regex: parse.*input'],
    [
      'an info by a pattern',
      'eval instant at 3m rate(x{a="1"}[3m])\n  expect info regex: counter.*\\(1:6\\)\n  {a="1"} 0.016666666666666666',
    ],
    [
      'the old forms',
      'eval_fail instant at 0 x + on() x\n  expected_fail_regexp duplicate series\n\neval_ordered instant at 0 x{a="1"}\n  x{a="1"} 1\n\neval_info instant at 3m rate(x{a="1"}[3m])\n  {a="1"} 0.016666666666666666',
    ],
  ] as const)('%s', async ([, script]) => {
    const verdicts = await verdictsOf(script);
    expect(verdicts).toEqual(verdicts.map(() => 'passed'));
  });
});

describe('fails', () => {
  test.for([
    ['another value', 'eval instant at 0 x{a="1"}\n  x{a="1"} 2', 'expected 2 for x{a="1"}'],
    ['a value not close enough', 'eval instant at 0 vector(1.00001)\n  {} 1', 'expected 1 for {}'],
    ['zero where there is something', 'eval instant at 0 vector(1e-300)\n  {} 0', 'expected 0 for {}'],
    ['a series too many', 'eval instant at 0 x\n  x{a="1"} 1', 'unexpected series x{a="2"}'],
    ['a series too few', 'eval instant at 0 x{a="1"}\n  x{a="1"} 1\n  x{a="2"} 10', 'expected series x{a="2"}'],
    [
      'another order',
      'eval instant at 0 sort(x)\n  expect ordered\n  x{a="2"} 10\n  x{a="1"} 1',
      'expected x{a="1"} at place 2, not 1',
    ],
    [
      'another point',
      'eval range from 0 to 1m step 1m x{a="1"}\n  x{a="1"} 1 3',
      'expected 3 at 60s, got 2 for x{a="1"}',
    ],
    [
      'a point too many',
      'eval range from 0 to 1m step 1m x{a="1"}\n  x{a="1"} 1',
      'unexpected point at 60s for x{a="1"}',
    ],
    [
      'a point that is absent',
      'eval range from 2m to 3m step 1m x{a="2"}\n  x{a="2"} 10 40',
      'expected 10 at 120s for x{a="2"}',
    ],
    ['no error', 'eval instant at 0 x\n  expect fail', 'expected an error, but got none'],
    ['an error', 'eval instant at 0 +\n  x 1', '1:2: parse error: unexpected end of input'],
    [
      'no annotation',
      'eval instant at 0 x{a="1"}\n  expect warn\n  x{a="1"} 1',
      'expected warn of any text, got: none',
    ],
    [
      'an annotation that must not be',
      'eval instant at 3m rate(x{a="1"}[3m])\n  expect no_info\n  {a="1"} 0.016666666666666666',
      'unexpected info: PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "x" (1:6)',
    ],
    ['a series instead of a scalar', 'eval instant at 0 vector(1)\n  1', 'expected a scalar, but got a vector'],
    ['a scalar instead of a series', 'eval instant at 0 1\n  {} 1', 'expected series, but got a scalar'],
  ] as const)('on %s', async ([, script, reason]) => {
    expect(await verdictsOf(script)).toEqual([`failed: ${reason}`]);
  });
});

describe('native histograms', () => {
  const load = 'load 1m\n  h 1 {{schema:0 count:1 sum:1 buckets:[1]}}\n\n';

  test.for([
    ['are loaded and compared', `${load}eval instant at 1m h\n  h {{count:1 sum:1 buckets:[1]}}`],
    [
      'are made of classic ones',
      `load_with_nhcb 1m\n  c_bucket{le="+Inf"} 1\n\neval instant at 0 histogram_count(c)\n  {} 1`,
    ],
  ] as const)('%s', async ([, script]) => {
    expect(await verdictsOf(script)).toEqual(['passed']);
  });

  test('are no floats', async () => {
    const [verdict] = await verdictsOf(`${load}eval instant at 1m h\n  h 1`);
    expect(verdict).toMatch(/^failed: /);
  });
});

test('start timestamps come with the samples behind them', async () => {
  const script = 'load 1m\n  s@st -30s\n  s 5\n\neval instant at 0 s\n  s 5';
  expect(await verdictsOf(script)).toEqual(['passed']);
});

test('clear forgets all series, load adds to what is there', async () => {
  const script = 'load 1m\n  y 5\n\neval instant at 0 x{a="1"} + on() y\n  {} 6\n\nclear\n\neval instant at 0 x\n';
  expect(await verdictsOf(script)).toEqual(['passed', 'passed']);
});

test.for([
  ['bogus 1m', 'line 1: invalid command "bogus 1m"'],
  ['load\n  x 1', 'line 1: invalid load command. (load[_with_nhcb] <step:duration>)'],
  ['load 1q\n  x 1', 'line 1: invalid duration "1q": unknown unit "q" in duration "1q"'],
  ['\n\nload 1m\n  x{ 1', 'line 4: '],
  ['eval sometimes', 'line 1: invalid evaluation command'],
  ['eval range from 2m to 1m step 1m x', 'line 1: the end (1m) is before the start (2m)'],
  ['eval instant at 0 x\n  expect wonders', 'line 2: invalid expect statement'],
  ['eval instant at 0 x\n  expect warn regex: (', 'line 2: invalid regex ('],
  ['eval instant at 0 "x"\n  expect string x', 'line 2: expected string literal not valid'],
] as const)('%j is no script', async ([text, message]) => {
  await expect(runScript({ file: 'bad.test', text }, scriptEngine('cortex'))).rejects.toThrow(message);
});

test('an outcome tells file, line, query and both sides', async () => {
  const text = 'eval instant at 0 vector(1)\n  {a="b"} 2\n\neval instant at 0 2\n  2\n';
  const outcomes = await runScript({ file: 'some.test', text }, scriptEngine('cortex'));
  expect(outcomes.map((outcome) => formatOutcome(outcome))).toEqual([
    'some.test:1 failed  vector(1) at 0s\n  unexpected series {}\n  expected      actual\n  {a="b"} 2  |  {} 1',
    'some.test:4 passed  2',
  ]);
  expect(formatTable(outcomes).replaceAll(/ +/g, ' ')).toBe('script passed failed\nsome.test 1 1');
});

test('an instant query is asked in other ways too', async () => {
  const text = 'load 1m\n  x 1+1x5\n\neval instant at 2m x\n  x 3\n';
  const asked: string[] = [];
  const [outcome] = await runScript({ file: 'some.test', text }, (source) => {
    const engine = scriptEngine('cortex')(source);
    return {
      parseOptions: engine.parseOptions,
      instant: (query) => {
        asked.push(`${query.query} at ${query.timeMs / 1000}`);
        // An engine that takes no notice of `@`.
        return engine.instant({ ...query, query: query.query.replace(/ @ .*/, '') });
      },
      range: (query) => engine.range(query),
    };
  });
  expect({ asked, reason: outcome?.reason }).toEqual({
    asked: ['x at 120', 'x @ 120.000 at -1200'],
    reason: 'as x @ 120.000 at -1200s: expected series x',
  });
});
