import pino, { type DestinationStream, type Logger } from 'pino';
import type { Clock } from '../model/clock.ts';

export interface LoggerOptions {
  readonly format: string;
  readonly level: string;
  readonly clock: Clock;
  /** Where lines go, each with its newline. */
  readonly write: (line: string) => void;
}

/** The program's logger: lines as Cortex's, in logfmt or JSON, with the time of `clock`. */
export function createLogger({ format, level, clock, write }: LoggerOptions): Logger {
  const destination: DestinationStream = { write: format === 'json' ? write : (line) => write(jsonToLogfmt(line)) };
  return pino(
    {
      level,
      base: null,
      messageKey: 'msg',
      errorKey: 'err',
      timestamp: () => `,"ts":"${new Date(clock.nowMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : error) },
    },
    destination,
  );
}

/** `ts=… level=info msg="…" key=value`, from a line of JSON. */
function jsonToLogfmt(line: string): string {
  const { ts, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const parts = Object.entries({ ts, level, msg, ...fields })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${logfmtValue(value)}`);
  return `${parts.join(' ')}\n`;
}

function logfmtValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"=\\]+$/.test(text) ? text : JSON.stringify(text);
}
