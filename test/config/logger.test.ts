import { expect, test } from 'vitest';
import { createLogger } from '../../src/config/logger.ts';
import { ManualClock } from '../../src/model/clock.ts';

function log(format: string, level: string, fields: object, message: string): string {
  let text = '';
  const clock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 6));
  const write = (line: string): void => {
    text += line;
  };
  createLogger({ format, level, clock, write }).info(fields, message);
  return text;
}

const lines: [format: string, fields: object, message: string, line: string][] = [
  ['logfmt', {}, 'ready', 'ts=2026-01-02T03:04:05.006Z level=info msg=ready\n'],
  [
    'logfmt',
    { port: 9009, path: '/a b' },
    'it is ready',
    'ts=2026-01-02T03:04:05.006Z level=info msg="it is ready" port=9009 path="/a b"\n',
  ],
  [
    'logfmt',
    { tenant: '', text: 'say "hi"\n', list: [1, 2] },
    'x=y',
    'ts=2026-01-02T03:04:05.006Z level=info msg="x=y" tenant="" text="say \\"hi\\"\\n" list=[1,2]\n',
  ],
  ['json', { port: 9009 }, 'ready', '{"level":"info","ts":"2026-01-02T03:04:05.006Z","port":9009,"msg":"ready"}\n'],
];
test.for(lines)('writes %s lines with the time of the clock: %j', ([format, fields, message, line]) => {
  expect(log(format, 'info', fields, message)).toBe(line);
});

test('leaves out what is below the level', () => {
  expect(log('logfmt', 'warn', {}, 'ready')).toBe('');
});
