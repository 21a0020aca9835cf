import type { YamlFile, YamlNode } from '../../ruler/rule-file/yaml-file.ts';
import { FieldReader } from './field-reader.ts';
import { readMoment } from './read-incident.ts';
import type { Expectation } from './scenario.ts';
import { scenarioKeys } from './scenario-keys.ts';

export function readExpectation(yaml: YamlFile, node: YamlNode): Expectation {
  const fields = new FieldReader(yaml, node, scenarioKeys.expectation);
  const place = {
    line: yaml.placeOf(node).line,
    when: readMoment(fields, 'a time: +10m or -2d from the start, or 2026-01-05T12:00:00Z'),
    tenant: fields.text('tenant'),
  };
  if (fields.has('alert') === fields.has('query')) fields.fail('at', 'expected either an alert or a query');
  if (fields.has('alert')) {
    return {
      ...place,
      kind: 'alert',
      alert: fields.name('alert'),
      state: fields.choice('state', ['inactive', 'pending', 'firing'], 'firing'),
      labels: yaml.texts(fields.at('labels')),
    };
  }
  const value = fields.has('value') ? fields.number('value', 0) : undefined;
  const slack = Math.abs(value ?? 0) * fields.share('within', 0, 10);
  const atLeast = fields.number('at_least', value === undefined ? -Infinity : value - slack);
  const atMost = fields.number('at_most', value === undefined ? Infinity : value + slack);
  if (atLeast === -Infinity && atMost === Infinity) fields.fail('query', 'expected value, at_least or at_most');
  return { ...place, kind: 'value', query: fields.name('query'), atLeast, atMost };
}
