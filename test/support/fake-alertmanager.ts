import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that came in. */
export interface TakenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a fake Alertmanager does with a request: answers with this status, or never. */
export type Behaviour = number | 'hang';

/** Listens where an Alertmanager would and behaves as told. */
export class FakeAlertmanager {
  readonly requests: TakenRequest[] = [];
  /** What to do with the requests to come, in order; 200 when it is empty. */
  readonly behaviours: Behaviour[] = [];
  readonly #server: Server;
  readonly #arrivals: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeAlertmanager> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const fake = new FakeAlertmanager(server);
    server.on('request', (request, response) => fake.#take(request, response));
    return fake;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** The alerts of all requests. */
  get alerts(): unknown[] {
    return this.requests.flatMap(({ body }) => JSON.parse(body) as unknown[]);
  }

  /** Resolves when so many requests have come in. */
  async arrived(count: number): Promise<void> {
    while (this.requests.length < count) await new Promise<void>((resolve) => this.#arrivals.push(resolve));
  }

  /** Cuts all connections. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: path = '', headers } = request;
    this.requests.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
    const behaviour = this.behaviours.shift() ?? 200;
    if (behaviour !== 'hang') response.writeHead(behaviour).end(behaviour === 200 ? '' : 'the fake says no');
    for (const arrival of this.#arrivals.splice(0)) arrival();
  }
}
