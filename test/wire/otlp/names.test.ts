import { expect, test } from 'vitest';
import { labelName, metricName, unitName } from '../../../src/wire/otlp/names.ts';

test.for<readonly [name: string, unit: string, kind: 'counter' | 'gauge' | 'other', expected: string]>([
  ['room.temperature', '', 'gauge', 'room_temperature'],
  ['room.temperature', 'Cel', 'gauge', 'room_temperature_celsius'],
  ['requests', '1', 'counter', 'requests_total'],
  ['requests_total', '', 'counter', 'requests_total'],
  ['total.requests', '', 'counter', 'requests_total'],
  ['usage', '1', 'gauge', 'usage_ratio'],
  ['usage', '1', 'other', 'usage'],
  ['disk.bytes', 'By', 'gauge', 'disk_bytes'],
  ['speed', 'm/s', 'gauge', 'speed_meters_per_second'],
  ['speed', 'm/', 'gauge', 'speed_meters'],
  ['flow', '/s', 'gauge', 'flow_per_second'],
  ['io', '{packets}/s', 'counter', 'io_per_second_total'],
  ['odd', 'foo bar', 'gauge', 'odd_foo_bar'],
  ['inherited', 'constructor', 'gauge', 'inherited_constructor'],
  ['a..b__c', '', 'other', 'a_b_c'],
  ['2nd', '', 'other', '_2nd'],
  ['ns:x', '', 'other', 'ns:x'],
])('%s in %s as a %s is %s', ([name, unit, kind, expected]) => {
  expect(metricName({ name, unit, kind }, { suffixes: true })).toEqual({ ok: true, name: expected });
});

test.for([
  ['latency', 's', 'latency'],
  ['a..b__c', '', 'a_b__c'],
  ['2nd', '', '_2nd'],
])('%s without suffixes is %s', ([name, unit, expected]) => {
  expect(metricName({ name: name!, unit: unit!, kind: 'counter' }, { suffixes: false })).toEqual({
    ok: true,
    name: expected,
  });
});

test('a metric of which no name remains is refused', () => {
  const options = { suffixes: true };
  expect(metricName({ name: '...', unit: '', kind: 'other' }, options)).toEqual({
    ok: false,
    message: 'normalization for metric "..." resulted in empty name',
  });
  expect(metricName({ name: '_.', unit: '', kind: 'other' }, { suffixes: false })).toEqual({
    ok: false,
    message: 'normalization for metric "_." resulted in invalid name "_"',
  });
});

test.for([
  ['s', 'seconds'],
  ['By/s', 'bytes_per_second'],
  ['/m', 'per_minute'],
  ['1', ''],
  ['{x}', ''],
  ['a b', 'a_b'],
])('the unit %s is %s', ([unit, expected]) => {
  expect(unitName(unit!)).toBe(expected);
});

test.for([
  ['http.method', 'http_method'],
  ['1st', 'key_1st'],
  ['_x', '_x'],
  ['__x.y__', '__x_y__'],
  ['a..b', 'a_b'],
  ['ünï', '_n_'],
])('the attribute %s is the label %s', ([attribute, expected]) => {
  expect(labelName(attribute!)).toEqual({ ok: true, name: expected });
});

test.for([
  ['', 'label name is empty'],
  ['...', 'normalization for label name "..." resulted in invalid name "_"'],
])('the attribute %j is refused', ([attribute, message]) => {
  expect(labelName(attribute!)).toEqual({ ok: false, message });
});
