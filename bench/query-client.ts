import { Agent } from 'node:http';
import { exchange } from './http.ts';
import type { Target } from './targets/target.ts';

export interface Query {
  readonly query: string;
  readonly endMs: number;
  /** Absent: an instant query at `endMs`. */
  readonly range?: { readonly startMs: number; readonly stepMs: number };
}

/** Asks over a connection that stays open, without looking at the answer before it is whole. */
export class QueryClient {
  readonly target: Target;
  readonly #agent: Agent;
  readonly #mayBeRemembered: boolean;

  /** With `mayBeRemembered` a server may answer from a cache of answers, as it would to a dashboard. */
  constructor(target: Target, { connectionCount = 1, mayBeRemembered = false } = {}) {
    this.target = target;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connectionCount });
    this.#mayBeRemembered = mayBeRemembered;
  }

  /** The body of the answer. @throws when the answer is no 200 */
  ask({ query, endMs, range }: Query): Promise<Buffer> {
    const form: Record<string, string> = { query };
    if (range) {
      form['start'] = `${range.startMs / 1000}`;
      form['end'] = `${endMs / 1000}`;
      form['step'] = `${range.stepMs / 1000}`;
    } else {
      form['time'] = `${endMs / 1000}`;
    }
    return this.call(`/api/v1/${range ? 'query_range' : 'query'}`, form);
  }

  /** Posts a form to a path of the query API. @throws when the answer is no 200 */
  async call(path: string, form: Readonly<Record<string, string>>): Promise<Buffer> {
    const isGet = path.endsWith('/values');
    const text = new URLSearchParams({ ...form, ...(!this.#mayBeRemembered && this.target.uncached) }).toString();
    const { status, body } = await exchange(`${this.target.queryUrl}${path}${isGet ? `?${text}` : ''}`, {
      method: isGet ? 'GET' : 'POST',
      agent: this.#agent,
      headers: {
        ...this.target.headers,
        ...(!isGet && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(!isGet && { body: text }),
    });
    if (status === 200) return body;
    throw new Error(`${this.target.name} answered ${status} to ${text}: ${body.toString().slice(0, 300)}`);
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** The value of an instant query's only series; NaN when there is none. */
export async function askNumber(client: QueryClient, query: string, endMs: number): Promise<number> {
  const { data } = JSON.parse((await client.ask({ query, endMs })).toString()) as {
    data: { result: { value: [number, string] }[] };
  };
  return Number(data.result[0]?.value[1] ?? Number.NaN);
}
