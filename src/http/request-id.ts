import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const LENGTH_LIMIT = 200;

/**
 * What a request is called in logs: what the configured header says, as in Cortex; else the trace that it is a part of
 * (W3C's `traceparent`), so that logs and traces are found together; else a name of its own.
 */
export function requestIds(header: string): (request: IncomingMessage) => string {
  const name = header.toLowerCase();
  return ({ headers }) => {
    const given = name === '' ? undefined : headers[name];
    if (typeof given === 'string' && given !== '') return given.slice(0, LENGTH_LIMIT);
    const { traceparent } = headers;
    const trace = traceparent === undefined ? null : /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-/.exec(`${traceparent}`);
    return trace?.[1] ?? randomUUID();
  };
}
