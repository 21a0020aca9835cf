import { type Agent, request } from 'node:http';

export interface Exchange {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array | string;
  /** Absent: a connection of its own. */
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Sends a request and waits for the whole answer; nothing is done with it that would take the sender's time. */
export function exchange(url: string, { method = 'GET', headers = {}, body, agent }: Exchange = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const outgoing = request(url, { method, agent: agent ?? false, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The text of an answer. @throws when its status is no 2xx */
export async function askOk(url: string, options: Exchange = {}): Promise<string> {
  const { status, body } = await exchange(url, options);
  const text = body.toString();
  if (status < 200 || status > 299) throw new Error(`${url} answered ${status}: ${text.slice(0, 500)}`);
  return text;
}
