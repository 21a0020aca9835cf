import { Agent } from 'node:http';
import { exchange } from '../http.ts';
import type { Target } from '../targets/target.ts';

/** What Prometheus sends in one request by default. */
export const SAMPLES_PER_REQUEST = 2000;

/** The messages of remote write. */
export type WriteVersion = 1 | 2;

const contentTypes: Readonly<Record<WriteVersion, string>> = {
  1: 'application/x-protobuf',
  2: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
};

/**
 * Posts `bodies` one after the other over one connection that stays open.
 * @throws when one of them is not accepted
 */
export async function pushInOrder(
  target: Target,
  bodies: Iterable<Uint8Array>,
  version: WriteVersion = 1,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (const body of bodies) await push(target, body, { agent, version });
  } finally {
    agent.destroy();
  }
}

/** Posts one request. @throws when it is not accepted */
export async function push(
  target: Target,
  body: Uint8Array,
  { agent, version = 1 }: { readonly agent: Agent; readonly version?: WriteVersion },
): Promise<void> {
  const answer = await exchange(target.pushUrl, {
    method: 'POST',
    agent,
    body,
    headers: {
      ...target.headers,
      'content-type': contentTypes[version],
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': version === 1 ? '0.1.0' : '2.0.0',
    },
  });
  if (answer.status < 200 || answer.status > 299) {
    throw new Error(`${target.name} answered a push with ${answer.status}: ${answer.body.toString().slice(0, 500)}`);
  }
}
