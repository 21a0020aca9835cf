import { describe, expect, test } from 'vitest';
import { NativeHistogram } from '../../../src/model/native-histogram.ts';
import { checkTemplate, expandTemplate } from '../../../src/ruler/template/expand.ts';
import { templateContext } from '../../support/template-context.ts';
import { readTemplateCases } from './case-file.ts';

const context = templateContext();

// A test beside promtool holds these files to what Prometheus gives; the newer ones follow its source.
describe.each(['expansions.txt', 'newer.txt'])('%s', (file) => {
  test.for(readTemplateCases(file))('$template', async ({ template, expected }) => {
    expect(await expandTemplate(template, context)).toBe(expected);
  });
});

describe('syntax-errors.txt', () => {
  test.for(readTemplateCases('syntax-errors.txt'))('$template', ({ template, expected }) => {
    expect(checkTemplate(template, '__alert_T')).toBe(expected);
  });
});

test.for(readTemplateCases('expansions.txt'))('finds no fault with the syntax of $template', ({ template }) => {
  expect(checkTemplate(template, '__alert_T')).toBeUndefined();
});

test('puts what is wrong with the syntax into the text, and tells it', async () => {
  const told: string[] = [];
  const text = await expandTemplate('{{ $value', templateContext({ onFailure: (message) => told.push(message) }));
  const message = 'error parsing template __alert_T: template: __alert_T:1: unclosed action';
  expect({ text, told }).toEqual({ text: `<error expanding template: ${message}>`, told: [message] });
});

test('knows the external URL, in whole and its path', async () => {
  const template = '{{ externalURL }} {{ pathPrefix }} {{ $externalURL }}';
  const expanded = await expandTemplate(template, templateContext({ externalUrl: 'https://cortex.example/prom?x=1' }));
  expect(expanded).toBe('https://cortex.example/prom?x=1 /prom https://cortex.example/prom?x=1');
});

test('a native histogram is a value with fields', async () => {
  const value = new NativeHistogram({ schema: 0, count: 3, sum: 2.5 });
  const template = '{{ $value }} {{ $value.Count }} {{ .Value.Sum }}';
  expect(await expandTemplate(template, templateContext({ value }))).toBe('{count:3, sum:2.5} 3 2.5');
});

test.for([
  ['an endless loop', '{{ range 1000000000 }}{{ end }}', 'template takes more than 2000000 steps'],
  [
    'an endless recursion',
    '{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}',
    'exceeded maximum template depth (100000)',
  ],
  [
    'a text that doubles',
    '{{ $x := "0123456789" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}',
    'text is longer than 4194304 characters',
  ],
  [
    'a wide format',
    `{{ printf "${'%1000000d'.repeat(10)}" 1 2 3 4 5 6 7 8 9 10 }}`,
    'text is longer than 4194304 characters',
  ],
  ['much text', '{{ range 100000 }}{{ $labels }}{{ $labels }}{{ end }}', 'text is longer than 4194304 characters'],
] as const)('ends %s', async ([, template, message]) => {
  expect(await expandTemplate(template, context)).toContain(message);
});

test.for(['(', '}}{{ if 1 '])('ends what nests for ever with %s', (opening) => {
  expect(checkTemplate(`{{ 1 ${opening.repeat(100_000)}`, 'x')).toBe('template: x:1: max expression depth exceeded');
});

test('lets others work during long work, and while a query runs', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  await expandTemplate('{{ range 1000000 }}{{ end }}', context);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
});
