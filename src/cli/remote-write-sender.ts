import { type Clock, sleep } from '../model/clock.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { WriteBatch } from '../model/write-batch.ts';
import { encodeBatch } from '../wire/remote-write-forward.ts';
import { compressSnappy } from '../wire/snappy.ts';

export interface SenderOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Is told why a request has to be sent again, and when. */
  readonly onRetry: (reason: string, delayMs: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What the server said in the end: `status` is 2xx or 4xx. */
export interface SenderAnswer {
  readonly status: number;
  readonly text: string;
}

const ATTEMPTS_LIMIT = 8;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;

/**
 * Sends batches as remote write 1.0, one after the other. What a server cannot take now (429, 5xx, no connection) is
 * sent again, later each time or when the server says, eight times in all.
 */
export class RemoteWriteSender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** @throws {PocketCortexError} `internal` when the server has not taken it in the end, and the signal's reason */
  async send(batch: WriteBatch): Promise<SenderAnswer> {
    const { url, clock, onRetry, signal } = this.#options;
    const body = Buffer.from(compressSnappy(encodeBatch(batch)));
    let delayMs = FIRST_DELAY_MS;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#post(body);
      if (answer.status > 0 && answer.status < 500 && answer.status !== 429) return answer;
      const reason = answer.status === 0 ? answer.text : `${answer.status} ${answer.text}`;
      if (attempt === ATTEMPTS_LIMIT) throw new PocketCortexError('internal', `${url}: ${reason}`);
      const waitMs = answer.retryAfterMs ?? delayMs;
      onRetry(reason, waitMs);
      await sleep(clock, waitMs, signal);
      signal?.throwIfAborted();
      delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2);
    }
  }

  /** Status 0 is no answer at all. */
  async #post(body: Buffer): Promise<SenderAnswer & { readonly retryAfterMs?: number }> {
    const { url, headers, signal } = this.#options;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          'x-prometheus-remote-write-version': '0.1.0',
          'user-agent': 'pocket-cortex',
          ...headers,
        },
        body,
        redirect: 'error',
        ...(signal && { signal }),
      });
      const text = (await response.text()).trim();
      const seconds = Number(response.headers.get('retry-after') ?? NaN);
      const { status } = response;
      return Number.isFinite(seconds) ? { status, text, retryAfterMs: seconds * 1000 } : { status, text };
    } catch (error) {
      signal?.throwIfAborted();
      return { status: 0, text: networkText(error) };
    }
  }
}

/** `fetch` says no more than "fetch failed" itself. */
export function networkText(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || `${(cause as NodeJS.ErrnoException).code}` : message;
}
