import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readString } from '../../src/ruler/template/literals.ts';
import { readTemplateCases, type TemplateCase } from '../ruler/template/case-file.ts';
import { promtool, runProgram } from '../support/promtool.ts';
import { templateExternalLabels, templateSeries } from '../support/template-context.ts';

const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-templates-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One alert with an annotation for each template: JSON is YAML. */
function ruleFile(cases: readonly TemplateCase[]): string {
  const annotations = Object.fromEntries(cases.map(({ template }, index) => [nameOf(index), template]));
  return JSON.stringify({ groups: [{ name: 'g', rules: [{ alert: 'T', expr: 'm', annotations }] }] });
}

function nameOf(index: number): string {
  return `a${String(index).padStart(4, '0')}`;
}

// What the tables say of a template, promtool says: the tests of the interpreter hold it to the same tables.
describe.skipIf(promtool === undefined)('promtool', () => {
  test('expands the templates as the table says', async () => {
    const cases = readTemplateCases('expansions.txt');
    writeFileSync(join(folder, 'rules.yml'), ruleFile(cases));
    const unit = {
      external_labels: templateExternalLabels,
      input_series: templateSeries.map(([series, values]) => ({ series, values })),
      // Nothing is expected, so that what comes is told.
      alert_rule_test: [{ alertname: 'T', eval_time: '5m', exp_alerts: [] }],
    };
    writeFileSync(join(folder, 'test.yml'), JSON.stringify({ rule_files: ['rules.yml'], tests: [unit] }));
    const { stderr } = await runProgram(promtool!, ['test', 'rules', 'test.yml'], folder);
    const told = new Map([...stderr.matchAll(/(a\d{4})=("(?:[^"\\]|\\.)*")/g)].map(([, name, text]) => [name, text]));
    const actual = cases.map(({ template }, index) => ({
      template,
      expected: readString(told.get(nameOf(index)) ?? '""'),
    }));
    expect(actual).toEqual(cases);
  });

  test('finds the faults with templates that the table names', async () => {
    const cases = readTemplateCases('syntax-errors.txt');
    writeFileSync(join(folder, 'broken.yml'), ruleFile(cases));
    const { stderr } = await runProgram(promtool!, ['check', 'rules', 'broken.yml'], folder);
    const lines = stderr.split(/^broken\.yml: group "g", rule 1, "T": annotation /m).slice(1);
    const told = new Map(lines.map((line) => [line.slice(1, 6), line.slice(9).trimEnd()]));
    const actual = cases.map(({ template }, index) => ({ template, expected: told.get(nameOf(index)) }));
    expect(actual).toEqual(cases);
  });
});
