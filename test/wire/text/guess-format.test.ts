import { expect, test } from 'vitest';
import { guessFormat } from '../../../src/wire/text/guess-format.ts';

test.for([
  ['{"metric":{"__name__":"up"},"values":[1],"timestamps":[1]}', 'jsonl'],
  [' { "metadata" : {}}', 'jsonl'],
  ['{"my.metric"} 1', 'prometheus'],
  ['{"my.metric","a"="metric"} 1 1700000000', 'openmetrics'],
  ['# TYPE up gauge\nup 1 1700000000.5\n', 'openmetrics'],
  ['# TYPE up gauge\n\nup{a="b"} 1 1700000000500\n', 'prometheus'],
  ['up{a="b c 5"} 1 1.7e9 # {a="b"} 1 2\n', 'openmetrics'],
  ['up 1\n# EOF\n', 'prometheus'],
  ['# nothing yet\n', 'prometheus'],
  ['', 'prometheus'],
] as const)('takes %j for %s', ([text, format]) => {
  expect(guessFormat(Buffer.from(text))).toBe(format);
});
