import fc from 'fast-check';
import { test } from 'vitest';
import { checkTemplate, expandTemplate } from '../../../src/ruler/template/expand.ts';
import { builtinNames, prometheusNames } from '../../../src/ruler/template/function-names.ts';
import { templateContext } from '../../support/template-context.ts';

const context = templateContext();

const operand = fc.constantFrom(
  ...['.', '$', '$value', '$labels', '.Labels.job', '(query "up")', '(args 1 "b")', '(toTime 5.0)', '1', '-2.5', '1i'],
  ...['"a"', '"%5.2f"', '`r`', "'x'", 'true', 'nil', '(index (query "up") 0)', '$x', '.Nope'],
);
const command = fc
  .tuple(fc.constantFrom(...builtinNames, ...prometheusNames), fc.array(operand, { maxLength: 3 }))
  .map(([name, operands]) => [name, ...operands].join(' '));
const pipeline = fc.array(fc.oneof(operand, command), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' | '));
const piece = fc.oneof(
  pipeline.map((text) => `{{ ${text} }}`),
  pipeline.map((text) => `{{ if ${text} }}`),
  pipeline.map((text) => `{{ range $i, $x := ${text} }}`),
  pipeline.map((text) => `{{ with $x := ${text} }}`),
  fc.constantFrom(
    '{{ end }}',
    '{{ else }}',
    '{{ break }}',
    '{{- /* c */ -}}',
    '{{ define "t" }}',
    '{{ template "t" . }}',
  ),
  fc.constantFrom('{{', '}}', '(', ')', '"', '|', ' text ', '\n', ':=', '\ud800', '\udcff', 'é'),
);
const template = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

test('every template becomes a text, whatever it says', async () => {
  await fc.assert(
    fc.asyncProperty(template, async (text) => {
      const fault = checkTemplate(text, 'x');
      const expanded = await expandTemplate(text, context);
      return (
        typeof expanded === 'string' && (fault === undefined || !text.includes('{{') || expanded.includes('<error'))
      );
    }),
    { numRuns: 2000 },
  );
});
