import { Agent, request } from 'node:http';
import type { Target } from './targets.ts';

export interface Query {
  readonly query: string;
  readonly endMs: number;
  /** Absent: an instant query at `endMs`. */
  readonly range?: { readonly startMs: number; readonly stepMs: number };
}

/** Asks over one connection that stays open, without looking at the answer before it is whole. */
export class QueryClient {
  readonly #target: Target;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(target: Target) {
    this.#target = target;
  }

  /** The body of the answer. @throws when the answer is no 200 */
  ask({ query, endMs, range }: Query): Promise<string> {
    const form = new URLSearchParams({ query });
    if (range) {
      form.set('start', `${range.startMs / 1000}`);
      form.set('end', `${endMs / 1000}`);
      form.set('step', `${range.stepMs / 1000}`);
    } else {
      form.set('time', `${endMs / 1000}`);
    }
    return this.#post(`/api/v1/${range ? 'query_range' : 'query'}`, form.toString());
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(path: string, body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        this.#target.queryUrl + path,
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            ...this.#target.headers,
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': Buffer.byteLength(body),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            if (response.statusCode === 200) resolve(text);
            else reject(new Error(`${this.#target.name} answered ${response.statusCode} to ${body}: ${text}`));
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}
