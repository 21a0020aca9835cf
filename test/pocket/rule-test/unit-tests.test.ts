import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { rulesTest } from '../../../src/cli/rules-test.ts';
import { unitTestFiles } from '../../support/unit-test-files.ts';

const folder = fileURLToPath(new URL('files/', import.meta.url));

async function run(file: string): Promise<{ readonly exitCode: number; readonly text: string }> {
  let text = '';
  const write = (part: string): void => {
    text += part.replaceAll(folder, '');
  };
  const exitCode = await rulesTest([folder + file], { write, columns: 100, hasColour: false });
  return { exitCode, text };
}

// A test beside promtool holds the verdicts of this table to promtool's.
test.for(unitTestFiles)('$file: $passed passed, $failed failed', async ({ file, passed, failed }) => {
  const { exitCode, text } = await run(file);
  expect({ exitCode, end: text.trim().split('\n').at(-1) }).toEqual({
    exitCode: failed > 0 ? 1 : 0,
    end: `${passed} passed, ${failed} failed`,
  });
});

test.for([
  [
    'recording-wrong.yml',
    `recording-wrong.yml:6 failed job:requests:rate5m at 10m
  other samples come out
  expected                                           actual
  {__name__="job:requests:rate5m", job="a",       <
    origin="rules", team="everybody"} 1           <
                                                  >  {__name__="job:requests:rate5m", job="a",
                                                  >    origin="rules", team="platform"} 1
`,
  ],
  [
    'annotation-missing.yml',
    `annotation-missing.yml:7 failed alert Down at 4m
  other alerts fire
  expected              actual
  alert Down            alert Down
    instance="h:1"        instance="h:1"
    job="api"             job="api"
    severity="page"       severity="page"
                     >    annotation summary="h:1 of API is down"
`,
  ],
  [
    'failing-rule.yml',
    `failing-rule.yml:3 failed
  rule: joined, time: 2m, err: found duplicate series for the match group {a="1"} on the right hand-side of the operation: [{__name__="right_side", a="1", b="2"}, {__name__="right_side", a="1", b="1"}];many-to-many matching not allowed: matching labels must be unique on one side
`,
  ],
  [
    'broken-rules.yml',
    `broken-rules.yml:3 failed
  rules/broken.yml:5:15: group "broken", rule 1, "a": could not parse expression: 1:5: parse error: unclosed left parenthesis

broken-rules.yml:3 failed
  rules/broken.yml:8:25: group "broken", rule 2, "B": annotation "text": template: __alert_B:1: unclosed action
`,
  ],
  [
    'unknown-field.yml',
    `unknown-field.yml:3 failed
  column 3: unknown field input_serie, did you mean input_series?
`,
  ],
] as const)('tells what is wrong in %s', async ([file, expected]) => {
  const { text } = await run(file);
  expect(text.split(`\n${file}: `)[0]).toBe(expected);
});
