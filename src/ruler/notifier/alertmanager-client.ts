import { readFileSync } from 'node:fs';
import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { AgentOptions } from 'node:https';
import { PocketCortexError } from '../../model/errors.ts';
import type { TlsSettings } from './notifier-settings.ts';

export interface PostRequest {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface PostAnswer {
  readonly status: number;
  readonly statusText: string;
  /** How the body begins. */
  readonly text: string;
}

/** How much of an answer is looked at: it is only for the log. */
const TEXT_LIMIT_CHARACTERS = 150;

/** Posts over connections that are kept open. */
export class AlertmanagerClient {
  readonly #tls: AgentOptions;
  readonly #agents = new Map<string, Promise<Agent>>();

  /** @throws {PocketCortexError} `bad-config` when a certificate cannot be read */
  constructor(tls: TlsSettings) {
    this.#tls = readTls(tls);
  }

  /** @throws what the network says, and the signal's reason */
  async post({ url, body, headers, signal }: PostRequest): Promise<PostAnswer> {
    const isSecure = url.startsWith('https:');
    // The server has one of the two loaded already, and the other only serves who needs it.
    const { request } = isSecure ? await import('node:https') : await import('node:http');
    const agent = await this.#agent(isSecure);
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const sent: ClientRequest = request(url, {
        method: 'POST',
        agent,
        signal,
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      });
      // A signal ends a request with an error of its own, that says less than the signal does.
      const fail = (error: Error): void => reject(signal.aborted ? signal.reason : error);
      sent.on('error', fail);
      sent.on('response', (response: IncomingMessage) => {
        const { statusCode: status = 0, statusMessage: statusText = '' } = response;
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          if (text.length < TEXT_LIMIT_CHARACTERS) text = (text + piece).slice(0, TEXT_LIMIT_CHARACTERS);
        });
        response.on('error', fail);
        response.on('end', () => resolve({ status, statusText, text }));
      });
      sent.end(body);
    });
  }

  /** Closes all connections. Idempotent. */
  async close(): Promise<void> {
    const agents = await Promise.all(this.#agents.values());
    for (const agent of agents) agent.destroy();
  }

  #agent(isSecure: boolean): Promise<Agent> {
    const key = isSecure ? 'https' : 'http';
    const agent = this.#agents.get(key) ?? (isSecure ? secureAgent(this.#tls) : plainAgent());
    this.#agents.set(key, agent);
    return agent;
  }
}

async function secureAgent(tls: AgentOptions): Promise<Agent> {
  const { Agent } = await import('node:https');
  return new Agent({ ...tls, keepAlive: true });
}

async function plainAgent(): Promise<Agent> {
  const { Agent } = await import('node:http');
  return new Agent({ keepAlive: true });
}

function readTls({ certPath, keyPath, caPath, serverName, insecureSkipVerify }: TlsSettings): AgentOptions {
  if (keyPath !== '' && certPath === '') throw badTls('key given but no certificate configured');
  if (certPath !== '' && keyPath === '') throw badTls('certificate given but no key configured');
  return {
    ...(certPath !== '' && { cert: readPem(certPath), key: readPem(keyPath) }),
    ...(caPath !== '' && { ca: readPem(caPath) }),
    ...(serverName !== '' && { servername: serverName }),
    rejectUnauthorized: !insecureSkipVerify,
  };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw badTls((error as Error).message);
  }
}

function badTls(message: string): PocketCortexError {
  return new PocketCortexError('bad-config', `-ruler.alertmanager-client.tls-…: ${message}`);
}
